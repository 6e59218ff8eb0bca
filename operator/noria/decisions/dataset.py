"""What to do next for a Dataset: look at its source, wait, or rest. Called by the Dataset controller."""

import hashlib
import json
from datetime import datetime
from typing import Any

from noria.api import Dataset
from noria.api.condition import REJECTED
from noria.api.dataset import (
    PROFILE_FAILED,
    PROFILED,
    PROFILING,
    REFUSED,
    SOURCE_FAILED,
    WAITING_FOR_POD,
    DatasetStatus,
    ProblemStatus,
)
from noria.api.duration import seconds
from noria.api.kind import REQUESTED_AT
from noria.contract import ExitCode, ProfileReport, Severity
from noria.decisions import state
from noria.decisions.cure import with_cure
from noria.decisions.decision import REJECTED_SECONDS, Decision, Reference
from noria.decisions.seen import KILLED, SeenDataset
from noria.decisions.step import CRASHED, OUT_OF_MEMORY, Failure, Step, StepState, backoff, observe, remaining
from noria.decisions.time import from_text, to_text
from noria.resources.profile_job import placement_of, profile_job, profile_job_name
from noria.resources.settings import Settings

WARNINGS = frozenset({WAITING_FOR_POD, SOURCE_FAILED})


def decide_dataset(dataset: Dataset, seen: SeenDataset, settings: Settings, now: datetime) -> Decision:
    """Look at the source when something asks for it, and tell what was found.

    | what is | what is done |
    |---|---|
    | being deleted | nothing: Jobs go with their owner |
    | no look yet, or spec or request differ from what the last look answered | a look begins: Profiling |
    | the last look failed, and its backoff is over | a look begins; the conditions stay as they are |
    | the last look was good, and pollInterval is over | a look begins; the conditions stay as they are |
    | otherwise, between looks | nothing until then |
    | spec or request differ from what the present look is to answer | its Job goes, another look begins |
    | the API server will not take the Job | Stalled, Rejected |
    | the Job is missing | it is made |
    | its pod cannot start, and would be made otherwise today (image, pulling) | another look begins |
    | its pod cannot start | WaitingForPod, in the cluster's words |
    | its report is lost | the Job goes and is made again |
    | it reports a revision | Ready, Profiled |
    | it reports problems | Stalled, Refused; the last good revision stays |
    | it cannot read the source | SourceFailed: Stalled where a person is needed, else Reconciling |
    | it runs out of memory or crashes | ProfileFailed, Stalled |
    """
    if dataset.metadata.deletion_timestamp:
        return Decision(dataset.status)
    wanted = look_hash(dataset)
    present = dataset.status.profiling_spec
    if present is None:
        wait = _seconds_until_look(dataset, wanted, now)
        if wait is None or wait > 0:
            return Decision(state.observed(dataset.status, dataset), requeue=wait)
    name = profile_job_name(dataset, dataset.status.profile_number)
    placement = placement_of(settings)
    step = observe(name, jobs=seen.jobs, pods=seen.pods, refusals=seen.refusals, now=now, placement=placement)
    is_outdated = step.state is StepState.MISPLACED or step.waits_with_another_image(settings.trainer_image)
    if present != wanted or is_outdated:
        return _begin_look(dataset, seen, wanted, settings, now)
    decision = _follow_look(dataset, step, seen.rejections.get(name), settings, now)
    return decision.but(events=state.events(dataset.status, decision.status, warnings=WARNINGS))


def look_hash(dataset: Dataset) -> str:
    """Hash of what a look answers: the spec but for when and for whom it looks, and the request by annotation."""
    spec = dataset.spec.to_dict()
    spec["source"].pop("pollInterval", None)
    spec.pop("shareExperience", None)
    asked: list[Any] = [spec, dataset.metadata.annotations.get(REQUESTED_AT)]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _seconds_until_look(dataset: Dataset, wanted: str, now: datetime) -> float | None:
    """Until the next look is due; none where nothing asks for one."""
    status, interval = dataset.status, dataset.spec.source.poll_interval
    if status.profiled_spec != wanted or status.profiled_at is None:
        return 0
    if status.refusals:
        return remaining(from_text(status.profiled_at), backoff(status.refusals), now)
    return remaining(from_text(status.profiled_at), seconds(interval), now) if interval else None


def _begin_look(dataset: Dataset, seen: SeenDataset, wanted: str, settings: Settings, now: datetime) -> Decision:
    number = dataset.status.profile_number + 1
    status = dataset.status.model_copy(update={"profile_number": number, "profiling_spec": wanted})
    if status.profiled_spec == wanted:
        status = state.observed(status, dataset)
    else:
        message = f"looking at {dataset.spec.source.uri}"
        status = state.progressing(status, dataset, reason=PROFILING, message=message, now=now)
    earlier = tuple(Reference("Job", job.name, job.uid) for job in seen.jobs if not job.deleting)
    return Decision(status, create=(profile_job(dataset, number, settings),), delete=earlier)


def _follow_look(dataset: Dataset, step: Step, rejection: str | None, settings: Settings, now: datetime) -> Decision:
    status = dataset.status
    match step.state:
        case StepState.ABSENT:
            job = profile_job(dataset, status.profile_number, settings)
            if rejection:
                status = state.stalled(status, dataset, reason=REJECTED, message=rejection, now=now)
                return Decision(status, create=(job,), requeue=REJECTED_SECONDS)
            return Decision(_waiting(dataset, step, now), create=(job,), requeue=backoff(1) if step.words else None)
        case StepState.LOST if step.job:
            return Decision(status, delete=(Reference("Job", step.job.name, step.job.uid),))
        case StepState.DONE if isinstance(step.report, ProfileReport):
            return _ended(dataset, _reported(dataset, step.report, now), now)
        case StepState.FAILED if step.failure:
            return _ended(dataset, _failed(dataset, step.failure, now), now)
        case StepState.DONE:
            failure = Failure(CRASHED, "reported no profile: is its image of this version of Noria?")
            return _ended(dataset, _failed(dataset, failure, now), now)
    return Decision(_waiting(dataset, step, now), requeue=step.recheck)


def _waiting(dataset: Dataset, step: Step, now: datetime) -> DatasetStatus:
    """A look that nobody asked for anew leaves the conditions as they are, until it has an answer."""
    if dataset.status.profiled_spec == dataset.status.profiling_spec:
        return state.observed(dataset.status, dataset)
    reason = WAITING_FOR_POD if step.words else PROFILING
    message = with_cure(step.words) or f"looking at {dataset.spec.source.uri}"
    return state.progressing(dataset.status, dataset, reason=reason, message=message, now=now)


def _ended(dataset: Dataset, status: DatasetStatus, now: datetime) -> Decision:
    """The look is over; the next one is due when `_seconds_until_look` says."""
    answered = dataset.status.profiling_spec
    status = status.model_copy(update={"profiled_spec": answered, "profiling_spec": None, "profiled_at": to_text(now)})
    later = dataset.model_copy(update={"status": status})
    return Decision(status, requeue=_seconds_until_look(later, answered or "", now))


def _reported(dataset: Dataset, report: ProfileReport, now: datetime) -> DatasetStatus:
    problems = sorted(report.problems, key=lambda problem: problem.severity is not Severity.ERROR)
    found = {"problems": tuple(ProblemStatus(**problem.model_dump()) for problem in problems)}
    if report.refused or report.revision is None:
        status = dataset.status.model_copy(update={**found, "refusals": dataset.status.refusals + 1})
        errors = (problem for problem in status.problems if problem.severity is Severity.ERROR)
        message = "; ".join(map(_tell, errors)) or "the profile found no revision to train on"
        return state.stalled(status, dataset, reason=REFUSED, message=message, now=now)
    status = dataset.status.model_copy(
        update={
            **found,
            "revision": report.revision,
            "examples": report.examples,
            "classes": report.classes,
            "class_count": report.class_count or None,
            "profile_uri": report.profile_uri,
            "refusals": 0,
        }
    )
    return state.ready(status, dataset, reason=PROFILED, message=_summary(status), now=now)


def _failed(dataset: Dataset, failure: Failure, now: datetime) -> DatasetStatus:
    if isinstance(failure.report, ProfileReport):
        return _reported(dataset, failure.report, now)
    status = dataset.status.model_copy(update={"refusals": dataset.status.refusals + 1})
    if failure.code == ExitCode.BAD_DATA:
        return state.stalled(status, dataset, reason=REFUSED, message=failure.message, now=now)
    if failure.code in (ExitCode.NOT_PERMITTED, ExitCode.BAD_ORDER):
        return state.stalled(status, dataset, reason=SOURCE_FAILED, message=failure.message, now=now)
    if failure.kind in (OUT_OF_MEMORY, CRASHED) or failure.code == KILLED:
        message = f"the profile {failure.message}"
        return state.stalled(status, dataset, reason=PROFILE_FAILED, message=message, now=now)
    return state.progressing(status, dataset, reason=SOURCE_FAILED, message=failure.message, now=now)


def _tell(problem: ProblemStatus) -> str:
    """A problem with the files or rows that its message does not name yet."""
    names = [name for name in problem.names if name not in problem.message]
    return f"{problem.message} ({', '.join(names)})" if names else problem.message


def _summary(status: DatasetStatus) -> str:
    classes = f" of {status.class_count} classes" if status.class_count else ""
    warnings = len(status.problems)
    told = f"; {warnings} warning{'s' if warnings > 1 else ''} in status.problems" if warnings else ""
    return f"{status.examples} examples{classes}{told}"
