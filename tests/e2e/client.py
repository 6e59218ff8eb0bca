"""A client inside the cluster that asks a Model at a steady rate, whatever becomes of its requests, and counts."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from e2e.objects import ready, script_pod
from kubectl import Kubectl, KubectlError

RATE, MOST_SECONDS, PATIENCE_SECONDS = 10, 7200, 30
ASK = """
import collections, concurrent.futures, json, sys, time, urllib.error, urllib.request
url, body, rate, most, patience = sys.argv[1], sys.argv[2].encode(), *map(float, sys.argv[3:])
count = collections.Counter()

def ask():
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body), timeout=patience) as answer:
            json.load(answer)
        count["answered"] += 1
    except urllib.error.HTTPError as error:
        count[f"HTTP {error.code}"] += 1
    except Exception as error:
        count[f"{type(error).__name__}: {error}"] += 1

begun = shown = time.monotonic()
with concurrent.futures.ThreadPoolExecutor(64) as threads:
    for number in range(int(rate * most)):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        threads.submit(ask)
        if time.monotonic() >= shown + 1:
            shown = time.monotonic()
            print(json.dumps(count), flush=True)
"""


@dataclass(frozen=True)
class Client:
    """Asks as long as its block runs, each time on a new connection."""

    kubectl: Kubectl
    name: str

    def counts(self) -> dict[str, int]:
        """Requests by outcome so far: those `answered`, and the failed ones by what was wrong."""
        try:
            lines = self.kubectl.run("logs", self.name, "--tail=1").splitlines()
        except KubectlError:  # its container is not started yet
            return {}
        return json.loads(lines[-1]) if lines else {}

    def failed(self) -> dict[str, int]:
        """The failed requests by what was wrong."""
        return {outcome: count for outcome, count in self.counts().items() if outcome != "answered"}

    def wait_for_answers(self, more: int, *, timeout: float = 120) -> None:
        """Until so many more requests are answered."""
        goal, end = self.counts().get("answered", 0) + more, time.monotonic() + timeout
        while (counts := self.counts()).get("answered", 0) < goal:
            assert time.monotonic() < end, counts
            time.sleep(1)


@contextmanager
def asking(kubectl: Kubectl, model: str, instances: list[Any]) -> Iterator[Client]:
    """A client that asks the Model for predictions of these instances."""
    url = ready(kubectl, "Model", model, timeout=300)["status"]["url"]
    image = kubectl.get("deployment", model)["spec"]["template"]["spec"]["containers"][0]["image"]
    settings = map(str, (RATE, MOST_SECONDS, PATIENCE_SECONDS))
    body = json.dumps({"instances": instances})
    client = Client(kubectl, f"ask-{model}")
    kubectl.apply(script_pod(client.name, image, ASK, f"{url}:predict", body, *settings))
    client.wait_for_answers(1)
    yield client
    kubectl.run("delete", "pod", client.name, "--wait=false")
