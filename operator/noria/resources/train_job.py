"""The Job of one trial."""

from kubernetes.aio.client import V1Job

from noria.api import TrainingJob
from noria.api.duration import seconds
from noria.api.run import RunStatus
from noria.api.training_job import TrialStatus
from noria.contract import TrainOrder, place
from noria.resources import pod
from noria.resources.installation import Installation
from noria.resources.run_job import metric_of, place_of, revision_of, run_job, run_job_name, stored_choice
from noria.resources.step_job import StepSpec

RETRIES = 3
"""Pods of a trial after the first; each resumes from the last checkpoint."""


def train_job_name(job: TrainingJob, run: RunStatus, trial: str) -> str:
    """The name of a trial's Job."""
    return run_job_name(job, run, trial)


def train_job(job: TrainingJob, run: RunStatus, trial: TrialStatus, settings: Installation) -> V1Job:
    """The Job that trains one configuration."""
    wanted = job.spec.resources
    step = StepSpec(
        image=run.trainer_image,
        order=train_order(job, run, trial, settings),
        resources=pod.resources(
            cpu=wanted.cpu, memory=wanted.memory, storage=storage_of(job, settings), gpus=wanted.gpus
        ),
        deadline=seconds(job.spec.max_duration) if job.spec.max_duration else None,
        retries=RETRIES,
        queue=job.spec.queue_name,
    )
    return run_job(job, run, trial.name, step, settings, trial=True)


def storage_of(job: TrainingJob, settings: Installation) -> str:
    """Ephemeral storage limit of the job's trials."""
    return job.spec.resources.ephemeral_storage or settings.step_ephemeral_storage


def train_order(job: TrainingJob, run: RunStatus, trial: TrialStatus, settings: Installation) -> TrainOrder:
    """The train step's order."""
    return TrainOrder(
        task=run.task,
        metric=metric_of(job, run),
        revision=revision_of(job, run, settings),
        configuration=trial.configuration,
        choice=stored_choice(job, trial),
        backbones=settings.backbones,
        seed=settings.seed,
        gpus=job.spec.resources.gpus,
        destination=place.trial(place_of(job, run, settings), trial.name),
        report=trial_report(job, run, trial, settings),
    )


def trial_report(job: TrainingJob, run: RunStatus, trial: TrialStatus, settings: Installation) -> str:
    """Where a trial's report is stored."""
    return place.report(place.trial(place_of(job, run, settings), trial.name))
