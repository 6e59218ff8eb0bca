"""Whatever somebody puts into an object, the operator lives, starts again and works for the others."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kinds import dataset, is_ready, training_job
from kubernetes_api import Api, ApiError, Body, Namespace
from operator_process import ControlPlane, Operator, operator

pytestmark = pytest.mark.asyncio(loop_scope="session")
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
DEEP = '{"a":' * 3000 + "1" + "}" * 3000
"""Twice what Python's parser takes, and some kilobytes only."""


@asynccontextmanager
async def without_schema(plane: ControlPlane, api: Api, namespace: Namespace) -> AsyncIterator[None]:
    """While the block runs, TrainingJobs may hold anything, as if their definition were an older or an edited one."""
    path = f"{DEFINITIONS}/trainingjobs.noria.dev"
    kept = (await api.request("GET", path))["spec"]["versions"]
    loose: list[Body] = copy.deepcopy(kept)
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    loose[0]["schema"]["openAPIV3Schema"] = {"type": "object", "properties": {"spec": anything, "status": anything}}
    await api.merge(path, {"spec": {"versions": loose}})
    try:
        await accepted(namespace, training_job("probe", anything="goes"))
        yield
    finally:
        await asyncio.to_thread(plane.kubectl, "delete", "trainingjobs", "--all", "-n", namespace.name)
        await api.merge(path, {"spec": {"versions": kept}})


async def accepted(namespace: Namespace, body: Body) -> None:
    """Return once the API server takes the object, which it does not store."""
    async with asyncio.timeout(30):
        while True:
            try:
                path = f"{namespace.path('TrainingJob')}?dryRun=All&fieldValidation=Strict"
                await namespace.api.request("POST", path, body)
                return
            except ApiError:
                await asyncio.sleep(0.2)


async def create(namespace: Namespace, body: Body) -> None:
    """Create an object in which "DEEP" stands for something deep; the answer is too deep to be read here."""
    text = json.dumps(body).replace('"DEEP"', DEEP)
    url = namespace.api.server + namespace.path(body["kind"])
    headers = {"Content-Type": "application/json"}
    async with namespace.api.session.post(url, data=text, headers=headers) as answer:
        assert answer.status == 201, await answer.text()


async def reached(plane: ControlPlane, namespace: Namespace, condition: str, *names: str) -> None:
    """Return once the TrainingJobs have the condition; kubectl can read what is too deep for this process."""
    jobs = [f"trainingjob/{name}" for name in names]
    where = ("-n", namespace.name, f"--for=condition={condition}", "--timeout=60s")
    answer = await asyncio.to_thread(plane.kubectl, "wait", *jobs, *where)
    assert answer.count("condition met") == len(names)


ODD: list[Any] = [
    {"podTemplate": {"affinity": "DEEP"}},
    {"search": {"strategy": "Explicit", "configurations": [{"family": "f", "parameters": {"a": "DEEP"}}]}},
    {"search": "DEEP"},
    {"datasetRef": [1, "x"]},
    {"datasetRef": {"name": {"name": "x"}}},
    {"maxDuration": "9" * 5000 + "h", "ttlSecondsAfterFinished": 1e300, "parallelism": -(2**53)},
    {"queueName": "\u0000\u001b[31m\ud83c\udf0a" * 1000, "suspend": "perhaps"},
]


def odd_jobs() -> Iterator[Body]:
    """TrainingJobs that no schema of ours lets through."""
    for number, spec in enumerate(ODD):
        yield training_job(f"odd-{number}", **spec)
    large = training_job("large")
    large["metadata"]["annotations"] = {"large": "x" * 200_000}
    yield large


async def test_no_body_ends_the_operator(
    leader: Operator, plane: ControlPlane, api: Api, namespace: Namespace, kubeconfig: Path, tmp_path: Path
) -> None:
    async with without_schema(plane, api, namespace):
        for body in odd_jobs():
            await create(namespace, body)
        await namespace.create(dataset())
        await namespace.create(training_job("sound"))
        await reached(plane, namespace, "Ready", "sound")
        await reached(plane, namespace, "Ready", "odd-0", "odd-2", "large")  # what is left of them makes sense
        await reached(plane, namespace, "Stalled", "odd-1", "odd-3", "odd-4", "odd-5", "odd-6")
        assert leader.process.returncode is None
        async with operator(kubeconfig, tmp_path / "log") as another:  # it lists what the first one watched
            await another.wait_until_ready()
            assert another.process.returncode is None
    assert leader.process.returncode is None


async def test_children_that_others_have_changed_end_nothing(leader: Operator, namespace: Namespace) -> None:
    labels = {"app.kubernetes.io/managed-by": "noria", "noria.dev/trainingjob": "pets", "noria.dev/dataset": "pets"}
    odd = {"noria.dev/run": "x", "noria.dev/version": "1.5", "batch.kubernetes.io/job-name": "none"}
    container = {"name": "c", "image": "none"}
    pod: Body = {
        "metadata": {"labels": {**labels, **odd}},
        "spec": {"containers": [container], "restartPolicy": "Never"},
    }
    await namespace.create({"apiVersion": "v1", "kind": "Pod", **pod, "metadata": {**pod["metadata"], "name": "odd"}})
    job = {"metadata": {"name": "odd", "labels": {**labels, **odd}}, "spec": {"suspend": True, "template": pod}}
    del job["spec"]["template"]["metadata"]["labels"]["batch.kubernetes.io/job-name"]  # type: ignore[index]  # a body
    await namespace.create({"apiVersion": "batch/v1", "kind": "Job", **job})
    about = {"kind": "Job", "namespace": namespace.name, "name": "odd", "uid": "x" * 5000}
    event = {"involvedObject": about, "reason": "FailedCreate", "message": "\u001b[31m" * 50_000}
    await namespace.create({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "odd"}, **event})
    await namespace.create(dataset())
    await namespace.create(training_job())
    await namespace.wait("TrainingJob", "pets", is_ready)
    assert leader.process.returncode is None
