"""Rollbacks of what a TrainingJob trained. Used by `controllers.training_job`."""

from collections.abc import Iterable

from noria.api import Model
from noria.api.promotion import ROLLED_BACK
from noria.decisions.seen import Rollback
from noria.decisions.time import from_text


def last_rollback(training_job: str, models: Iterable[Model]) -> Rollback | None:
    """The latest one of a version from this TrainingJob; a person who rejects a version rolls nothing back."""
    found = (
        Rollback(model.metadata.name, version.version, from_text(version.verdict.at))
        for model in models
        for version in model.status.versions
        if version.verdict and version.verdict.reason == ROLLED_BACK and version.is_from(training_job)
    )
    return max(found, key=lambda rollback: rollback.at, default=None)
