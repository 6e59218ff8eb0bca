"""One module per kind: what to watch for it, and how to observe it. The decisions are in `noria.decisions`."""

from collections.abc import Mapping
from functools import partial

from noria.api import Dataset, Model, TrainingJob
from noria.controllers import child, dataset, model, training_job
from noria.runtime.access import Access
from noria.runtime.cache import Cache
from noria.runtime.feed import Watched
from noria.runtime.reconcile import Controller
from noria.runtime.settings import OperatorSettings


def watched_types() -> tuple[Watched, ...]:
    """Everything that is watched."""
    return (dataset.WATCHED, training_job.WATCHED, model.WATCHED, *child.watched_children())


def access() -> tuple[Access, ...]:
    """What the operator may do in each namespace that it works in."""
    return (*dataset.ACCESS, *training_job.ACCESS, *model.ACCESS, *child.ACCESS)


def controllers(cache: Cache, settings: OperatorSettings) -> Mapping[str, Controller]:
    """The controller of each kind."""
    about = settings.installation
    return {
        Dataset.kind: partial(dataset.look, cache, about),
        TrainingJob.kind: partial(training_job.look, cache, about),
        Model.kind: partial(model.look, cache, about),
    }
