"""The rollout of a version: which version answers, and why the candidate does not answer yet."""

from collections.abc import Iterable
from dataclasses import dataclass

from noria.api.model import VersionStatus
from noria.contract import PERMANENT
from noria.decisions.cure import with_cure
from noria.decisions.seen import KILLED, SeenDeployment, SeenExit, SeenModel, SeenPod
from noria.resources.deployment import PROGRESS_SECONDS, PULLER

PATIENCE = 2
"""Restarts of a server after which the version counts as failed; the kubelet keeps restarting it."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """The progress of the candidate."""

    served: int | None
    """The version that answers."""
    replicas: int
    """Pods that answer."""
    is_over: bool
    """Whether all children are as they should be and all pods have the template that was applied last."""
    failure: str = ""
    """Why the candidate will not load by itself."""
    message: str = ""
    """Why it cannot start yet, and what to do."""


def observe_rollout(version: VersionStatus, seen: SeenModel, *, template: str, served: int | None) -> Rollout:
    """The progress of this version's rollout; `served` is the version that answered at the last reconcile.

    `template` is the digest of the wanted template. What became of pods of another one says nothing about it.
    """
    pods = [pod for pod in seen.pods if not pod.deleting]
    answering = {pod.version for pod in pods if pod.ready and pod.version is not None} if _has_address(seen) else set()
    is_over = _is_over(version, seen)
    own = [pod for pod in pods if pod.version == version.version and pod.template in ("", template)]
    some_answer = any(pod.ready for pod in own)
    candidates = [pod for pod in own if not pod.ready and not (some_answer and pod.phase == "Failed")]
    return Rollout(
        served=_served(answering, version.version if is_over else served),
        replicas=sum(pod.ready for pod in pods),
        is_over=is_over and not seen.rejections,
        failure=_failure(candidates, seen, is_late=_is_late(template, seen.deployment)),
        message=with_cure(_message(candidates, seen), requests="spec.server.resources", holders=seen.holders),
    )


def _is_over(version: VersionStatus, seen: SeenModel) -> bool:
    """Whether no pod of an older template is left. Replicas that a scale-up adds do not count as a rollout."""
    deployment = seen.deployment
    if deployment is None or deployment.version != version.version:
        return False
    return _is_observed(deployment) and 0 < deployment.updated == deployment.replicas


def _is_observed(deployment: SeenDeployment) -> bool:
    """Whether its status is of what was applied last."""
    return deployment.observed_generation >= deployment.generation


def _is_late(template: str, deployment: SeenDeployment | None) -> bool:
    """Whether the rollout of this template exceeded its deadline."""
    if deployment is None or deployment.template not in ("", template):
        return False
    return _is_observed(deployment) and deployment.late


def _has_address(seen: SeenModel) -> bool:
    """Whether the Model's URL leads to its pods: not if a Service of its name belongs to something else."""
    return not any(name.startswith("Service ") for name in seen.rejections)


def _served(answering: set[int], preferred: int | None) -> int | None:
    """The preferred version if it answers; else the oldest that does, until the rollout is over."""
    return preferred if preferred in answering else min(answering, default=None)


def _failure(candidates: Iterable[SeenPod], seen: SeenModel, *, is_late: bool) -> str:
    """Why the candidate will not load by itself.

    | state | message |
    |---|---|
    | the API server rejects a child | its message |
    | the puller ended with a permanent exit code | its report |
    | a container was killed for exceeding its memory limit | what to raise |
    | a pod was evicted for exceeding its limit of disk | the kubelet's message and what to raise |
    | the server was killed repeatedly, and the kubelet does not say why | the exit code and the usual causes |
    | the server exited repeatedly | the end of its log |
    | no progress within the Deployment's deadline | the deadline |
    """
    if seen.rejections:
        return next(iter(seen.rejections.values()))
    explained = (_explain(pod.exit, pod.restarts) for pod in candidates if pod.exit)
    failure = next(filter(None, explained), "")
    if not failure and is_late:
        return f"it was not ready within {PROGRESS_SECONDS} s"
    return failure


def _explain(exit: SeenExit, restarts: int) -> str:
    if exit.code == 0:
        return ""
    if exit.ran_out_of_memory:
        return f"the {exit.container} ran out of memory: raise spec.server.resources.memory"
    if exit.ran_out_of_disk:
        why = exit.explanation.rstrip(".")
        return f"its pod ran out of disk and was evicted ({why}): raise spec.server.resources.ephemeralStorage"
    if exit.container == PULLER:
        return _explanation(exit) if exit.code in PERMANENT else ""
    if restarts < PATIENCE:
        return ""
    if exit.code == KILLED:
        return f"the server was killed repeatedly (exit code {KILLED}): it hung, or its node ran out of memory"
    return f"the server ended with exit code {exit.code}: {_explanation(exit)}"


def _message(candidates: Iterable[SeenPod], seen: SeenModel) -> str:
    """Why pods do not exist or cannot start, according to the cluster, or the failure that the puller retries after."""
    refused = seen.deployment.message if seen.deployment else ""
    refused = refused or next(iter(seen.refusals.values()), "")
    waiting = (pod.message or _tried_again(pod) for pod in candidates)
    return refused or next(filter(None, waiting), "")


def _tried_again(pod: SeenPod) -> str:
    if pod.exit is None or pod.exit.container != PULLER or pod.exit.code == 0:
        return ""
    return f"retrying after: {_explanation(pod.exit)}"


def _explanation(exit: SeenExit) -> str:
    return exit.explanation or exit.reason
