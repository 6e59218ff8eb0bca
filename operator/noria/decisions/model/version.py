"""Versions of a Model: the artifacts that its source has named, numbered in order."""

from datetime import datetime

from noria.api import Model, TrainingJob
from noria.api.model import VersionStatus
from noria.contract import Artifact, replaced
from noria.decisions.time import to_text

MOST_VERSIONS = 10


def next_version(
    model: Model, job: TrainingJob | None, now: datetime, *, is_refused: bool = False
) -> VersionStatus | None:
    """The version to serve: the next one if the source names a different artifact, else the last, if any.

    The last version stays when its TrainingJob is deleted or starts another run, and where the artifact is refused.
    """
    last = model.status.versions[-1] if model.status.versions else None
    named = None if is_refused else _named(model, job)
    if named is None or (last and last.artifact == named.artifact):
        return last
    return replaced(named, version=last.version + 1 if last else 1, created_at=to_text(now))


def _named(model: Model, job: TrainingJob | None) -> VersionStatus | None:
    """What the source names, without a number yet."""
    given = model.spec.source.artifact
    if given:
        return VersionStatus(version=0, artifact=Artifact(uri=given.uri, digest=given.digest))
    if job is None or job.status.best is None:
        return None
    best = job.status.best
    trials = (
        "ensemble of " + ", ".join(each.trial for each in best.ensemble) if best.ensemble else f"trial {best.trial}"
    )
    origin = f"TrainingJob {job.metadata.name}, run {best.run}, {trials}"
    return VersionStatus(version=0, artifact=best.artifact, origin=origin, score=best.score, call=best.call)
