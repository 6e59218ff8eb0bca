"""How a step's Job is doing, from the Job, its pods and the messages of those who hold it up."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from noria.contract import ExitCode, FailureKind, Report, parse_report
from noria.decisions.seen import KILLED, JobState, SeenExit, SeenJob, SeenPod

POD_LAG_SECONDS = 10.0
"""A pod may reach the cache this much later than its Job: each type has a stream of its own."""

_PASSING = (ExitCode.UNAVAILABLE, ExitCode.TRY_AGAIN, ExitCode.NOT_PERMITTED)
_SIGTERM = 143
_NO_CONTAINER = -1


class StepState(StrEnum):
    """Where a step is."""

    ABSENT = "Absent"
    """There is no Job."""
    LEAVING = "Leaving"
    """The Job is being deleted."""
    WAITING = "Waiting"
    """No pod works, and `message` says why."""
    MISPLACED = "Misplaced"
    """The same, and its pods are wanted elsewhere since: made again, it goes there."""
    WORKING = "Working"
    """A pod works, or will in a moment."""
    HOPELESS = "Hopeless"
    """It ran out of memory, and so would the tries that its Job has left."""
    DONE = "Done"
    """There is a report."""
    LOST = "Lost"
    """The Job is complete, but its pod and report are gone: made again, it answers from the stored report."""
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a step failed."""

    kind: FailureKind
    message: str
    code: int | None = None
    report: Report | None = None
    is_foreign: bool = False
    """Whether the step reported something else than its kind of report, as an image of another version may."""

    @property
    def is_permanent(self) -> bool:
        """Whether another try of the same order cannot end otherwise."""
        return self.is_foreign or self.code in (ExitCode.BAD_ORDER, ExitCode.BAD_DATA)


@dataclass(frozen=True, slots=True)
class SeenStep:
    """How a step is doing."""

    state: StepState
    job: SeenJob | None = None
    message: str = ""
    """Why it waits, or why there is no Job."""
    rejection: str = ""
    """Why the API server will not take its Job."""
    report: Report | None = None
    failure: Failure | None = None
    recheck: float | None = None
    """Seconds after which to look again, should nothing happen before."""

    def waits_with_another_image(self, image: str) -> bool:
        """Whether its pod cannot start, and would be another one today: a wrong image heals when it is corrected."""
        return self.state is StepState.WAITING and self.job is not None and self.job.image != image


def observe(
    name: str,
    *,
    jobs: Iterable[SeenJob],
    pods: Iterable[SeenPod],
    refusals: Mapping[str, str],
    rejections: Mapping[str, str],
    now: datetime,
    placement: str,
) -> SeenStep:
    """How the step with the Job of this name is doing; `placement` is where its pods are wanted at present.

    | Job | pods | state |
    |---|---|---|
    | none | | Absent, with the message of who refused or rejected it |
    | being deleted | | Leaving |
    | complete | one with a report | Done |
    | complete | one without a report | Failed |
    | failed | one that failed | Failed, as the last one tells |
    | complete or failed a moment ago | none that ended | Working: its pod is on its way to the cache |
    | complete | none that ended | Lost |
    | failed | none that ended | Failed, as the Job tells |
    | active | one ran out of memory | Hopeless |
    | active | one runs | Working |
    | active | one cannot start | Waiting, with the scheduler's or kubelet's message |
    | active | none, and somebody refused or holds it | Waiting, with their message |
    | active | one failed, the next is not there yet | Waiting, with the failure |
    | active | as in the last three rows, and they are wanted elsewhere since | Misplaced |
    | active | otherwise | Working |
    """
    job = next((each for each in jobs if each.name == name), None)
    refusal = rejections.get(name) or refusals.get(name, "")
    if job is None:
        return SeenStep(StepState.ABSENT, message=refusal, rejection=rejections.get(name, ""))
    own = sorted((pod for pod in pods if pod.job == name), key=lambda pod: (pod.created_at, pod.name))
    if job.deleting:
        return SeenStep(StepState.LEAVING, job)
    if job.state is JobState.ACTIVE:
        step = _active(job, own, refusal)
        is_misplaced = step.state is StepState.WAITING and job.placement not in ("", placement)
        return replace(step, state=StepState.MISPLACED) if is_misplaced else step
    exits = [pod.exit for pod in own if pod.exit and (pod.exit.code == 0) == (job.state is JobState.COMPLETE)]
    if exits:
        return _ended(job, exits[-1])
    wait = remaining(job.finished_at, POD_LAG_SECONDS, now)
    if wait:
        return SeenStep(StepState.WORKING, job, recheck=wait)
    if job.state is JobState.COMPLETE:
        return SeenStep(StepState.LOST, job)
    return SeenStep(StepState.FAILED, job, failure=_explain(_exit_of(job)))


def _ended(job: SeenJob, exit: SeenExit) -> SeenStep:
    if exit.code != 0:
        return SeenStep(StepState.FAILED, job, failure=_explain(exit))
    report = parse_report(exit.message)
    if report is None:
        return SeenStep(StepState.FAILED, job, failure=Failure(FailureKind.CRASHED, "ended without a report"))
    return SeenStep(StepState.DONE, job, report=report)


def _active(job: SeenJob, pods: list[SeenPod], refusal: str) -> SeenStep:
    hopeless = next((pod.exit for pod in pods if pod.exit and pod.exit.ran_out_of_memory), None)
    if hopeless:
        return SeenStep(StepState.HOPELESS, job, failure=_explain(hopeless))
    alive = [pod for pod in pods if pod.phase in ("Pending", "Running") and not pod.deleting]
    if any(not pod.message for pod in alive):
        return SeenStep(StepState.WORKING, job)
    if alive:
        return SeenStep(StepState.WAITING, job, alive[-1].message)
    failed = pods[-1].exit if pods and pods[-1].phase == "Failed" else None
    message = refusal or (f"tried again after: {_explain(failed).message}" if failed else "")
    return SeenStep(StepState.WAITING if message else StepState.WORKING, job, message)


def _exit_of(job: SeenJob) -> SeenExit:
    """What a failed Job without pods says about how the last one ended."""
    code = re.search(r"exit code (\d+)", job.message)
    return SeenExit(container="", code=int(code[1]) if code else _NO_CONTAINER, message=job.message)


def _explain(exit: SeenExit) -> Failure:
    """Kind of failure, and its message.

    | exit | kind | message |
    |---|---|---|
    | OOMKilled | OutOfMemory | what to raise |
    | killed, and the kubelet does not say why | Infrastructure | that |
    | 65 | BadData | the step's message |
    | 69, 75, 77, SIGTERM, or no container's exit | Infrastructure | the step's or the cluster's message |
    | any other | Crashed | the step's message, or the end of its log |
    """
    if exit.ran_out_of_memory:
        told = "ran out of memory and was killed: raise the memory it may use"
        return Failure(FailureKind.OUT_OF_MEMORY, told, exit.code)
    if exit.code == KILLED:
        message = f"was killed (exit code {KILLED}), by hand or for lack of memory on its node"
        return Failure(FailureKind.INFRASTRUCTURE, message, exit.code)
    if exit.code == _NO_CONTAINER:
        return Failure(FailureKind.INFRASTRUCTURE, f"{exit.reason} {exit.explanation}".strip(), exit.code)
    message = exit.explanation or f"ended with exit code {exit.code} ({exit.reason})"
    report = parse_report(exit.message)
    if exit.code == ExitCode.BAD_DATA:
        return Failure(FailureKind.BAD_DATA, message, exit.code, report)
    if exit.code in (*_PASSING, _SIGTERM):
        return Failure(FailureKind.INFRASTRUCTURE, message, exit.code, report)
    return Failure(FailureKind.CRASHED, message, exit.code, report)


def backoff(tries: int) -> float:
    """Seconds to wait after so many failed tries in a row: 30, 60, 120, ... up to ten minutes."""
    return float(min(30 * 2 ** min(tries - 1, 10), 600))


def remaining(since: datetime | None, seconds: float, now: datetime) -> float:
    """What is left of so many seconds since then; none where it is unknown since when."""
    return max(0.0, seconds - (now - since).total_seconds()) if since else 0.0
