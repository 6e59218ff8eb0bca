"""How a run starts: what must exist first, and what is pinned."""

from noria.api.condition import READY, cut, find_condition, without_conditions
from noria.api.dataset import Dataset
from noria.api.retrain import MOST_PER_DAY, RetrainStatus
from noria.api.run import BY_THEMSELVES, RunStatus
from noria.api.training_job import (
    CHOSEN,
    DATASET_NOT_FOUND,
    DATASET_NOT_READY,
    METRIC_NOT_APPLICABLE,
    SUSPENDED_BY_USER,
)
from noria.contract import replaced, why_unfit
from noria.decision import Decision
from noria.decisions.time import to_text
from noria.decisions.training_job.cause import next_start, request_of
from noria.decisions.training_job.retrain import Start, is_ready
from noria.decisions.training_job.situation import Situation
from noria.decisions.training_job.spec_hash import spec_hash
from noria.decisions.training_job.stage import Outcome, Stage
from noria.decisions.training_job.winner import winners


def _begin(at: Situation) -> Outcome:
    """Start the run that is asked for as soon as possible.

    | state | action |
    |---|---|
    | spec.suspend | Suspended |
    | no Dataset of that name | Reconciling, DatasetNotFound |
    | it is invalid | Reconciling, DatasetNotReady, with what is wrong |
    | it has no revision for its current spec | Reconciling, DatasetNotReady, with the Dataset's message |
    | the metric does not fit the task | Stalled, MetricNotApplicable, with those that do |
    | otherwise | the next number; cause, request, revision, task and image are pinned, and the next stages start |

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
    revision = dataset.status.revision
    if revision is None or not is_ready(dataset):
        return Decision(at.conditions.progressing(DATASET_NOT_READY, _why_not(dataset)), delete=older)
    if job.spec.metric and (problem := why_unfit(job.spec.metric, dataset.spec.task)):
        return Decision(at.conditions.stalled(METRIC_NOT_APPLICABLE, f"spec.metric: {problem}"), delete=older)
    return _begun(at, dataset, revision)


def _begun(at: Situation, dataset: Dataset, revision: str) -> Situation:
    start = next_start(at)
    return at.but(
        run=_next_run(at, dataset, revision, start),
        retrain=_counted(at, start),
        choice=None,
        trials=(),
        trials_done=None,
        cost=None,
        conditions=without_conditions(at.status.conditions, CHOSEN),
    )


def _next_run(at: Situation, dataset: Dataset, revision: str, start: Start | None) -> RunStatus:
    job, last = at.job, at.status.run
    return RunStatus(
        number=last.number + 1 if last else 1,
        generation=job.metadata.generation,
        spec_hash=spec_hash(job.spec),
        cause=start.cause if start else None,
        cause_message=cut(start.message) if start else None,
        request=request_of(job),
        task=dataset.spec.task,
        revision=revision,
        revised_at=dataset.status.revised_at,
        examples=dataset.status.examples,
        trainer_image=at.trainer_image,
        previous=winners(at),
        share_experience=dataset.spec.share_experience,
        started_at=to_text(at.now),
    )


def _counted(at: Situation, start: Start | None) -> RetrainStatus | None:
    """The run is one of those that start by themselves, if spec.retrain started it."""
    known = at.status.retrain or RetrainStatus()
    if start is None or start.cause not in BY_THEMSELVES:
        return at.status.retrain
    return replaced(known, starts=(*known.starts, to_text(at.now))[-MOST_PER_DAY:])


def _why_not(dataset: Dataset) -> str:
    ready = find_condition(dataset.status.conditions, READY)
    why = f": {ready.reason}: {ready.message}" if ready and ready.status == "False" else ""
    return f"Dataset {dataset.metadata.name} is not ready{why}"


BEGIN = Stage(applies=lambda at: next_start(at) is not None, decide=_begin)
