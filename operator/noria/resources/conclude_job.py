"""The Job that picks and packages the best trial of a run. Used by `training_job.conclude`."""

from kubernetes.aio.client import V1Job

from noria.api import TrainingJob
from noria.api.dataset import ShareExperience
from noria.api.run import RunStatus
from noria.api.training_job import TrialStatus
from noria.contract import ConcludeOrder, FinishedTrial, place
from noria.resources.installation import Installation
from noria.resources.run_job import (
    metric_of,
    own_experience_of,
    place_of,
    revision_of,
    run_job,
    run_job_name,
    stored_choice,
)
from noria.resources.step_job import short_step
from noria.resources.train_job import trial_report


def conclude_job_name(job: TrainingJob, run: RunStatus) -> str:
    """The name of the Job of this try."""
    return run_job_name(job, run, _part(run))


def conclude_job(job: TrainingJob, run: RunStatus, trials: tuple[TrialStatus, ...], settings: Installation) -> V1Job:
    """The Job of this try to conclude."""
    step = short_step(conclude_order(job, run, trials, settings), run.trainer_image, settings)
    return run_job(job, run, _part(run), step, settings)


def conclude_order(
    job: TrainingJob, run: RunStatus, trials: tuple[TrialStatus, ...], settings: Installation
) -> ConcludeOrder:
    """The conclude step's order."""
    destination = place.best(place_of(job, run, settings))
    shared = run.share_experience is ShareExperience.SHARED
    finished = (
        FinishedTrial(
            name=trial.name,
            configuration=trial.configuration,
            choice=stored_choice(job, trial),
            score=trial.score,
            failure=trial.failure,
            report=trial_report(job, run, trial, settings),
            why=trial.reason or None,
        )
        for trial in trials
    )
    return ConcludeOrder(
        task=run.task,
        metric=metric_of(job, run),
        revision=revision_of(job, run, settings),
        trials=tuple(finished),
        ensemble=job.spec.ensemble,
        experience=settings.places.experience if shared else own_experience_of(job, settings),
        seed=settings.seed,
        gpus=job.spec.resources.gpus,
        destination=destination,
        report=conclude_report(job, run, settings),
    )


def conclude_report(job: TrainingJob, run: RunStatus, settings: Installation) -> str:
    """Where the report of this try to conclude is stored."""
    return place.report(place.best(place_of(job, run, settings)), run.attempt)


def _part(run: RunStatus) -> str:
    return f"conclude-{run.attempt}" if run.attempt else "conclude"
