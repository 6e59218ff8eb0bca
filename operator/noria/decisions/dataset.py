"""What to do next for a Dataset: profile its source, wait, or do nothing. Used by `controllers.dataset`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from noria.api import Dataset
from noria.api.condition import BYTES_GONE, READY, REJECTED, find_condition
from noria.api.dataset import (
    PROFILE_FAILED,
    PROFILED,
    PROFILING,
    REFUSED,
    SOURCE_FAILED,
    SOURCE_REFUSED,
    WAITING_FOR_POD,
    DatasetStatus,
    ProblemStatus,
)
from noria.api.kind import REQUESTED_AT
from noria.api.notification import NotificationStatus
from noria.contract import (
    ExitCode,
    FailureKind,
    NotificationType,
    ProfileReport,
    Severity,
    replaced,
    shown,
)
from noria.decision import Decision
from noria.decisions import state
from noria.decisions.cure import with_cure
from noria.decisions.follow import answer, follow, references
from noria.decisions.look import look_hash, seconds_until_look
from noria.decisions.notification import Sender, notified, notify_jobs
from noria.decisions.seen import KILLED, SeenDataset
from noria.decisions.state import Conditions
from noria.decisions.step import Failure, SeenStep, StepState, observe
from noria.decisions.time import to_text
from noria.resources import pod
from noria.resources.installation import Installation
from noria.resources.profile_job import profile_job, profile_job_name, profile_report

WARNINGS = frozenset({WAITING_FOR_POD, SOURCE_FAILED})


def decide_dataset(
    dataset: Dataset, seen: SeenDataset, settings: Installation, now: datetime
) -> Decision[DatasetStatus]:
    """Profile the source when it is due, and report the result in the status.

    | state | action |
    |---|---|
    | being deleted | nothing: Jobs are deleted with their owner |
    | the source is not the namespace's to read | its Jobs are deleted: Stalled, SourceRefused |
    | never profiled, or spec or request differ from those of the last run | a run starts: Profiling |
    | the last run failed, and its backoff is over | a run starts; the conditions stay as they are |
    | the last run succeeded, and pollInterval is over | a run starts; the conditions stay as they are |
    | between runs, and the revision is gone from the object store | Stalled, BytesGone |
    | otherwise, between runs | nothing until then |
    | spec or request differ from those of the current run | its Job is deleted, another run starts |
    | the API server rejects the Job | Stalled, Rejected |
    | the Job is missing | it is created |
    | its pod cannot start, and one created today would differ (image, pulling) | another run starts |
    | its pod cannot start | WaitingForPod, with the cluster's message |
    | its report is lost | the Job is deleted and created again |
    | it reports a revision | Ready, Profiled |
    | it reports problems | Stalled, Refused; the last good revision stays |
    | it cannot read the source | SourceFailed: Stalled if a person must act, else Reconciling |
    | it runs out of memory, disk or time, or crashes | ProfileFailed, Stalled |

    A refusal is told to the server that the spec names, see `notified`.
    """
    if dataset.metadata.deletion_timestamp:
        return Decision(dataset.status)
    jobs = tuple(job for job in seen.jobs if job not in notify_jobs(seen.jobs))
    decision = _decided(_Situation(dataset, replace(seen, jobs=jobs), settings, now))
    sender = Sender(
        dataset, seen.jobs, seen.pods, refusals=seen.refusals, rejections=seen.rejections, settings=settings, now=now
    )
    return notified(decision, _happened(dataset.status, decision.status, sender), sender)


def _decided(at: "_Situation") -> Decision[DatasetStatus]:
    """What to do about the source."""
    if refusal := at.refusal():
        return _refused(at, refusal)
    wanted = look_hash(at.dataset)
    present = at.dataset.status.profiling_spec
    if present is None:
        wait = seconds_until_look(at.dataset.spec, at.dataset.status, wanted, at.now)
        if wait is None or wait > 0:
            status = _at_rest(at)
            return Decision(status, events=state.events(at.dataset.status, status, warnings=WARNINGS), requeue=wait)
    step = at.observe()
    is_outdated = step.state is StepState.MISPLACED or step.waits_with_another_image(at.settings.trainer_image)
    if present != wanted or is_outdated:
        return _begin_look(at, wanted)
    decision = _follow_look(at, step)
    return replace(decision, events=state.events(at.dataset.status, decision.status, warnings=WARNINGS))


def _happened(before: DatasetStatus, after: DatasetStatus, sender: Sender) -> Iterator[NotificationStatus]:
    """A refusal, if it is not known yet; one with the same words is."""
    was, is_ = find_condition(before.conditions, READY), find_condition(after.conditions, READY)
    if is_ and is_.reason == REFUSED and (was is None or (was.reason, was.message) != (REFUSED, is_.message)):
        key = str(after.profile_number)
        yield sender.notification(NotificationType.REFUSED, reason=REFUSED, message=is_.message, key=key)


@dataclass(frozen=True)
class _Situation:
    """One reconcile of one Dataset."""

    dataset: Dataset
    seen: SeenDataset
    settings: Installation
    now: datetime

    def conditions(self, **changes: Any) -> Conditions[DatasetStatus]:
        """Sets the conditions of the status with these changes."""
        status = replaced(self.dataset.status, **changes)
        return Conditions(status, self.dataset.metadata.generation, self.now)

    def refusal(self) -> str:
        """Why what the spec names may not be read, if so."""
        home, spec = self.settings.home(self.dataset.metadata.namespace), self.dataset.spec
        return home.why_refused(spec.source.uri) or home.why_refused(spec.holdout.uri or "")

    def observe(self) -> SeenStep:
        """The state of the current profile run."""
        return observe(
            profile_job_name(self.dataset, self.dataset.status.profile_number),
            jobs=self.seen.jobs,
            pods=self.seen.pods,
            refusals=self.seen.refusals,
            rejections=self.seen.rejections,
            now=self.now,
            placement=pod.placement_digest(self.settings),
        )


def _at_rest(at: _Situation) -> DatasetStatus:
    """Between runs: the conditions stay, unless what the last run wrote is gone, or is there again."""
    status, stored = at.dataset.status, at.seen.stored
    ready = find_condition(status.conditions, READY)
    if status.revision is None or stored is None or ready is None:
        return at.conditions().observed()
    if stored.is_gone(status.profiled_at) and (ready.status == "True" or ready.reason == BYTES_GONE):
        return at.conditions().stalled(BYTES_GONE, _gone(at.dataset))
    if stored.is_there and ready.reason == BYTES_GONE:
        return at.conditions().ready(PROFILED, _summary(status))
    return at.conditions().observed()


def _gone(dataset: Dataset) -> str:
    uri, name = shown(dataset.spec.source.uri), dataset.metadata.name
    again = f'kubectl annotate dataset {name} {REQUESTED_AT}="$(date)" --overwrite'
    return (
        f"revision {dataset.status.revision} is gone from the object store: see that the source {uri} is still there, "
        f"or upload it again, and look at it again: {again}"
    )


def _refused(at: _Situation, refusal: str) -> Decision[DatasetStatus]:
    """No run; the next one begins with another source."""
    status = at.conditions(profiling_spec=None, profiled_spec=None).stalled(SOURCE_REFUSED, refusal)
    events = state.events(at.dataset.status, status, warnings=WARNINGS)
    return Decision(status, delete=references(at.seen.jobs), events=events)


def _begin_look(at: _Situation, wanted: str) -> Decision[DatasetStatus]:
    dataset, number = at.dataset, at.dataset.status.profile_number + 1
    conditions = at.conditions(profile_number=number, profiling_spec=wanted)
    if dataset.status.profiled_spec == wanted:
        status = conditions.observed()
    else:
        status = conditions.progressing(PROFILING, f"profiling {shown(dataset.spec.source.uri)}")
    job = profile_job(dataset, number, at.settings)
    return Decision(status, create=(job,), delete=references(at.seen.jobs))


def _follow_look(at: _Situation, step: SeenStep) -> Decision[DatasetStatus]:
    match answer(step, ProfileReport, otherwise="reported no profile"):
        case ProfileReport() as report:
            return _ended(at, _reported(at, report))
        case Failure() as failure:
            return _ended(at, _failed(at, failure))
    followed = follow(step, partial(profile_job, at.dataset, at.dataset.status.profile_number, at.settings))
    return Decision(_waiting(at, step), create=followed.create, delete=followed.delete, requeue=followed.requeue)


def _waiting(at: _Situation, step: SeenStep) -> DatasetStatus:
    """A repeated profile run leaves the conditions as they are until it has a result."""
    if step.rejection:
        return at.conditions().stalled(REJECTED, step.rejection)
    if at.dataset.status.profiled_spec == at.dataset.status.profiling_spec:
        return at.conditions().observed()
    if step.message:
        return at.conditions().progressing(WAITING_FOR_POD, with_cure(step.message, holders=at.seen.holders))
    return at.conditions().progressing(PROFILING, f"profiling {shown(at.dataset.spec.source.uri)}")


def _ended(at: _Situation, status: DatasetStatus) -> Decision[DatasetStatus]:
    """The profile run is over; `seconds_until_look` says when the next one is due."""
    answered = at.dataset.status.profiling_spec
    status = replaced(status, profiled_spec=answered, profiling_spec=None, profiled_at=to_text(at.now))
    return Decision(status, requeue=seconds_until_look(at.dataset.spec, status, answered or "", at.now))


def _reported(at: _Situation, report: ProfileReport) -> DatasetStatus:
    ordered = sorted(report.problems, key=lambda problem: problem.severity is not Severity.ERROR)
    problems = tuple(ProblemStatus(**problem.model_dump()) for problem in ordered)
    if report.refused or report.revision is None:
        errors = (problem for problem in problems if problem.severity is Severity.ERROR)
        message = "; ".join(map(_in_full, errors)) or "the profile step reported no revision to train on"
        return at.conditions(problems=problems, refusals=at.dataset.status.refusals + 1).stalled(REFUSED, message)
    known = at.dataset.status
    conditions = at.conditions(
        problems=problems,
        revision=report.revision,
        revised_at=known.revised_at if report.revision == known.revision else to_text(at.now),
        examples=report.examples,
        classes=report.classes,
        class_count=report.class_count or None,
        profile_uri=report.profile_uri,
        refusals=0,
    )
    return conditions.ready(PROFILED, _summary(conditions.status))


def _failed(at: _Situation, failure: Failure) -> DatasetStatus:
    if isinstance(failure.report, ProfileReport):
        return _reported(at, failure.report)
    conditions = at.conditions(refusals=at.dataset.status.refusals + 1)
    log = failure.told_in_log(profile_report(at.dataset, at.dataset.status.profile_number, at.settings))
    if failure.code == ExitCode.BAD_DATA:
        return conditions.stalled(REFUSED, failure.message)
    if failure.code in (ExitCode.NOT_PERMITTED, ExitCode.BAD_ORDER):
        return conditions.stalled(SOURCE_FAILED, failure.message)
    if failure.kind in (FailureKind.OUT_OF_DISK, FailureKind.DEADLINE_EXCEEDED):
        message = f"the profile step {failure.message}, or make the source smaller{log}"
        return conditions.stalled(PROFILE_FAILED, message)
    if failure.kind in (FailureKind.OUT_OF_MEMORY, FailureKind.CRASHED) or failure.code == KILLED:
        return conditions.stalled(PROFILE_FAILED, f"the profile step {failure.message}{log}")
    return conditions.progressing(SOURCE_FAILED, failure.message)


def _in_full(problem: ProblemStatus) -> str:
    """A problem's message, and the files or rows that it does not name itself."""
    names = [name for name in problem.names if name not in problem.message]
    return f"{problem.message} ({', '.join(names)})" if names else problem.message


def _summary(status: DatasetStatus) -> str:
    classes = f" of {status.class_count} classes" if status.class_count else ""
    count = len(status.problems)
    warnings = f"; {count} warning{'s' if count > 1 else ''} in status.problems" if count else ""
    return f"{status.examples} examples{classes}{warnings}"
