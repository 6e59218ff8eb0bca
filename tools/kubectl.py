"""Talks to a cluster the way a user does, through kubectl. Used by `demo`."""

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

KUBECTL = os.environ.get("KUBECTL", "kubectl")


class KubectlError(Exception):
    """What kubectl wrote to standard error."""


@dataclass(frozen=True)
class Kubectl:
    """kubectl for one namespace, and one context where the current one is not meant."""

    namespace: str
    context: str | None = None

    @property
    def command(self) -> list[str]:
        """kubectl with its context and namespace."""
        return [KUBECTL, *(["--context", self.context] if self.context else []), "--namespace", self.namespace]

    def run(self, *args: str, input: str | None = None) -> str:
        """Standard output of kubectl; its complaint is raised."""
        done = subprocess.run([*self.command, *args], input=input, capture_output=True, text=True)
        if done.returncode:
            raise KubectlError(done.stderr.strip() or f"kubectl {' '.join(args)}: exit {done.returncode}")
        return done.stdout

    def apply(self, *objects: Mapping[str, Any], strict: bool = True) -> str:
        """Applies objects as `kubectl apply -f` does."""
        documents = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        return self.run("apply", "-f", "-", *([] if strict else ["--validate=false"]), input=documents)

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """One object."""
        return json.loads(self.run("get", kind, name, "-o", "json"))  # type: ignore[no-any-return]  # JSON of an object

    def list(self, kind: str, selector: str = "") -> list[dict[str, Any]]:
        """The objects of a kind with these labels."""
        return json.loads(self.run("get", kind, "-l", selector, "-o", "json"))["items"]  # type: ignore[no-any-return]

    def wait(
        self,
        kind: str,
        name: str,
        until: Callable[[dict[str, Any]], bool],
        *,
        timeout: float,
        progress: Callable[[dict[str, Any]], None] = lambda _: None,
    ) -> dict[str, Any]:
        """The object once `until` holds; looks every second and raises TimeoutError with the last status."""
        deadline = time.monotonic() + timeout
        while True:
            found = self.get(kind, name)
            progress(found)
            if until(found):
                return found
            if time.monotonic() > deadline:
                status = json.dumps(found.get("status"), indent=1)
                raise TimeoutError(f"{kind} {name} did not get there in {timeout:.0f} s; its status: {status}")
            time.sleep(1)

    @contextmanager
    def port_forward(self, target: str, port: int) -> Iterator[int]:
        """A local port that leads to `target` (such as svc/name) while the block runs."""
        command = [*self.command, "port-forward", target, f":{port}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            try:
                found = re.search(r"127\.0\.0\.1:(\d+)", process.stdout.readline())
                if not found:
                    raise KubectlError(process.stderr.read().strip())
                yield int(found[1])
            finally:
                process.terminate()


def condition(found: Mapping[str, Any], type: str) -> dict[str, Any]:
    """The condition of this type, empty while there is none."""
    conditions = found.get("status", {}).get("conditions", [])
    return next((dict(each) for each in conditions if each["type"] == type), {})


def is_true(found: Mapping[str, Any], type: str) -> bool:
    """Whether a condition is True and speaks of the present spec."""
    current = found.get("status", {}).get("observedGeneration") == found["metadata"]["generation"]
    return current and condition(found, type).get("status") == "True"


def is_settled(found: Mapping[str, Any]) -> bool:
    """Whether a kind of ours is Ready or Stalled, so that nothing more happens by itself."""
    return is_true(found, "Ready") or is_true(found, "Stalled")
