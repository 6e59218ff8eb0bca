"""Plays a node for an API server that has none: pods are scheduled to it, run for a moment and report.

Everything else is real: the scheduler binds, the Job controller counts, the garbage collector collects. What a pod
reports is up to `Play`, which gets the order that the operator wrote.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kubernetes_api import Api, ApiError, Body
from noria.contract import (
    ORDER,
    STEPS,
    Artifact,
    ChooseOrder,
    ChooseReport,
    ChosenConfiguration,
    ConcludeOrder,
    ConcludeReport,
    Configuration,
    FailureReport,
    NotifyReport,
    Order,
    PresenceOrder,
    PresenceReport,
    ProfileOrder,
    ProfileReport,
    ProveOrder,
    ProveReport,
    PullOrder,
    Report,
    TrainOrder,
    TrainReport,
    Verdict,
    Watched,
    WatchOrder,
    WatchReport,
    order_in,
    termination_message,
)

NODE = "played"
CAPACITY = {"cpu": "100k", "memory": "1Pi", "ephemeral-storage": "1Pi", "pods": "100k"}
CONDITIONS = ("Ready", "ContainersReady")
STRATEGIC = "application/strategic-merge-patch+json"
DIGEST = "sha256:" + "0" * 64
REVISION = "0" * 16


@dataclass(frozen=True)
class Ending:
    """How a container ends."""

    code: int = 0
    message: str = ""
    reason: str = "Completed"


def failure(code: int, reason: str, message: str) -> Ending:
    """The end of a step that says why it cannot do its work."""
    return Ending(code, termination_message(FailureReport(reason=reason, message=message)), "Error")


def succeed(order: Any) -> Ending | None:
    """The end of a step whose work went well; where something was pulled, a server runs on."""
    return None if isinstance(order, PullOrder) else Ending(message=termination_message(report_on(order)))


def report_on(order: Order) -> Report:
    """What a step reports whose work went well; all defaults where nothing else is said of the step here."""
    played = _PLAYED.get(order.step)
    return played(order) if played else STEPS[order.step].report()


def _profile(_: ProfileOrder) -> ProfileReport:
    return ProfileReport(revision=REVISION, examples=1000, classes=("cat", "dog"), class_count=2)


def _choose(order: ChooseOrder) -> ChooseReport:
    configurations = order.configurations or tuple(
        Configuration(family="image-cnn", parameters={"width": number}) for number in range(order.trials)
    )
    choices = tuple(
        ChosenConfiguration(configuration=one, why="it did well before", expected_score=0.8) for one in configurations
    )
    return ChooseReport(strategy=order.strategy, basis="the committed portfolio", choices=choices)


def _train(order: TrainOrder) -> TrainReport:
    width = order.configuration.parameters.get("width", 0)
    artifact = Artifact(uri=f"{order.destination}model.tar", digest=DIGEST)
    return TrainReport(score=0.8 + float(width) / 100, seconds=1.5, artifact=artifact)


def _conclude(order: ConcludeOrder) -> ConcludeReport:
    best = max((trial for trial in order.trials if trial.score is not None), key=lambda trial: trial.score or 0)
    artifact = Artifact(uri=f"{order.destination}model.tar", digest=DIGEST)
    return ConcludeReport(trial=best.name, score=0.81, low=0.78, high=0.84, artifact=artifact)


def _prove(order: ProveOrder) -> ProveReport:
    return ProveReport(
        result=Verdict.PROMOTED,
        reason="Better",
        message="accuracy 0.85 vs 0.81, gain between 0.01 and 0.07 on 200 examples",
        examples=200,
        gain=0.04,
        low=0.01,
        high=0.07,
        is_better=True,
        proof_uri=f"{order.destination}proof.json",
    )


def _watch(order: WatchOrder) -> WatchReport:
    return WatchReport(
        result=Watched.KEPT, reason="Kept", message=f"version {order.version} had 900 requests, 0 failed"
    )


_PLAYED: dict[str, Callable[[Any], Report]] = {
    "profile": _profile,
    "choose": _choose,
    "train": _train,
    "conclude": _conclude,
    "prove": _prove,
    "notify": lambda _: NotifyReport(attempts=1),
    "watch": _watch,
}


@dataclass
class Play:
    """How pods behave: `end` says how the container of a pod with this order ends; None: it goes on running."""

    end: Callable[[Any], Ending | None] = succeed
    by_namespace: dict[str, Callable[[Any], Ending | None]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    """URIs that are not in the bucket."""

    def ending(self, pod: Body) -> Ending | None:
        """How the container of this pod that has an order ends; None: the pod runs and is ready."""
        init, container = _with_order(pod)
        text = order_in({v["name"]: v.get("value", "") for v in container.get("env") or ()})
        if not text:
            return None
        if container["name"] == "presence":
            uris = PresenceOrder.model_validate_json(text).uris
            absent = tuple(number for number, uri in enumerate(uris) if uri in self.absent)
            return Ending(message=PresenceReport(absent=absent).to_json())
        order = PullOrder.model_validate_json(text) if init else ORDER.validate_json(text)
        return self.by_namespace.get(pod["metadata"]["namespace"], self.end)(order)


def _with_order(pod: Body) -> tuple[bool, Body]:
    """The container that gets the order, and whether it runs before the others."""
    init: list[Body] = pod["spec"].get("initContainers") or []
    return bool(init), init[0] if init else pod["spec"]["containers"][0]


class Node:
    """The kubelet that is played."""

    def __init__(self, api: Api, play: Play) -> None:
        self._api = api
        self._play = play
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Keep the node alive and play its pods, until cancelled."""
        await self._register()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat())
            group.create_task(self._follow())

    async def _register(self) -> None:
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE}}
        with contextlib.suppress(ApiError):  # it is there already
            await self._api.request("POST", "/api/v1/nodes", node)

    async def _beat(self) -> None:
        while True:
            condition = {
                "type": "Ready",
                "status": "True",
                "reason": "Played",
                "message": "",
                "lastHeartbeatTime": _now(),
                "lastTransitionTime": _now(),
            }
            status = {"capacity": CAPACITY, "allocatable": CAPACITY, "conditions": [condition]}
            await self._api.merge(f"/api/v1/nodes/{NODE}/status", {"status": status})
            await self._api.merge(f"/api/v1/nodes/{NODE}", {"spec": {"taints": None}})
            await asyncio.sleep(10)

    async def _follow(self) -> None:
        started: set[str] = set()
        while True:  # the server ends streams from time to time
            async for event in self._api.watch("/api/v1/pods", f"fieldSelector=spec.nodeName%3D{NODE}"):
                pod = event["object"]
                uid = pod["metadata"]["uid"]
                if event["type"] == "DELETED":
                    started.discard(uid)
                elif "deletionTimestamp" in pod["metadata"]:
                    self._spawn(self._remove(pod))
                elif uid not in started:
                    started.add(uid)
                    self._spawn(self._live(pod))

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _live(self, pod: Body) -> None:
        """Run the pod's containers, and end them if they end."""
        ending = self._play.ending(pod)
        init, container = _with_order(pod)
        ready = str(ending is None)
        conditions = [{"type": type, "status": ready, "lastTransitionTime": _now()} for type in CONDITIONS]
        status = {"phase": _phase(ending, init), "startTime": _now(), "conditions": conditions}
        kind = "initContainerStatuses" if init and ending else "containerStatuses"
        about = {"name": container["name"], "image": container["image"], "imageID": container["image"]}
        count = {"ready": ending is None, "restartCount": 0}
        await self._patch(pod, {"status": {**status, kind: [{**about, **count, "state": _state(ending)}]}})

    async def _patch(self, pod: Body, body: Body) -> None:
        with contextlib.suppress(ApiError):  # the pod is gone
            await self._api.request(
                "PATCH", f"{_path(pod)}/status", body, content_type="application/strategic-merge-patch+json"
            )

    async def _remove(self, pod: Body) -> None:
        with contextlib.suppress(ApiError):
            await self._api.request("DELETE", _path(pod), {"gracePeriodSeconds": 0})


@asynccontextmanager
async def played_node(api: Api, play: Play) -> AsyncIterator[None]:
    """A node while the block runs."""
    task = asyncio.create_task(Node(api, play).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _phase(ending: Ending | None, init: bool) -> str:
    if ending is None:
        return "Running"
    if init:
        return "Pending"  # it would be tried again
    return "Failed" if ending.code else "Succeeded"


def _state(ending: Ending | None) -> Body:
    if ending is None:
        return {"running": {"startedAt": _now()}}
    told = {"exitCode": ending.code, "reason": ending.reason, "message": ending.message}
    return {"terminated": {**told, "startedAt": _now(), "finishedAt": _now()}}


def _path(pod: Body) -> str:
    return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
