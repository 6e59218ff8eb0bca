"""The state of a step, judged by its Job, the Job's pods, and the messages of whoever holds them up."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from noria.contract import PERMANENT, ExitCode, FailureKind, Report, parse_report, place
from noria.decisions.seen import KILLED, LATE, JobState, SeenExit, SeenJob, SeenPod

POD_LAG_SECONDS = 10.0
"""A pod may reach the cache this much later than its Job, since each type has its own watch stream."""

_PASSING = (ExitCode.UNAVAILABLE, ExitCode.TRY_AGAIN, ExitCode.NOT_PERMITTED)
_SIGTERM = 143
_NO_CONTAINER = -1
_SETTING = "the operator's setting"


class StepState(StrEnum):
    """State of a step."""

    ABSENT = "Absent"
    """There is no Job."""
    LEAVING = "Leaving"
    """The Job is being deleted."""
    WAITING = "Waiting"
    """No pod is running, and `message` says why."""
    MISPLACED = "Misplaced"
    """As Waiting, but the pods belong elsewhere by now: a Job created today would put them there."""
    WORKING = "Working"
    """A pod is running, or about to."""
    HOPELESS = "Hopeless"
    """It ran out of memory or disk, and the Job's remaining retries would as well."""
    DONE = "Done"
    """There is a report."""
    LOST = "Lost"
    """The Job is complete, but its pod and report are gone: created again, it returns the stored report."""
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a step failed."""

    kind: FailureKind
    message: str
    code: int | None = None
    report: Report | None = None
    is_foreign: bool = False
    """Whether the step's report is of the wrong kind, as from an image of another version."""

    @property
    def left_log(self) -> bool:
        """Whether the step had begun to work, so that the end of its log is kept beside where its report would be."""
        if self.kind is FailureKind.INFRASTRUCTURE:
            return self.code in (KILLED, _SIGTERM)
        return self.code != ExitCode.BAD_ORDER

    def told_in_log(self, report: str) -> str:
        """Where the log says more than the message, to follow it; `report` is where the step's report would be."""
        if not self.left_log or self.kind is FailureKind.BAD_DATA:
            return ""
        return f"; the end of its log: {place.log(report)}"

    @property
    def is_permanent(self) -> bool:
        """Whether retrying the same order cannot help."""
        return self.is_foreign or self.code in (ExitCode.BAD_ORDER, ExitCode.BAD_DATA)


@dataclass(frozen=True, slots=True)
class SeenStep:
    """The state of a step, and what it says."""

    state: StepState
    job: SeenJob | None = None
    message: str = ""
    """Why it is waiting, or why there is no Job."""
    rejection: str = ""
    """Why the API server rejects its Job."""
    report: Report | None = None
    failure: Failure | None = None
    recheck: float | None = None
    """Seconds until the next check, if nothing happens before."""

    def waits_with_another_image(self, image: str) -> bool:
        """Whether its pod cannot start and has a different image: the wrong one may have been corrected."""
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
    """The state of the step with the Job of this name; `placement` is where its pods belong at present.

    | Job | pods | state |
    |---|---|---|
    | none | | Absent, with the message of whoever refused or rejected it |
    | being deleted | | Leaving |
    | complete | one with a report | Done |
    | complete | one without a report | Failed |
    | failed | one that failed | Failed, with the last one's failure |
    | failed, since it reached its time limit | | Failed, with that |
    | complete or failed a moment ago | none that ended | Working: its pod is on its way to the cache |
    | complete | none that ended | Lost |
    | failed | none that ended | Failed, with the Job's message |
    | active | one ran out of memory or disk | Hopeless |
    | active | one is running | Working |
    | active | one cannot start | Waiting, with the scheduler's or kubelet's message |
    | active | none, since they are refused or held back | Waiting, with that message |
    | active | one failed for good | Working: the Job is about to fail |
    | active | one reached its time limit | Working: the next continues |
    | active | one failed, the next is not there yet | Waiting, with the failure |
    | active | none runs, and they belong elsewhere by now | Misplaced |
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
    if job.state is JobState.FAILED and job.reason == LATE:
        return SeenStep(StepState.FAILED, job, failure=_explain(_exit_of(job)))
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
        return SeenStep(StepState.FAILED, job, failure=Failure(FailureKind.CRASHED, "ended without a valid report"))
    return SeenStep(StepState.DONE, job, report=report)


def _active(job: SeenJob, pods: list[SeenPod], refusal: str) -> SeenStep:
    hopeless = next((pod.exit for pod in pods if pod.exit and pod.exit.is_hopeless), None)
    if hopeless:
        return SeenStep(StepState.HOPELESS, job, failure=_explain(hopeless))
    alive = [pod for pod in pods if pod.phase in ("Pending", "Running") and not pod.deleting]
    if any(not pod.message for pod in alive):
        return SeenStep(StepState.WORKING, job)
    if alive:
        return SeenStep(StepState.WAITING, job, alive[-1].message)
    failed = pods[-1].exit if pods and pods[-1].phase == "Failed" else None
    is_retried = failed is not None and failed.code not in PERMANENT and not failed.ran_too_long
    message = refusal or (f"retrying after: {_explain(failed).message}" if failed and is_retried else "")
    return SeenStep(StepState.WAITING if message else StepState.WORKING, job, message)


def _exit_of(job: SeenJob) -> SeenExit:
    """How the last pod of a failed Job ended, according to the Job's message."""
    code = re.search(r"exit code (\d+)", job.message)
    reason = LATE if job.reason == LATE else ""
    return SeenExit("", int(code[1]) if code else _NO_CONTAINER, reason, job.message)


def _explain(exit: SeenExit) -> Failure:
    """Kind of failure, and its message.

    | exit | kind | message |
    |---|---|---|
    | OOMKilled | OutOfMemory | what to raise |
    | evicted for exceeding its limit of disk | OutOfDisk | the kubelet's message and what to raise |
    | ended by its time limit | DeadlineExceeded | what to raise |
    | killed, and the kubelet does not say why | Infrastructure | the exit code and the usual causes |
    | 65 | BadData | the step's message |
    | 69, 75, 77, SIGTERM, or no container's exit | Infrastructure | the step's or the cluster's message |
    | any other | Crashed | the step's message, or the end of its log |
    """
    if exit.ran_out_of_memory:
        message = "ran out of memory and was killed: raise its memory limit"
        return Failure(FailureKind.OUT_OF_MEMORY, message, exit.code)
    if exit.ran_out_of_disk:
        why = exit.explanation.rstrip(".")
        message = f"ran out of disk and was evicted ({why}): raise {_SETTING} stepEphemeralStorage"
        return Failure(FailureKind.OUT_OF_DISK, message, exit.code)
    if exit.ran_too_long:
        return Failure(
            FailureKind.DEADLINE_EXCEEDED, f"reached its time limit: raise {_SETTING} stepSeconds", exit.code
        )
    if exit.code == KILLED:
        message = f"was killed (exit code {KILLED}), by hand or because its node ran out of memory"
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
    """Seconds to wait after this many failed tries in a row: 30, 60, 120, ... up to ten minutes."""
    return float(min(30 * 2 ** min(tries - 1, 10), 600))


def remaining(since: datetime | None, seconds: float, now: datetime) -> float:
    """How many of these seconds since then are left; 0 if it is unknown since when."""
    return max(0.0, seconds - (now - since).total_seconds()) if since else 0.0
