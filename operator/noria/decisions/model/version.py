"""Versions of a Model: the artifacts that its source has named, numbered in order."""

from noria.api import Model, TrainingJob
from noria.api.model import VersionStatus
from noria.api.promotion import FIRST_VERSION, PROVING, SOURCE_ARTIFACT, SUPERSEDED, CandidateStatus
from noria.api.training_job import BestStatus
from noria.contract import Artifact, Verdict, replaced
from noria.decisions.model.situation import Situation
from noria.decisions.model.standing import promoted
from noria.decisions.model.verdict import leave_open, promote
from noria.decisions.time import to_text
from noria.decisions.training_job.spec_hash import is_of_this_spec
from noria.resources.run_job import metric_of


def take_in(at: Situation) -> Situation:
    """What the source names becomes the next version, if it is not the last one.

    | state | action |
    |---|---|
    | the source names nothing, or what a rejected version is | nothing: the versions stay as they are |
    | it names the last version | what was not known of it is filled in |
    | it names an older one, though the last is of the same TrainingJob | nothing: what is seen of that lags behind |
    | it is an artifact in the spec | it is promoted: the spec is a person's |
    | nothing can be served yet | it is promoted |
    | otherwise | it is the candidate, and a pending one is superseded |
    """
    named = _named(at.model, at.seen.training_job)
    is_given = at.model.spec.source.artifact is not None
    if named is None or (not is_given and _is_rejected(at, named)):
        return at
    last = at.status.versions[-1] if at.status.versions else None
    if last and last.artifact == named.artifact:
        return _filled_in(at, last, named)
    if last and _is_behind(at, last, named):
        return at
    number = last.version + 1 if last else 1
    at = _superseded(at, number)
    is_first = not promoted(at.status)
    since = to_text(at.now)
    version = replaced(named, version=number, created_at=since)
    candidate = CandidateStatus(version=number, since=since, reason=PROVING, message=f"version {number} is new")
    at = at.but(versions=(*at.status.versions, version), candidate=candidate)
    if is_given:
        message = f"version {number} is the artifact that spec.source names"
        return promote(at, number, reason=SOURCE_ARTIFACT, message=message)
    if is_first:
        return promote(at, number, reason=FIRST_VERSION, message=f"version {number} is the first to be served")
    return at


def _named(model: Model, job: TrainingJob | None) -> VersionStatus | None:
    """What the source names, without a number yet."""
    given = model.spec.source.artifact
    if given:
        return VersionStatus(version=0, artifact=Artifact(uri=given.uri, digest=given.digest))
    if job is None or job.status.best is None:
        return None
    best = _completed(job, job.status.best)
    trials = (
        "ensemble of " + ", ".join(each.trial for each in best.ensemble) if best.ensemble else f"trial {best.trial}"
    )
    return VersionStatus(
        version=0,
        artifact=best.artifact,
        origin=f"TrainingJob {job.metadata.name}, run {best.run}, {trials}",
        score=best.score,
        call=best.call,
        dataset=best.dataset,
        revision=best.revision,
        task=best.task,
        metric=best.metric,
    )


def _completed(job: TrainingJob, best: BestStatus) -> BestStatus:
    """The success with what older operators did not record of it, if its run is still there to tell."""
    run = job.status.run
    if best.revision or run is None or run.number != best.run or not is_of_this_spec(run, job):
        return best
    return replaced(
        best,
        dataset=job.spec.dataset_ref.name,
        revision=run.revision,
        task=run.task,
        metric=metric_of(job, run),
    )


def _is_rejected(at: Situation, named: VersionStatus) -> bool:
    """Whether it is what a rejected version is: it takes a person to promote that."""
    return any(
        version.artifact.digest == named.artifact.digest
        and version.verdict
        and version.verdict.result is Verdict.REJECTED
        for version in at.status.versions
    )


def _is_behind(at: Situation, last: VersionStatus, named: VersionStatus) -> bool:
    """Whether it is an earlier success of the TrainingJob of the last version, which a cache may still have."""
    reference = at.model.spec.source.training_job_ref
    is_known = any(version.artifact == named.artifact for version in at.status.versions)
    return is_known and reference is not None and last.is_from(reference.name)


def _filled_in(at: Situation, version: VersionStatus, named: VersionStatus) -> Situation:
    if version.revision or not named.revision:
        return at
    facts = {name: getattr(named, name) for name in ("dataset", "revision", "task", "metric")}
    return at.but_version(version.version, **facts)


def _superseded(at: Situation, number: int) -> Situation:
    """A pending candidate gives way to this one."""
    pending = at.status.candidate
    if pending is None:
        return at
    message = f"version {pending.version} gave way to version {number}, which is newer, before there was a verdict"
    return leave_open(at, pending.version, reason=SUPERSEDED, message=message)
