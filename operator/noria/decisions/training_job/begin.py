"""How a run begins: what its spec's hash depends on, what must be there first, what is pinned."""

import hashlib
import json
from typing import Any

from noria.api import TrainingJob
from noria.api.condition import READY, REJECTED, find_condition, is_true, without_conditions
from noria.api.dataset import Dataset
from noria.api.training_job import (
    CHOOSING,
    CHOSEN,
    DATASET_NOT_FOUND,
    DATASET_NOT_READY,
    METRIC_NOT_APPLICABLE,
    SUSPENDED_BY_USER,
    RunStatus,
    TrainingJobSpec,
)
from noria.contract import METRICS
from noria.decisions import state
from noria.decisions.decision import Decision
from noria.decisions.time import to_text
from noria.decisions.training_job.situation import Situation
from noria.resources import pod
from noria.resources.choose_job import choose_job

_UNSAID: dict[str, Any] = {
    "ensemble": "IfBetter",
    "search": {"strategy": "Portfolio", "trials": 5},
    "resources": {"gpus": 0, "cpu": "1", "memory": "2Gi"},
}
"""Values that hash as if they were not given: the first defaults of v1alpha1, and so they stay. Another default of a
later version neither changes the hash of what was created before nor that of who spelt the old one out."""


def spec_hash(spec: TrainingJobSpec) -> str:
    """Hash of the fields whose change starts a run: datasetRef, metric, search, ensemble and resources."""
    relevant = {
        "datasetRef": spec.dataset_ref.name,
        "metric": spec.metric,
        "search": _said(spec.search.to_dict(), _UNSAID["search"]),
        "resources": _said(spec.resources.to_dict(), _UNSAID["resources"]),
        **_said({"ensemble": spec.ensemble}, _UNSAID),
    }
    text = json.dumps(relevant, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _said(given: dict[str, Any], unsaid: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value != unsaid.get(name) and value != []}


def is_of_this_spec(run: RunStatus, job: TrainingJob) -> bool:
    """Whether the run is what the spec asks for."""
    return run.spec_hash == spec_hash(job.spec)


def begin(at: Situation) -> Decision:
    """Begin the run that the spec asks for, once it can.

    | what is | what is said |
    |---|---|
    | spec.suspend | Suspended |
    | no Dataset of that name | Reconciling, DatasetNotFound |
    | it has no revision for its present spec | Reconciling, DatasetNotReady, with the Dataset's words |
    | the metric does not fit the task | Stalled, MetricNotApplicable, with those that do |
    | the podTemplate is no pod's | Stalled, Rejected |
    | otherwise | Choosing: the next number; revision, task and image are pinned |

    Until it has begun, what is unfinished of the older run goes.
    """
    older = at.unfinished_jobs
    job, dataset = at.job, at.seen.dataset
    name = job.spec.dataset_ref.name
    if job.spec.suspend:
        message = "spec.suspend is true: set it to false to begin"
        status = state.suspended(at.status, job, reason=SUSPENDED_BY_USER, message=message, now=at.now)
        return Decision(status, delete=older)
    if dataset is None:
        message = f"Dataset {name} is not in namespace {job.metadata.namespace}: create it, or correct spec.datasetRef"
        return Decision(at.progressing(DATASET_NOT_FOUND, message), delete=older)
    if not _is_ready(dataset):
        return Decision(at.progressing(DATASET_NOT_READY, _why_not(dataset)), delete=older)
    if job.spec.metric and job.spec.metric not in METRICS[dataset.spec.task]:
        fitting = ", ".join(METRICS[dataset.spec.task])
        message = f"{job.spec.metric} does not fit {dataset.spec.task}: spec.metric may be {fitting}"
        return Decision(at.stalled(METRIC_NOT_APPLICABLE, message), delete=older)
    try:
        pod.placement(job.spec.pod_template, at.settings)
    except ValueError as error:
        return Decision(at.stalled(REJECTED, f"spec.podTemplate: {error}"), delete=older)
    return _begun(at, dataset)


def _begun(at: Situation, dataset: Dataset) -> Decision:
    run = _next_run(at, dataset)
    at = at.but(
        run=run,
        choice=None,
        trials=(),
        trials_done=None,
        cost=None,
        conditions=without_conditions(at.status.conditions, CHOSEN),
    )
    message = f"choosing configurations for revision {run.revision} of {dataset.metadata.name}"
    return Decision(at.progressing(CHOOSING, message), create=(choose_job(at.job, run, at.settings),))


def _next_run(at: Situation, dataset: Dataset) -> RunStatus:
    job, last = at.job, at.status.run
    assert dataset.status.revision is not None
    return RunStatus(
        number=last.number + 1 if last else 1,
        generation=job.metadata.generation,
        spec_hash=spec_hash(job.spec),
        task=dataset.spec.task,
        revision=dataset.status.revision,
        trainer_image=trainer_image(at),
        share_experience=dataset.spec.share_experience,
        started_at=to_text(at.now),
    )


def trainer_image(at: Situation) -> str:
    """The image that a run would be pinned to now."""
    gpus = at.job.spec.resources.gpus
    return (at.settings.gpu_trainer_image if gpus else None) or at.settings.trainer_image


def _is_ready(dataset: Dataset) -> bool:
    status = dataset.status
    speaks_of_spec = status.observed_generation == dataset.metadata.generation
    return speaks_of_spec and is_true(status.conditions, READY) and status.revision is not None


def _why_not(dataset: Dataset) -> str:
    found = find_condition(dataset.status.conditions, READY)
    words = f": {found.reason}: {found.message}" if found and found.status == "False" else ""
    return f"Dataset {dataset.metadata.name} is not ready{words}"
