"""Turns objects from the API server into the small records that decisions see."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from noria.decisions.cure import INSUFFICIENT
from noria.decisions.seen import EVICTED, LATE, JobState, SeenChild, SeenDeployment, SeenExit, SeenJob, SeenPod
from noria.decisions.time import from_text
from noria.resources import labels

Body = Mapping[str, Any]

STUCK = frozenset(
    {
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImageInspectError",
        "ImagePullBackOff",
        "InvalidImageName",
        "RegistryUnavailable",
        "RunContainerError",
        "SignatureValidationFailed",
    }
)
"""The kubelet's reasons for a waiting container that will not start by itself."""


def read_job(body: Body) -> SeenJob:
    """A batch/v1 Job."""
    metadata = body["metadata"]
    conditions, own_labels = _conditions(body), metadata.get("labels") or {}
    ended = conditions.get("Failed") or conditions.get("Complete") or {}
    return SeenJob(
        name=metadata["name"],
        uid=metadata["uid"],
        state=JobState(ended.get("type", JobState.ACTIVE)),
        run=_number(own_labels.get(labels.RUN)),
        step=sys.intern(own_labels.get(labels.STEP, "")),
        image=sys.intern(body["spec"]["template"]["spec"]["containers"][0]["image"]),
        placement=sys.intern((metadata.get("annotations") or {}).get(labels.PLACEMENT, "")),
        deleting="deletionTimestamp" in metadata,
        reason=sys.intern(ended.get("reason", "")),
        message=ended.get("message", ""),
        finished_at=from_text(ended["lastTransitionTime"]) if ended.get("lastTransitionTime") else None,
    )


def read_pod(body: Body) -> SeenPod:
    """A pod of a Job or of a Deployment of ours."""
    metadata, status = body["metadata"], body.get("status") or {}
    own_labels = metadata.get("labels") or {}
    version = own_labels.get(labels.MODEL_VERSION)
    statuses = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    restarts, exit = _exit(statuses)
    return SeenPod(
        name=metadata["name"],
        created_at=from_text(metadata["creationTimestamp"]),
        job=own_labels.get("batch.kubernetes.io/job-name"),
        version=_number(version),
        template=_template(metadata),
        phase=status.get("phase", "Pending"),
        ready="Ready" in _conditions(body),
        deleting="deletionTimestamp" in metadata,
        message=_waiting(status, statuses),
        requests=_requests(body),
        exit=_verdict(status) or exit or _lost(status),
        restarts=restarts,
    )


def read_deployment(body: Body) -> SeenDeployment:
    """The Deployment of a Model."""
    metadata, status, spec = body["metadata"], body.get("status") or {}, body["spec"]
    template = spec["template"]["metadata"]
    version = (template.get("labels") or {}).get(labels.MODEL_VERSION)
    conditions = {each["type"]: each for each in status.get("conditions") or ()}
    progress = conditions.get("Progressing", {})
    failure = conditions.get("ReplicaFailure", {})
    return SeenDeployment(
        name=metadata["name"],
        applied=_applied(metadata),
        version=_number(version),
        template=_template(template),
        generation=metadata.get("generation", 0),
        observed_generation=status.get("observedGeneration", 0),
        replicas=status.get("replicas", 0),
        updated=status.get("updatedReplicas", 0),
        message=failure.get("message", "") if failure.get("status") == "True" else "",
        late=progress.get("reason") == "ProgressDeadlineExceeded",
    )


def read_child(body: Body) -> SeenChild:
    """A Service, HorizontalPodAutoscaler or PodDisruptionBudget of a Model."""
    return SeenChild(kind=body["kind"], name=body["metadata"]["name"], applied=_applied(body["metadata"]))


def read_workload(body: Body) -> str:
    """Why Kueue has not admitted a Workload; empty once it has."""
    conditions = {each["type"]: each for each in (body.get("status") or {}).get("conditions") or ()}
    if conditions.get("Admitted", {}).get("status") == "True":
        return ""
    held = (conditions.get(type, {}) for type in ("QuotaReserved", "Admitted"))
    return next((str(each["message"]) for each in held if each.get("message")), "waiting in its Kueue queue")


def lacking(message: str) -> frozenset[str]:
    """The resources that the scheduler finds too little of, e.g. cpu, nvidia.com/gpu."""
    return frozenset(name.rstrip(".") for name in re.findall(rf"{INSUFFICIENT}([\w./-]+)", message))


def _number(label: str | None) -> int | None:
    """The number in a label of ours, which somebody may have changed."""
    return int(label) if label and label.isdecimal() else None


def _template(metadata: Body) -> str:
    return sys.intern(str((metadata.get("annotations") or {}).get(labels.TEMPLATE, "")))


def _applied(metadata: Body) -> str:
    return str((metadata.get("annotations") or {}).get(labels.APPLIED, ""))


def _conditions(body: Body) -> dict[str, Body]:
    """The conditions that are True, by type."""
    conditions = (body.get("status") or {}).get("conditions") or ()
    return {each["type"]: each for each in conditions if each.get("status") == "True"}


@cache
def _interned(names: tuple[str, ...]) -> tuple[str, ...]:
    """One tuple for all pods alike."""
    return names


def _requests(body: Body) -> tuple[str, ...]:
    containers = (body.get("spec") or {}).get("containers") or ()
    names = {name for each in containers for name in (each.get("resources") or {}).get("requests") or ()}
    return _interned(tuple(sorted(names)))


def _exit(statuses: Iterable[Body]) -> tuple[int, SeenExit | None]:
    """Restarts and exit of the first container that failed, else of the last that ended."""
    ended = [(status.get("restartCount", 0), exit) for status in statuses for exit in _ends(status)]
    failed = next((each for each in ended if each[1].code), None)
    return failed or (ended[-1] if ended else (0, None))


def _ends(status: Body) -> Iterator[SeenExit]:
    """How this container ended: for good, or before its last restart if it is not up yet."""
    state = status.get("state") or {}
    ended = state.get("terminated") or (None if _is_up(status) else (status.get("lastState") or {}).get("terminated"))
    if ended:
        yield SeenExit(
            container=status["name"],
            code=ended.get("exitCode", 0),
            reason=ended.get("reason", ""),
            message=ended.get("message", ""),
        )


def _is_up(status: Body) -> bool:
    return "running" in (status.get("state") or {}) and bool(status.get("ready"))


def _verdict(status: Body) -> SeenExit | None:
    """Why the kubelet ended the pod, which its containers' exit codes do not show: they were only killed."""
    return _lost(status) if status.get("reason") in (EVICTED, LATE) else None


def _lost(status: Body) -> SeenExit | None:
    """The exit of a pod that failed as a whole, e.g. on a lost node."""
    if status.get("phase") != "Failed":
        return None
    return SeenExit(container="", code=-1, reason=status.get("reason", "Failed"), message=status.get("message", ""))


def _waiting(status: Body, statuses: Iterable[Body]) -> str:
    """Why the pod cannot start, according to the scheduler or the kubelet."""
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return str(condition.get("message") or condition.get("reason", ""))
    for container in statuses:
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("reason") in STUCK:
            return f"{waiting['reason']}: {waiting.get('message', '')}".rstrip(": ")
    return ""
