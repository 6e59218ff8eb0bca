"""Children of all kinds: what is watched of them, and how they are found around an object."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from noria.api.condition import cut
from noria.decisions import read
from noria.decisions.seen import SeenChild, SeenJob, SeenPod, SeenStored
from noria.resources.labels import SELECTOR, owner_of
from noria.runtime.access import APPLY, READ, Access
from noria.runtime.cache import Cache, Key, Record
from noria.runtime.execute import Objections
from noria.runtime.feed import Watched
from noria.runtime.presence import STORED
from noria.runtime.resource_type import (
    AUTOSCALER,
    DEPLOYMENT,
    DISRUPTION_BUDGET,
    EVENT,
    JOB,
    POD,
    SERVICE,
    WORKLOAD,
    ResourceType,
)

Body = dict[str, Any]
_MOST_HOLDERS = 3


ACCESS = (
    Access(JOB, (*READ, "create", "delete")),
    Access(SERVICE, APPLY),
    Access(DEPLOYMENT, APPLY),
    Access(AUTOSCALER, APPLY),
    Access(DISRUPTION_BUDGET, APPLY),
    Access(POD, READ),
    Access(EVENT, ("list", "watch", "create", "patch")),
    Access(WORKLOAD, READ, reason="why a queue holds a trial back"),
)
"""Jobs are created once and never changed; the other children are applied."""


def watched_children() -> tuple[Watched, ...]:
    """Children by our label, and what others say about Jobs whose pods may not exist."""
    return (
        Watched(JOB, _reader(JOB, read.read_job), labels=SELECTOR),
        Watched(POD, _reader(POD, read.read_pod), labels=SELECTOR),
        Watched(DEPLOYMENT, _reader(DEPLOYMENT, read.read_deployment), labels=SELECTOR),
        Watched(SERVICE, _reader(SERVICE, read.read_child), labels=SELECTOR),
        Watched(AUTOSCALER, _reader(AUTOSCALER, read.read_child), labels=SELECTOR),
        Watched(DISRUPTION_BUDGET, _reader(DISRUPTION_BUDGET, read.read_child), labels=SELECTOR),
        Watched(EVENT, _read_event, fields="reason=FailedCreate,involvedObject.kind=Job"),
        Watched(WORKLOAD, _read_workload, optional=True),
    )


def jobs(cache: Cache, record: Record) -> tuple[SeenJob, ...]:
    """The Jobs of the object."""
    return _contents(cache.children(record.key, JOB.kind, uid=record.uid))


def job_pods(cache: Cache, record: Record) -> tuple[SeenPod, ...]:
    """The pods of the object's Jobs."""
    known = {job.uid for job in jobs(cache, record)}
    return _contents(pod for pod in cache.children(record.key, POD.kind) if pod.owner_uid in known)


def serving_pods(cache: Cache, record: Record) -> tuple[SeenPod, ...]:
    """The pods of the object's Deployment."""
    return _contents(pod for pod in cache.children(record.key, POD.kind) if pod.content.job is None)


def applied(cache: Cache, record: Record) -> tuple[SeenChild, ...]:
    """The object's Service, HorizontalPodAutoscaler and PodDisruptionBudget."""
    kinds = (SERVICE.kind, AUTOSCALER.kind, DISRUPTION_BUDGET.kind)
    return _contents(child for kind in kinds for child in cache.children(record.key, kind, uid=record.uid))


def stored(cache: Cache, namespace: str, uri: str) -> SeenStored | None:
    """What is known of an object in the object store."""
    record = cache.get(Key(STORED, namespace, uri))
    return SeenStored(record.content.is_there, record.content.looked_at) if record else None


def refusals(cache: Cache, record: Record, objections: Objections) -> Mapping[str, str]:
    """By Job: why it, or its pods, do not exist."""
    messages = dict(objections.refusals)
    with_pods = {pod.job for pod in job_pods(cache, record)}
    for job in cache.children(record.key, JOB.kind, uid=record.uid):
        messages.pop(job.key.name, None)
        if job.key.name not in with_pods:
            message = _message(cache, job, WORKLOAD.kind) or _message(cache, job, EVENT.kind)
            messages |= {job.key.name: message} if message else {}
    return messages


def holders(cache: Cache, record: Record, pods: Iterable[SeenPod]) -> str:
    """How many pods of which objects hold what one of these pods finds too little of; empty if none waits for room.

    Objects of other namespaces are not named.
    """
    lacking = {name for pod in pods for name in read.lacking(pod.message)}
    if not lacking:
        return ""
    pods_of_ours = (each for each in cache.of_kind(POD.kind) if _holds(each.content, lacking))
    counts = Counter(each.owner for each in pods_of_ours if each.owner and each.owner != record.key)
    own = sorted(key for key in counts if key.namespace == record.key.namespace)
    further = sum(counts.values()) - sum(counts[key] for key in own[:_MOST_HOLDERS])
    named = [f"{counts[key]} of {key.kind} {key.name}" for key in own[:_MOST_HOLDERS]]
    return ", ".join([*named, *([f"{further} of others"] if further else ())])


def _holds(pod: SeenPod, lacking: set[str]) -> bool:
    return pod.phase == "Running" and not pod.deleting and not lacking.isdisjoint(pod.requests)


def _message(cache: Cache, job: Record, kind: str) -> str:
    """What the latest of these objects says about the Job."""
    records = cache.children(job.key, kind, uid=job.uid)
    return str(max(records, key=lambda record: record.version).content) if records else ""


def _contents(records: Iterable[Record]) -> tuple[Any, ...]:
    return tuple(record.content for record in records)


def _reader(type: ResourceType, content: Callable[[Body], Any]) -> Callable[[Body], Record]:
    """Makes records of children that carry our labels."""

    def make(body: Body) -> Record:
        metadata = body["metadata"]
        named = owner_of(metadata.get("labels") or {})
        owner = Key(named[0], metadata["namespace"], named[1]) if named else None
        return _record(type, body, owner, _controller(metadata).get("uid"), content(body))

    return make


def _read_event(body: Body) -> Record:
    about = body["involvedObject"]
    owner = Key(JOB.kind, body["metadata"]["namespace"], about.get("name", ""))
    return _record(EVENT, body, owner, about.get("uid"), cut(body.get("message") or ""))


def _read_workload(body: Body) -> Record:
    controller = _controller(body["metadata"])
    owner = (
        Key(JOB.kind, body["metadata"]["namespace"], controller["name"]) if controller.get("kind") == "Job" else None
    )
    return _record(WORKLOAD, body, owner, controller.get("uid"), cut(read.read_workload(body)) if owner else "")


def _record(type: ResourceType, body: Body, owner: Key | None, owner_uid: str | None, content: Any) -> Record:
    metadata = body["metadata"]
    return Record(
        Key(type.kind, metadata["namespace"], metadata["name"]),
        uid=metadata["uid"],
        version=int(metadata["resourceVersion"]),
        owner=owner,
        owner_uid=owner_uid,
        content=content,
    )


def _controller(metadata: Body) -> Mapping[str, str]:
    """The owner reference of the controller; empty where there is none."""
    owners: list[Mapping[str, str]] = metadata.get("ownerReferences") or []
    return next((owner for owner in owners if owner.get("controller")), {})
