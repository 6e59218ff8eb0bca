"""How a step's Job is doing: the rows of `observe`'s and `_explain`'s tables."""

from datetime import timedelta
from typing import Any

import pytest

from noria.contract import FailureReport, Problem, ProfileReport, Severity, termination_message
from noria.decisions.seen import JobState, SeenExit, SeenJob, SeenPod
from noria.decisions.step import SeenStep, StepState, backoff, observe
from unit.operator.world import NOW, trained

REFUSED = termination_message(
    ProfileReport(problems=(Problem(reason="OneClass", severity=Severity.ERROR, message="all are cats"),))
)
REPORT = SeenExit("train", 0, "Completed", termination_message(trained(0.5)))


def job(state: JobState = JobState.ACTIVE, *, ago: float = 60, **further: Any) -> SeenJob:
    """The step's Job."""
    finished_at = None if state is JobState.ACTIVE else NOW - timedelta(seconds=ago)
    return SeenJob(name="j", uid="u", state=state, finished_at=finished_at, **further)


def pod(number: int = 0, **further: Any) -> SeenPod:
    """A pod of it; a higher number is younger."""
    return SeenPod(name=f"j-{number}", created_at=NOW + timedelta(seconds=number), job="j", **further)


def ended(code: int, message: str = "", reason: str = "Error") -> SeenPod:
    """A pod of it that failed."""
    return pod(phase="Failed", exit=SeenExit("train", code, reason, message))


def look(*, jobs: tuple[SeenJob, ...], pods: tuple[SeenPod, ...] = (), refusal: str = "") -> SeenStep:
    """What is observed where pods are wanted on earth."""
    refusals = {"j": refusal} if refusal else {}
    return observe("j", jobs=jobs, pods=pods, refusals=refusals, rejections={}, now=NOW, placement="earth")


def taken(reason: str, message: str) -> SeenPod:
    """A pod of it that the kubelet has ended."""
    return pod(phase="Failed", exit=SeenExit("", -1, reason, message))


FULL = taken("Evicted", 'Usage of EmptyDir volume "scratch" exceeds the limit "20Gi". ')
LATE = taken("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")
COMPLETE, FAILED = JobState.COMPLETE, JobState.FAILED


@pytest.mark.parametrize(
    ("given", "state", "words"),
    [
        pytest.param({"jobs": ()}, StepState.ABSENT, "", id="no Job"),
        pytest.param({"jobs": (), "refusal": "quota"}, StepState.ABSENT, "quota", id="a Job that was refused"),
        pytest.param({"jobs": (job(deleting=True),)}, StepState.LEAVING, "", id="being deleted"),
        pytest.param({"jobs": (job(),)}, StepState.WORKING, "", id="no pod yet"),
        pytest.param({"jobs": (job(),), "refusal": "quota"}, StepState.WAITING, "quota", id="no pod, refused"),
        pytest.param({"jobs": (job(),), "pods": (pod(),)}, StepState.WORKING, "", id="a pod starts"),
        pytest.param(
            {"jobs": (job(),), "pods": (pod(message="no room"),)}, StepState.WAITING, "no room", id="a pod cannot start"
        ),
        pytest.param(
            {"jobs": (job(placement="earth"),), "pods": (pod(message="no room"),)},
            StepState.WAITING,
            "no room",
            id="a pod cannot start where it is wanted",
        ),
        pytest.param(
            {"jobs": (job(placement="moon"),), "pods": (pod(message="no moon"),)},
            StepState.MISPLACED,
            "no moon",
            id="a pod cannot start where it was wanted before",
        ),
        pytest.param(
            {"jobs": (job(placement="moon"),), "refusal": "quota"}, StepState.MISPLACED, "quota", id="nor exist there"
        ),
        pytest.param(
            {"jobs": (job(placement="moon"),), "pods": (pod(phase="Running"),)},
            StepState.WORKING,
            "",
            id="a pod works where it was wanted before",
        ),
        pytest.param(
            {"jobs": (job(),), "pods": (ended(69, "away"),)},
            StepState.WAITING,
            "retrying after: away",
            id="between two tries",
        ),
        pytest.param({"jobs": (job(),), "pods": (ended(65, REFUSED),)}, StepState.WORKING, "", id="failed for good"),
        pytest.param(
            {"jobs": (job(),), "pods": (ended(69, REFUSED),)},
            StepState.WAITING,
            "retrying after: ended with exit code 69 (Error)",
            id="between two tries, a report is no explanation",
        ),
        pytest.param(
            {"jobs": (job(),), "pods": (ended(69), pod(1, phase="Running"))}, StepState.WORKING, "", id="second try"
        ),
        pytest.param(
            {"jobs": (job(),), "pods": (ended(137, reason="OOMKilled"), pod(1, phase="Running"))},
            StepState.HOPELESS,
            "",
            id="out of memory, and tried again",
        ),
        pytest.param(
            {"jobs": (job(),), "pods": (FULL, pod(1, phase="Running"))},
            StepState.HOPELESS,
            "",
            id="out of disk, and tried again",
        ),
        pytest.param({"jobs": (job(),), "pods": (LATE,)}, StepState.WORKING, "", id="out of time, the next continues"),
        pytest.param({"jobs": (job(COMPLETE),), "pods": (pod(exit=REPORT),)}, StepState.DONE, "", id="a report"),
        pytest.param(
            {"jobs": (job(COMPLETE),), "pods": (ended(75), pod(1, exit=REPORT))}, StepState.DONE, "", id="a late report"
        ),
        pytest.param({"jobs": (job(COMPLETE, ago=3),)}, StepState.WORKING, "", id="complete, news on their way"),
        pytest.param(
            {"jobs": (job(COMPLETE, ago=3),), "pods": (pod(phase="Running"),)},
            StepState.WORKING,
            "",
            id="complete, the pod is still thought to run",
        ),
        pytest.param({"jobs": (job(COMPLETE),)}, StepState.LOST, "", id="complete, the pod is gone"),
        pytest.param(
            {"jobs": (job(COMPLETE),), "pods": (pod(exit=SeenExit("train", 0)),)}, StepState.FAILED, "", id="no report"
        ),
        pytest.param({"jobs": (job(FAILED, ago=3),)}, StepState.WORKING, "", id="failed, news on their way"),
        pytest.param({"jobs": (job(FAILED),)}, StepState.FAILED, "", id="failed, the pod is gone"),
        pytest.param({"jobs": (job(FAILED),), "pods": (ended(1),)}, StepState.FAILED, "", id="failed"),
    ],
)
def test_how_a_step_is_doing(given: dict[str, Any], state: StepState, words: str) -> None:
    step = look(**given)
    assert (step.state, step.message) == (state, words)
    has_ended = step.job is not None and step.job.state is not JobState.ACTIVE
    assert (step.recheck is not None) == (state is StepState.WORKING and has_ended)


BAD = termination_message(FailureReport(reason="NoLabel", message="row 3 has no label"))


@pytest.mark.parametrize(
    ("pods", "kind", "message"),
    [
        pytest.param((ended(137, reason="OOMKilled"),), "OutOfMemory", "ran out of memory", id="out of memory"),
        pytest.param((ended(137),), "Infrastructure", "was killed (exit code 137)", id="killed"),
        pytest.param((ended(65, BAD),), "BadData", "NoLabel: row 3 has no label", id="bad data"),
        pytest.param((ended(69, BAD),), "Infrastructure", "NoLabel", id="unavailable"),
        pytest.param((ended(75),), "Infrastructure", "exit code 75", id="try again"),
        pytest.param((ended(77, BAD),), "Infrastructure", "NoLabel", id="not permitted"),
        pytest.param((ended(143),), "Infrastructure", "exit code 143", id="told to stop"),
        pytest.param((ended(64, BAD),), "Crashed", "NoLabel", id="bad order"),
        pytest.param((ended(1, "KeyError: 'x'\n"),), "Crashed", "KeyError: 'x'", id="a crash"),
        pytest.param((taken("Evicted", "node low"),), "Infrastructure", "Evicted node low", id="evicted"),
        pytest.param((FULL,), "OutOfDisk", 'volume "scratch" exceeds the limit "20Gi")', id="a volume too large"),
        pytest.param(
            (taken("Evicted", "Pod ephemeral local storage usage exceeds the total limit of containers 20Gi. "),),
            "OutOfDisk",
            "raise the operator's setting stepEphemeralStorage",
            id="its volumes and its log too large",
        ),
        pytest.param(
            (taken("Evicted", 'Container train exceeded its local ephemeral storage limit "20Gi". '),),
            "OutOfDisk",
            "ran out of disk",
            id="its log too large",
        ),
        pytest.param(
            (taken("Evicted", "The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi. "),),
            "Infrastructure",
            "low on resource",
            id="its node too small",
        ),
        pytest.param(
            (LATE,), "DeadlineExceeded", "time limit: raise the operator's setting stepSeconds", id="out of time"
        ),
        pytest.param((), "BadData", "exit code 65 matching", id="the pod is gone, the Job knows its exit code"),
    ],
)
def test_why_a_step_failed(pods: tuple[SeenPod, ...], kind: str, message: str) -> None:
    told = "Container train for pod shop/j-1 failed with exit code 65 matching FailJob rule at index 1"
    failure = look(jobs=(job(FAILED, message=told),), pods=pods).failure
    assert failure is not None
    assert failure.kind == kind
    assert message in failure.message


def test_a_job_that_may_not_run_longer_has_reached_its_time_limit() -> None:
    late = job(FAILED, reason="DeadlineExceeded", message="Job was active longer than specified deadline")
    for pods in ((), (ended(143),)):
        failure = look(jobs=(late,), pods=pods).failure
        assert failure is not None
        assert (failure.kind, failure.message.partition(":")[0]) == ("DeadlineExceeded", "reached its time limit")


def test_waits_grow_up_to_ten_minutes() -> None:
    assert [backoff(tries) for tries in (1, 2, 3, 4, 5, 6, 100)] == [30, 60, 120, 240, 480, 600, 600]
