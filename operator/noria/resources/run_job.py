"""What the Jobs of a TrainingJob's run share: names, labels, places."""

from kubernetes.aio.client import V1Job

from noria.api import TrainingJob
from noria.api.run import RunStatus
from noria.api.training_job import TrialStatus
from noria.contract import TASKS, Metric, StoredChoice, place
from noria.resources import pod
from noria.resources.installation import Installation
from noria.resources.labels import PLACEMENT, child_labels
from noria.resources.name import child_name
from noria.resources.owner import child_metadata
from noria.resources.step_job import StepSpec, step_job


def run_job_name(job: TrainingJob, run: RunStatus, part: str) -> str:
    """The name of a Job of this run; its part is a trial's name, or `choose` or `conclude` with the try."""
    return child_name(job.metadata, f"r{run.number}-{part}")


def run_job(
    job: TrainingJob, run: RunStatus, part: str, step: StepSpec, settings: Installation, *, trial: bool = False
) -> V1Job:
    """A Job of this run."""
    further = {"step": step.order.step, "run": str(run.number)} | ({"trial": part} if trial else {})
    labels = child_labels(job.kind, job.metadata.name, **further)
    annotations = {PLACEMENT: placement_of(job, settings)}
    metadata = child_metadata(job, run_job_name(job, run, part), labels, annotations)
    return step_job(step, metadata=metadata, template=job.spec.pod_template, settings=settings)


def placement_of(job: TrainingJob, settings: Installation) -> str:
    """Digest of where the pods of the job's runs belong at present."""
    return pod.placement_digest(settings, template=job.spec.pod_template, queue=job.spec.queue_name)


def metric_of(job: TrainingJob, run: RunStatus) -> Metric:
    """The score that decides this run."""
    return job.spec.metric or TASKS[run.task].metrics.default


def revision_of(job: TrainingJob, run: RunStatus, settings: Installation) -> str:
    """Where the revision that this run trains on is stored."""
    return place.revision(_dataset(job, settings), str(run.revision))


def own_experience_of(job: TrainingJob, settings: Installation) -> str:
    """Where the results that stay with the job's Dataset are stored."""
    return place.own_experience(_dataset(job, settings))


def place_of(job: TrainingJob, run: RunStatus, settings: Installation) -> str:
    """Where everything of this run is stored."""
    about = job.metadata
    return place.run(settings.places.runs(about.namespace, about.name, uid=about.uid), run.number)


def stored_choice(job: TrainingJob, trial: TrialStatus) -> StoredChoice | None:
    """Where the trial's parameters are stored, if its status has no room for them."""
    choice, names = job.status.choice, [each.name for each in job.status.trials]
    if choice is None or choice.report_uri is None:
        return None
    return StoredChoice(report=choice.report_uri, number=names.index(trial.name))


def _dataset(job: TrainingJob, settings: Installation) -> str:
    return settings.places.dataset(job.metadata.namespace, job.spec.dataset_ref.name)
