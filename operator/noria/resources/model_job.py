"""What the Jobs of a Model share: names, labels, places. Its pods that serve are its Deployment's."""

from kubernetes.aio.client import V1Job

from noria.api import Model
from noria.contract import place
from noria.resources import pod
from noria.resources.installation import Installation
from noria.resources.labels import PLACEMENT, child_labels
from noria.resources.name import child_name
from noria.resources.owner import child_metadata
from noria.resources.step_job import StepSpec, step_job


def model_job_name(model: Model, part: str) -> str:
    """The name of a Job of this Model; its part is e.g. `watch-7`."""
    return child_name(model.metadata, part)


def model_job(model: Model, part: str, step: StepSpec, settings: Installation) -> V1Job:
    """A Job of this Model."""
    labels = child_labels(model.kind, model.metadata.name, step=step.order.step)
    metadata = child_metadata(model, model_job_name(model, part), labels, {PLACEMENT: pod.placement_digest(settings)})
    return step_job(step, metadata=metadata, template=None, settings=settings)


def place_of(model: Model, version: int, settings: Installation) -> str:
    """Where everything is stored that was found out about a version of the Model."""
    about = model.metadata
    return place.proof(settings.places.proofs(about.namespace, about.name, uid=about.uid), version)
