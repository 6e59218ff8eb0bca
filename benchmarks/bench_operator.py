"""How fast the operator is and what a TrainingJob costs it, on a real API server on the same machine.

`make bench-operator`, or `python benchmarks/bench_operator.py [JOBS [STEADY]]`. No controllers and no node run: this
program plays the Job controller and the kubelet, so that what is measured is the operator beside an API server. First
JOBS TrainingJobs are created as fast as the server takes them, and once each has its first child their lives are played
to the end, five trials each. Then STEADY more are created at 20 per second. Times and writes are read from the server's
audit log. A row is added to `benchmarks/results/operator.json`.
"""

import asyncio
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests")]

from kinds import dataset, is_ready, training_job  # noqa: E402  # after the path to them
from kubernetes_api import Api, ApiError, Body, Namespace, connect  # noqa: E402
from operator_process import ControlPlane, Operator, control_plane, operator  # noqa: E402
from played_node import STRATEGIC, Play  # noqa: E402

RESULTS = ROOT / "benchmarks/results/operator.json"
PORT = 16_840
AT_ONCE = 50
"""Requests of this program under way at a time."""
RATE = 20.0
"""Creations per second of the steady part."""


class PlayedJobs:
    """Plays the Job controller and the kubelet: each Job gets a pod that reports at once, and is complete."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace
        self._play = Play()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._known: set[str] = set()
        self.released = asyncio.Event()
        """Until then Jobs are only seen."""
        self.owners: set[str] = set()
        """Names of objects that have a Job."""

    async def run(self) -> None:
        """Play until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                async for event in self._namespace.api.watch(self._namespace.path("Job")):
                    job = event["object"]
                    if event["type"] == "ADDED" and job["metadata"]["uid"] not in self._known:
                        self._known.add(job["metadata"]["uid"])
                        self.owners.add(job["metadata"]["ownerReferences"][0]["name"])
                        group.create_task(self._finish(job))

    async def _finish(self, job: Body) -> None:
        await self.released.wait()
        name, template = job["metadata"]["name"], job["spec"]["template"]
        owner = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "name": name,
            "uid": job["metadata"]["uid"],
            "controller": True,
        }
        metadata = {"name": name, "labels": template["metadata"]["labels"], "ownerReferences": [owner]}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
        async with self._slots:
            pod = await self._namespace.create(pod)
            path, status = self._namespace.path("Pod", name), {"status": self._reported(pod)}
            await self._namespace.api.request("PATCH", f"{path}/status", status, content_type=STRATEGIC)
            await self._namespace.merge("Job", name, {"status": _complete()}, subresource="/status")

    def _reported(self, pod: Body) -> Body:
        ending = self._play.ending(pod)
        assert ending is not None
        state = {"terminated": {"exitCode": 0, "reason": "Completed", "message": ending.message, "finishedAt": _now()}}
        container = {"name": pod["spec"]["containers"][0]["name"], "image": "", "imageID": "", "state": state}
        return {"phase": "Succeeded", "containerStatuses": [{**container, "ready": False, "restartCount": 0}]}


def _complete() -> Body:
    """The status of a Job that is done."""
    ends = ("SuccessCriteriaMet", "Complete")
    conditions = [{"type": type, "status": "True", "lastTransitionTime": _now()} for type in ends]
    return {"startTime": _now(), "completionTime": _now(), "succeeded": 1, "conditions": conditions}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def main(jobs: int, steady: int) -> None:
    """Measure, print and keep."""
    with control_plane("operator-bench", PORT, controllers=False) as plane:
        kubeconfig = plane.install()
        log = plane.state / "operator.log"
        async with connect(plane.admin) as api, operator(kubeconfig, log) as replica:
            await replica.wait_until_leading()
            namespace = await _prepared(api)
            async with _playing(namespace) as (player, playing):
                measuring = asyncio.create_task(_measure(plane, replica, namespace, player, jobs=jobs, steady=steady))
                ended = asyncio.create_task(replica.process.wait())
                await asyncio.wait({measuring, ended, playing}, return_when=asyncio.FIRST_COMPLETED)
                if playing.done():
                    playing.result()
                assert not ended.done(), f"the operator ended: {log.read_text()[-2000:]}"
                ended.cancel()
                row = measuring.result()
    rows = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    RESULTS.write_text(json.dumps([*rows, row], indent=1) + "\n")
    print(json.dumps(row, indent=1))


async def _prepared(api: Api) -> Namespace:
    """A namespace that pods can be made in though no controller runs."""
    await api.request("POST", "/api/v1/namespaces", {"metadata": {"name": "bench"}})
    account = {"metadata": {"name": "default"}}
    with suppress(ApiError):  # there is one already
        await api.request("POST", "/api/v1/namespaces/bench/serviceaccounts", account)
    return api.namespace("bench")


@asynccontextmanager
async def _playing(namespace: Namespace) -> AsyncIterator[tuple[PlayedJobs, "asyncio.Task[None]"]]:
    player = PlayedJobs(namespace)
    task = asyncio.create_task(player.run())
    try:
        yield player, task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _measure(
    plane: ControlPlane, replica: Operator, namespace: Namespace, player: PlayedJobs, *, jobs: int, steady: int
) -> dict[str, Any]:
    player.released.set()
    await namespace.create(dataset())
    await namespace.wait("Dataset", "pets", is_ready)
    player.released.clear()
    cpu, begun = replica.cpu_seconds(), time.monotonic()
    await _create([f"burst-{number}" for number in range(jobs)], namespace)
    await _until_first_child(player, "burst-", jobs)
    first_cpu = replica.cpu_seconds() - cpu
    _say(begun, "every TrainingJob has its first child")
    player.released.set()
    await _until_finished(namespace, jobs)
    _say(begun, "every TrainingJob has its result")
    lives = plane.audit()
    cpu = replica.cpu_seconds() - cpu
    player.released.clear()
    await _create([f"steady-{number}" for number in range(steady)], namespace, rate=RATE)
    await _until_first_child(player, "steady-", steady)
    _say(begun, f"{steady} more were created at {RATE:.0f} per second")
    waits = _waits(plane, "steady-")
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "jobs": jobs,
        "jobs_per_second": round(jobs / _burst_seconds(plane), 1),
        "create_to_child_p50_s": round(statistics.median(waits), 3),
        "create_to_child_p99_s": round(statistics.quantiles(waits, n=100)[98], 3),
        **_writes(lives, jobs),
        "cpu_s_per_job": round(cpu / jobs, 4),
        "cpu_s_per_first_child": round(first_cpu / jobs, 4),
        "rss_mb": round(replica.memory()),
        "steady_jobs": steady,
    }


async def _create(names: list[str], namespace: Namespace, *, rate: float | None = None) -> None:
    """Create TrainingJobs of these names, so many per second or as fast as they are taken."""
    slots = asyncio.Semaphore(AT_ONCE)
    begun = time.monotonic()

    async def create(number: int, name: str) -> None:
        if rate:
            await asyncio.sleep(begun + number / rate - time.monotonic())
        async with slots:
            await namespace.create(training_job(name))

    await asyncio.gather(*(create(number, name) for number, name in enumerate(names)))


async def _until_first_child(player: PlayedJobs, prefix: str, count: int) -> None:
    async with asyncio.timeout(600):
        while sum(owner.startswith(prefix) for owner in player.owners) < count:
            await asyncio.sleep(0.1)


async def _until_finished(namespace: Namespace, count: int) -> None:
    ready: set[str] = set()
    async with asyncio.timeout(1800):
        while len(ready) < count:
            async for event in namespace.api.watch(namespace.path("TrainingJob")):
                if event["type"] in ("ADDED", "MODIFIED") and is_ready(event["object"]):
                    ready.add(event["object"]["metadata"]["name"])
                if len(ready) >= count:
                    return


def _writes(events: list[dict[str, Any]], jobs: int) -> dict[str, Any]:
    """Writes of a life, in all and by what was written."""
    count = Counter(event["objectRef"]["resource"] for event in events if event["objectRef"]["name"] != "pets")
    kinds = {"children": count["jobs"], "status": count["trainingjobs"], "events": count["events"]}
    return {
        "writes_per_job": round(sum(count.values()) / jobs, 2),
        **{f"{kind}_writes_per_job": round(number / jobs, 2) for kind, number in kinds.items()},
    }


def _times(plane: ControlPlane, prefix: str) -> tuple[dict[str, float], dict[str, float]]:
    """When each TrainingJob was created, and when its first child was, by name; in seconds."""
    created: dict[str, float] = {}
    first: dict[str, float] = {}
    with (plane.state / "log/audit.log").open() as log:
        for event in map(json.loads, log):
            about = event["objectRef"]
            if event["verb"] != "create" or not about.get("name", "").startswith(prefix):
                continue
            at = datetime.fromisoformat(event["stageTimestamp"]).timestamp()
            if about["resource"] == "trainingjobs":
                created[about["name"]] = at
            elif about["resource"] == "jobs":
                owner = about["name"].split("-r1-")[0]
                first[owner] = min(at, first.get(owner, at))
    return created, first


def _waits(plane: ControlPlane, prefix: str) -> list[float]:
    created, first = _times(plane, prefix)
    return [first[name] - at for name, at in created.items()]


def _burst_seconds(plane: ControlPlane) -> float:
    created, first = _times(plane, "burst-")
    return max(first.values()) - min(created.values())


def _say(begun: float, what: str) -> None:
    print(f"{time.monotonic() - begun:7.1f} s  {what}", flush=True)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:3]]
    asyncio.run(main(*[*given, *(1000, 600)[len(given) :]]))
