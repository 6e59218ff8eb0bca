"""The real operator as a process with the chart's rights, on a control plane without node. For tests and benchmarks."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from prometheus_client.parser import text_string_to_metric_families

from cache_folder import CACHE

ROOT = Path(__file__).resolve().parents[1]
SYSTEM = "noria-system"
ACCOUNT = f"system:serviceaccount:{SYSTEM}:noria"


@dataclass(frozen=True)
class ControlPlane:
    """A running control plane and its files."""

    state: Path

    @property
    def admin(self) -> Path:
        """The administrator's kubeconfig."""
        return self.state / "admin.conf"

    def kubectl(self, *arguments: str, input: str | None = None) -> str:
        """Standard output of kubectl as administrator."""
        return _output("kubectl", "--kubeconfig", str(self.admin), *arguments, input=input)

    def install(self, namespace: str = SYSTEM, *values: str) -> Path:
        """Apply what the chart makes but for the operator's pods; the kubeconfig of its service account."""
        chart, settings = str(ROOT / "helm/noria"), [f"--set={value}" for value in values]
        rendered = _output("helm", "template", "noria", chart, "--namespace", namespace, *settings)
        made = [body for body in yaml.safe_load_all(rendered) if body and body["kind"] != "Deployment"]
        home = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        self.kubectl("apply", "--server-side", "-f", "-", input=yaml.safe_dump_all([home, *made]))
        self.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
        token = self.kubectl("create", "token", "noria", "--namespace", namespace, "--duration=6h").strip()
        config = yaml.safe_load(self.admin.read_text())
        config["users"][0]["user"] = {"token": token}
        path = self.state / f"{namespace}.conf"
        path.write_text(yaml.safe_dump(config))
        return path

    @contextmanager
    def silence(self) -> Iterator[None]:
        """While the block runs the API server takes connections and does not answer."""
        processes = (line.split() for line in (self.state / "processes").read_text().splitlines())
        server = next(int(pid) for pid, _, name in processes if name == "kube-apiserver")
        os.kill(server, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(server, signal.SIGCONT)

    def audit(self) -> list[dict[str, Any]]:
        """The audit log's lines of the operator's writes, Leases left out."""
        with (self.state / "log/audit.log").open() as log:
            lines = (line for line in log if line.endswith("\n"))  # the last may not be whole yet
            events = [json.loads(line) for line in lines if f'"username":"{ACCOUNT}"' in line]
        return [event for event in events if event["objectRef"]["resource"] != "leases"]

    async def writes(self, namespace: str) -> list[str]:
        """What the operator wrote in a namespace, by resource, once a second brings no more.

        The audit log's line of a write comes after its answer, and what is written is seen even before that.
        """
        before: list[str] | None = None
        async with asyncio.timeout(60):
            while True:
                about = (event["objectRef"] for event in self.audit())
                writes = [one["resource"] for one in about if one["namespace"] == namespace]
                if writes == before:
                    return writes
                before = writes
                await asyncio.sleep(1)


@contextmanager
def control_plane(name: str, port: int, *, controllers: bool = True) -> Iterator[ControlPlane]:
    """etcd, API server, controllers and scheduler on ports from this one, with an audit log, while the block runs."""
    script = str(ROOT / "localcluster/control-plane")
    state = CACHE / "cluster" / name
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("CLUSTER_")},
        "CLUSTER_NAME": name,
        "CLUSTER_STATE": str(state),
        "CONTROL_PORT": str(port),
        "CLUSTER_AUDIT": "1",
        "CLUSTER_CONTROLLERS": "yes" if controllers else "no",
    }
    subprocess.run([script, "down"], env=environment, check=True)
    subprocess.run([script, "up"], env=environment, check=True)
    tools = "source localcluster/common.sh; source localcluster/programs.sh; get_tools >&2; echo $PATH"
    found = subprocess.run(
        ["bash", "-ec", tools], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    os.environ["PATH"] = found.stdout.strip()
    try:
        yield ControlPlane(state)
    finally:
        subprocess.run([script, "down"], env=environment, check=True)


@dataclass
class Operator:
    """A replica."""

    process: asyncio.subprocess.Process
    port: int
    log: Path

    async def page(self, path: str) -> tuple[int, str]:
        """Status and text of a page of its probes and metrics."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.port}{path}") as answer,
        ):
            return answer.status, await answer.text()

    async def wait_until_ready(self, *, timeout: float = 120) -> None:
        """Return once /readyz says so."""
        async with asyncio.timeout(timeout):
            while True:
                assert self.process.returncode is None, self.log.read_text()[-4000:]
                try:
                    if (await self.page("/readyz"))[0] == 200:
                        return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)

    async def wait_until_leading(self, *, timeout: float = 120) -> None:
        """Return once it is the leader."""
        await self.wait_until_ready(timeout=timeout)
        async with asyncio.timeout(timeout):
            while "noria_leader_replicas 1.0" not in (await self.page("/metrics"))[1]:
                await asyncio.sleep(0.1)

    async def counted(self, metric: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels."""
        families = text_string_to_metric_families((await self.page("/metrics"))[1])
        samples = (sample for family in families for sample in family.samples if sample.name == metric)
        return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())

    async def reconciles(self) -> float:
        """Reconciles so far, of all objects."""
        return await self.counted("noria_reconcile_total")

    async def wait_for_reconciles(self, count: float, *, timeout: float = 60) -> None:
        """Return once there were so many."""
        async with asyncio.timeout(timeout):
            while await self.reconciles() < count:
                await asyncio.sleep(0.1)

    def memory(self) -> float:
        """Most resident memory so far, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))

    def cpu_seconds(self) -> float:
        """CPU time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def kill(self) -> None:
        """End it as a failing node would."""
        self.process.kill()
        await self.process.wait()

    async def terminate(self) -> int:
        """End it as a rollout would; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 60)


@asynccontextmanager
async def operator(kubeconfig: Path, log: Path, **settings: str) -> AsyncIterator[Operator]:
    """A replica with these settings (NORIA_* by lower-case name) while the block runs.

    It does not look into the bucket unless they say so: tests that take minutes count its writes.
    """
    port = _free_port()
    given = {"namespace": SYSTEM, "listen_port": str(port), "presence_seconds": "0", **settings}
    variables = {f"NORIA_{name.upper()}": value for name, value in given.items()}
    environment = {**os.environ, **variables, "KUBECONFIG": str(kubeconfig)}
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "noria", env=environment, stdout=output, stderr=output
        )
    replica = Operator(process, port, log)
    try:
        yield replica
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 60)


def _output(*command: str, input: str | None = None) -> str:
    return subprocess.run(command, input=input, check=True, stdout=subprocess.PIPE, text=True).stdout


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
