"""How a run starts: what its spec hash depends on, what must exist first, and what is pinned."""

import hashlib
import json
from typing import Any

from noria.api import TrainingJob
from noria.api.condition import READY, find_condition, is_true, without_conditions
from noria.api.dataset import Dataset
from noria.api.training_job import (
    CHOSEN,
    DATASET_NOT_FOUND,
    DATASET_NOT_READY,
    METRIC_NOT_APPLICABLE,
    SUSPENDED_BY_USER,
    RunStatus,
    TrainingJobSpec,
)
from noria.contract import why_unfit
from noria.decision import Decision
from noria.decisions.time import to_text
from noria.decisions.training_job.situation import Situation
from noria.decisions.training_job.stage import Outcome, Stage

_DEFAULTS: dict[str, Any] = {
    "ensemble": "IfBetter",
    "search": {"strategy": "Portfolio", "trials": 5},
    "resources": {"gpus": 0, "cpu": "1", "memory": "2Gi"},
}
"""Values that hash as if they were absent: the first defaults of v1alpha1, which never change here. A later default
changes neither the hash of existing objects nor that of specs which spell the old default out."""


def spec_hash(spec: TrainingJobSpec) -> str:
    """Hash of the fields whose change starts a run: datasetRef, metric, search, ensemble and resources."""
    relevant = {
        "datasetRef": spec.dataset_ref.name,
        "metric": spec.metric,
        "search": _given(spec.search.to_dict(), _DEFAULTS["search"]),
        "resources": _given(spec.resources.to_dict(), _DEFAULTS["resources"]),
        **_given({"ensemble": spec.ensemble}, _DEFAULTS),
    }
    text = json.dumps(relevant, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _given(values: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value != defaults.get(name) and value != []}


def is_of_this_spec(run: RunStatus, job: TrainingJob) -> bool:
    """Whether the run is what the spec asks for."""
    return run.spec_hash == spec_hash(job.spec)


def _begin(at: Situation) -> Outcome:
    """Start the run that the spec asks for as soon as possible.

    | state | action |
    |---|---|
    | spec.suspend | Suspended |
    | no Dataset of that name | Reconciling, DatasetNotFound |
    | it is invalid | Reconciling, DatasetNotReady, with what is wrong |
    | it has no revision for its current spec | Reconciling, DatasetNotReady, with the Dataset's message |
    | the metric does not fit the task | Stalled, MetricNotApplicable, with those that do |
    | otherwise | the next number; revision, task and image are pinned, and the next stages start |

    Until then, unfinished Jobs of the older run are deleted.
    """
    older = at.unfinished_jobs
    job, dataset = at.job, at.seen.dataset
    name = job.spec.dataset_ref.name
    if job.spec.suspend:
        message = "spec.suspend is true: set it to false to start"
        return Decision(at.conditions.suspended(SUSPENDED_BY_USER, message), delete=older)
    if at.seen.dataset_problem:
        message = f"Dataset {name} is not ready: {at.seen.dataset_problem}"
        return Decision(at.conditions.progressing(DATASET_NOT_READY, message), delete=older)
    if dataset is None:
        message = f"Dataset {name} is not in namespace {job.metadata.namespace}: create it, or correct spec.datasetRef"
        return Decision(at.conditions.progressing(DATASET_NOT_FOUND, message), delete=older)
    revision = _ready_revision(dataset)
    if revision is None:
        return Decision(at.conditions.progressing(DATASET_NOT_READY, _why_not(dataset)), delete=older)
    if job.spec.metric and (problem := why_unfit(job.spec.metric, dataset.spec.task)):
        return Decision(at.conditions.stalled(METRIC_NOT_APPLICABLE, f"spec.metric: {problem}"), delete=older)
    return _begun(at, dataset, revision)


def _begun(at: Situation, dataset: Dataset, revision: str) -> Situation:
    return at.but(
        run=_next_run(at, dataset, revision),
        choice=None,
        trials=(),
        trials_done=None,
        cost=None,
        conditions=without_conditions(at.status.conditions, CHOSEN),
    )


def _next_run(at: Situation, dataset: Dataset, revision: str) -> RunStatus:
    job, last = at.job, at.status.run
    return RunStatus(
        number=last.number + 1 if last else 1,
        generation=job.metadata.generation,
        spec_hash=spec_hash(job.spec),
        task=dataset.spec.task,
        revision=revision,
        trainer_image=at.trainer_image,
        share_experience=dataset.spec.share_experience,
        started_at=to_text(at.now),
    )


def _ready_revision(dataset: Dataset) -> str | None:
    """The revision of the Dataset's current spec, if it can be trained on."""
    status = dataset.status
    speaks_of_spec = status.observed_generation == dataset.metadata.generation
    return status.revision if speaks_of_spec and is_true(status.conditions, READY) else None


def _why_not(dataset: Dataset) -> str:
    ready = find_condition(dataset.status.conditions, READY)
    why = f": {ready.reason}: {ready.message}" if ready and ready.status == "False" else ""
    return f"Dataset {dataset.metadata.name} is not ready{why}"


def _has_no_run_of_this_spec(at: Situation) -> bool:
    return at.status.run is None or not is_of_this_spec(at.status.run, at.job)


BEGIN = Stage(applies=_has_no_run_of_this_spec, decide=_begin)
