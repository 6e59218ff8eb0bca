"""The Job that chooses the configurations of a run. Used by `training_job.choose`."""

import math

from kubernetes.aio.client import V1Job

from noria.api import TrainingJob
from noria.api.duration import seconds
from noria.api.run import RunStatus
from noria.contract import ChooseOrder, Strategy, place
from noria.resources.installation import Installation
from noria.resources.run_job import metric_of, own_experience_of, place_of, revision_of, run_job, run_job_name
from noria.resources.step_job import short_step


def choose_job_name(job: TrainingJob, run: RunStatus) -> str:
    """The name of the Job of this try."""
    return run_job_name(job, run, _part(run))


def choose_job(job: TrainingJob, run: RunStatus, settings: Installation) -> V1Job:
    """The Job of this try to choose."""
    step = short_step(choose_order(job, run, settings), run.trainer_image, settings)
    return run_job(job, run, _part(run), step, settings)


def choose_order(job: TrainingJob, run: RunStatus, settings: Installation) -> ChooseOrder:
    """The choose step's order."""
    search = job.spec.search
    return ChooseOrder(
        task=run.task,
        metric=metric_of(job, run),
        revision=revision_of(job, run, settings),
        strategy=search.strategy,
        trials=len(search.configurations) or search.trials,
        configurations=search.configurations,
        previous=() if search.strategy is Strategy.EXPLICIT else run.previous,
        backbones=settings.backbones,
        experience=settings.places.experience,
        own_experience=own_experience_of(job, settings),
        exploration=settings.exploration,
        trial_seconds=_trial_seconds(job),
        seed=settings.seed + run.number - 1,
        report=choose_report(job, run, settings),
    )


def choose_report(job: TrainingJob, run: RunStatus, settings: Installation) -> str:
    """Where the report of this try to choose is stored."""
    return place.choose_report(place_of(job, run, settings), run.attempt)


def _trial_seconds(job: TrainingJob) -> float | None:
    """The time of a trial when `parallelism` at a time take their turns within maxDuration."""
    if job.spec.max_duration is None:
        return None
    turns = math.ceil((len(job.spec.search.configurations) or job.spec.search.trials) / job.spec.parallelism)
    return seconds(job.spec.max_duration) / turns


def _part(run: RunStatus) -> str:
    return f"choose-{run.attempt}" if run.attempt else "choose"
