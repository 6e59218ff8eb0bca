"""TrainingJobs: what `decide_training_job` sees, and which trials have ended."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from noria.api import Dataset, Model, TrainingJob
from noria.api.training_job import TrainingJobStatus, TrialState
from noria.controllers import child
from noria.controllers.stored import of_training_job
from noria.decisions.seen import SeenTrainingJob
from noria.decisions.training_job import decide_training_job
from noria.decisions.training_job.rollback import last_rollback
from noria.resources.installation import Installation
from noria.runtime.access import access_to_kind
from noria.runtime.cache import Cache, Key, Record
from noria.runtime.execute import Objections
from noria.runtime.feed import Watched
from noria.runtime.reconcile import Look
from noria.runtime.resource_type import TYPES
from noria.runtime.stored import parse, parse_referent, reader, referent, stored_status

_ENDED = (TrialState.SUCCEEDED, TrialState.FAILED)


def _references(body: dict[str, Any]) -> tuple[Key, ...]:
    return (*referent(Dataset, body, "datasetRef"), *of_training_job(body))


ACCESS = access_to_kind(TrainingJob.kind)
WATCHED = Watched(TYPES[TrainingJob.kind], reader(TrainingJob, _references))


def look(cache: Cache, installation: Installation, record: Record, objections: Objections) -> Look:
    """Look at a TrainingJob, its Dataset, its Jobs and the Models that serve its results."""
    job = parse(TrainingJob, record)
    source = cache.get(Key(Dataset.kind, record.key.namespace, job.spec.dataset_ref.name))
    dataset, problem = parse_referent(Dataset, source)
    pods = child.job_pods(cache, record)
    seen = SeenTrainingJob(
        dataset=dataset,
        dataset_problem=problem,
        rollback=last_rollback(record.key.name, _models(cache, record)) if job.spec.retrain else None,
        jobs=child.jobs(cache, record),
        pods=pods,
        refusals=child.refusals(cache, record, objections),
        rejections=objections.rejections,
        holders=child.holders(cache, record, pods),
        stored=child.stored(cache, record.key.namespace, job.status.best.artifact.uri) if job.status.best else None,
    )
    decision = decide_training_job(job, seen, installation, datetime.now(UTC))
    return Look(stored_status(record), decision, _ended_trials(job.status, decision.status))


def _models(cache: Cache, record: Record) -> Iterator[Model]:
    """The readable Models that refer to the TrainingJob."""
    for key in cache.referrers(record.key):
        model, _ = parse_referent(Model, cache.get(key) if key.kind == Model.kind else None)
        if model:
            yield model


def _ended_trials(before: TrainingJobStatus, after: TrainingJobStatus) -> tuple[str, ...]:
    """The states of trials that have ended since."""
    same_run = before.run and after.run and before.run.number == after.run.number
    known = {trial.name for trial in before.trials if trial.state in _ENDED} if same_run else frozenset()
    return tuple(trial.state for trial in after.trials if trial.state in _ENDED and trial.name not in known)
