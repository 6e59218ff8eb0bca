"""What is kept of bodies: each as the API server, the scheduler and the kubelet write them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from noria.decisions.read import read_child, read_deployment, read_job, read_pod, read_workload
from noria.decisions.seen import JobState, SeenExit

AT = "2026-11-22T12:00:00Z"
JOB_SPEC = {"template": {"spec": {"containers": [{"image": "noria/trainer:1"}]}}}


def pod(labels: dict[str, str] | None = None, **status: Any) -> dict[str, Any]:
    """A pod with this status."""
    return {"metadata": {"name": "p", "creationTimestamp": AT, "labels": labels or {}}, "status": status}


def container(name: str = "train", **state: Any) -> dict[str, Any]:
    """A container's status."""
    restarts, ready = state.pop("restartCount", 0), state.pop("ready", False)
    last = {"lastState": {"terminated": state.pop("last")}} if "last" in state else {}
    return {"name": name, "state": state, "restartCount": restarts, "ready": ready, **last}


@pytest.mark.parametrize(
    ("conditions", "state", "message"),
    [
        pytest.param([], JobState.ACTIVE, "", id="active"),
        pytest.param([{"type": "Suspended", "status": "True"}], JobState.ACTIVE, "", id="suspended by Kueue"),
        pytest.param([{"type": "FailureTarget", "status": "True"}], JobState.ACTIVE, "", id="failing"),
        pytest.param(
            [{"type": "Complete", "status": "True", "lastTransitionTime": AT}], JobState.COMPLETE, "", id="done"
        ),
        pytest.param(
            [
                {"type": "FailureTarget", "status": "True"},
                {"type": "Failed", "status": "True", "message": "exit code 65", "lastTransitionTime": AT},
            ],
            JobState.FAILED,
            "exit code 65",
            id="failed",
        ),
    ],
)
def test_a_job(conditions: list[dict[str, str]], state: JobState, message: str) -> None:
    metadata = {"name": "j", "uid": "u", "labels": {"noria.dev/run": "3"}}
    seen = read_job({"metadata": metadata, "spec": JOB_SPEC, "status": {"conditions": conditions}})
    assert (seen.name, seen.uid, seen.run, seen.image) == ("j", "u", 3, "noria/trainer:1")
    assert (seen.state, seen.message) == (state, message)
    assert seen.finished_at == (None if state is JobState.ACTIVE else datetime(2026, 11, 22, 12, tzinfo=UTC))


def test_a_job_on_its_way_out() -> None:
    assert read_job({"metadata": {"name": "j", "uid": "u", "deletionTimestamp": AT}, "spec": JOB_SPEC}).deleting


UNSCHEDULABLE = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "Insufficient cpu"}


@pytest.mark.parametrize(
    ("status", "words"),
    [
        pytest.param({"conditions": [UNSCHEDULABLE]}, "Insufficient cpu", id="not scheduled"),
        pytest.param(
            {"containerStatuses": [container(waiting={"reason": "ErrImagePull", "message": "no such image"})]},
            "ErrImagePull: no such image",
            id="image not found",
        ),
        pytest.param(
            {"initContainerStatuses": [container(waiting={"reason": "InvalidImageName"})]},
            "InvalidImageName",
            id="image without sense",
        ),
        pytest.param({"containerStatuses": [container(waiting={"reason": "ContainerCreating"})]}, "", id="starting"),
        pytest.param({"containerStatuses": [container(waiting={"reason": "CrashLoopBackOff"})]}, "", id="crashing"),
        pytest.param({}, "", id="just made"),
    ],
)
def test_why_a_pod_cannot_start(status: dict[str, Any], words: str) -> None:
    assert read_pod(pod(**status)).message == words


FAILED = {"exitCode": 65, "reason": "Error", "message": "wrong"}
DONE = {"exitCode": 0, "reason": "Completed", "message": "{}"}


@pytest.mark.parametrize(
    ("status", "exit", "restarts"),
    [
        pytest.param({}, None, 0, id="not started"),
        pytest.param({"containerStatuses": [container(running={"startedAt": AT}, ready=True)]}, None, 0, id="running"),
        pytest.param(
            {"containerStatuses": [container(terminated=DONE)]}, SeenExit("train", 0, "Completed", "{}"), 0, id="done"
        ),
        pytest.param(
            {"containerStatuses": [container(terminated=FAILED)]},
            SeenExit("train", 65, "Error", "wrong"),
            0,
            id="failed",
        ),
        pytest.param(
            {
                "initContainerStatuses": [
                    container("puller", waiting={"reason": "CrashLoopBackOff"}, last=FAILED, restartCount=4)
                ],
                "containerStatuses": [container("server", waiting={"reason": "PodInitializing"})],
            },
            SeenExit("puller", 65, "Error", "wrong"),
            4,
            id="the puller fails again and again",
        ),
        pytest.param(
            {
                "initContainerStatuses": [container("puller", terminated=DONE, ready=True)],
                "containerStatuses": [container("server", running={}, last=FAILED, restartCount=2)],
            },
            SeenExit("server", 65, "Error", "wrong"),
            2,
            id="the server is up again but not ready",
        ),
        pytest.param(
            {
                "initContainerStatuses": [container("puller", terminated=DONE, ready=True)],
                "containerStatuses": [container("server", running={}, last=FAILED, restartCount=1, ready=True)],
            },
            SeenExit("puller", 0, "Completed", "{}"),
            0,
            id="the server has recovered",
        ),
        pytest.param(
            {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."},
            SeenExit("", -1, "Evicted", "The node was low on resource: memory."),
            0,
            id="evicted",
        ),
        pytest.param(
            {
                "phase": "Failed",
                "reason": "Evicted",
                "message": 'Usage of EmptyDir volume "scratch" exceeds the limit "20Gi". ',
                "containerStatuses": [container(terminated={"exitCode": 137, "reason": "Error"})],
            },
            SeenExit("", -1, "Evicted", 'Usage of EmptyDir volume "scratch" exceeds the limit "20Gi". '),
            0,
            id="evicted, and its container killed",
        ),
        pytest.param(
            {
                "phase": "Failed",
                "reason": "DeadlineExceeded",
                "message": "Pod was active on the node longer than the specified deadline",
                "containerStatuses": [container(terminated={"exitCode": 143, "reason": "Error"})],
            },
            SeenExit("", -1, "DeadlineExceeded", "Pod was active on the node longer than the specified deadline"),
            0,
            id="ended by its time limit",
        ),
    ],
)
def test_how_a_pod_ended(status: dict[str, Any], exit: SeenExit | None, restarts: int) -> None:
    seen = read_pod(pod(**status))
    assert (seen.exit, seen.restarts) == (exit, restarts)


def test_whose_a_pod_is() -> None:
    labels = {"batch.kubernetes.io/job-name": "j", "noria.dev/version": "7"}
    body = pod(labels, phase="Running", conditions=[{"type": "Ready", "status": "True"}])
    body["metadata"]["annotations"] = {"noria.dev/template": "h"}
    seen = read_pod(body)
    assert (seen.job, seen.version, seen.template) == ("j", 7, "h")
    assert (seen.phase, seen.ready, seen.deleting) == ("Running", True, False)


def test_a_deployment() -> None:
    body = {
        "metadata": {"name": "d", "generation": 3, "annotations": {"noria.dev/applied": "abc"}},
        "spec": {"template": {"metadata": {"labels": {"noria.dev/version": "2"}}}},
        "status": {
            "observedGeneration": 3,
            "replicas": 2,
            "updatedReplicas": 1,
            "conditions": [
                {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"},
                {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"},
            ],
        },
    }
    seen = read_deployment(body)
    assert (seen.applied, seen.version, seen.generation, seen.observed_generation) == ("abc", 2, 3, 3)
    assert (seen.replicas, seen.updated, seen.message, seen.late) == (2, 1, "exceeded quota", True)


def test_other_children() -> None:
    body = {"kind": "Service", "metadata": {"name": "s", "annotations": {"noria.dev/applied": "abc"}}}
    seen = read_child(body)
    assert (seen.kind, seen.name, seen.applied) == ("Service", "s", "abc")


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        pytest.param([], "waiting in its Kueue queue", id="just queued"),
        pytest.param(
            [{"type": "QuotaReserved", "status": "False", "message": "insufficient quota for nvidia.com/gpu"}],
            "insufficient quota for nvidia.com/gpu",
            id="no quota",
        ),
        pytest.param([{"type": "Admitted", "status": "True", "message": "admitted"}], "", id="admitted"),
    ],
)
def test_kueues_words(conditions: list[dict[str, str]], words: str) -> None:
    assert read_workload({"status": {"conditions": conditions}}) == words
