"""The Job that looks at a Dataset's source. Used by `decisions.dataset`."""

from kubernetes.aio.client import V1Job

from noria.api import Dataset
from noria.contract import HOLDOUT_FRACTION, Checks, ProfileOrder, Source, place
from noria.resources import pod
from noria.resources.installation import Installation
from noria.resources.labels import PLACEMENT, child_labels
from noria.resources.name import child_name
from noria.resources.owner import child_metadata
from noria.resources.step_job import short_step, step_job


def profile_job_name(dataset: Dataset, number: int) -> str:
    """The name of this profile run's Job."""
    return child_name(dataset.metadata, f"p{number}")


def profile_job(dataset: Dataset, number: int, settings: Installation) -> V1Job:
    """The Job of this profile run; each run has its own name and report."""
    secret = dataset.spec.source.secret_ref
    keys = pod.source_environment(secret.name) if secret else ()
    environment = (*keys, *pod.network_environment(settings.source_networks))
    step = short_step(profile_order(dataset, number, settings), settings.trainer_image, settings, environment)
    labels = child_labels(dataset.kind, dataset.metadata.name, step=step.order.step)
    annotations = {PLACEMENT: pod.placement_digest(settings)}
    metadata = child_metadata(dataset, profile_job_name(dataset, number), labels, annotations)
    return step_job(step, metadata=metadata, template=None, settings=settings)


def profile_order(dataset: Dataset, number: int, settings: Installation) -> ProfileOrder:
    """The profile step's order."""
    spec, metadata = dataset.spec, dataset.metadata
    destination = settings.places.dataset(metadata.namespace, metadata.name)
    latest = dataset.status.revision
    return ProfileOrder(
        task=spec.task,
        source=Source(uri=spec.source.uri, format=spec.source.format),
        target=spec.target,
        columns=spec.columns,
        holdout_fraction=HOLDOUT_FRACTION if spec.holdout.fraction is None else spec.holdout.fraction,
        holdout_column=spec.holdout.column,
        holdout_uri=spec.holdout.uri,
        previous=place.revision(destination, latest) if latest else None,
        checks=Checks(
            min_examples_per_class=spec.checks.min_examples_per_class,
            max_unreadable_fraction=spec.checks.max_unreadable_fraction,
        ),
        home=settings.home(metadata.namespace),
        landmark_seconds=settings.landmark_seconds,
        destination=destination,
        report=profile_report(dataset, number, settings),
    )


def profile_report(dataset: Dataset, number: int, settings: Installation) -> str:
    """Where the report of this profile run is stored."""
    metadata = dataset.metadata
    destination = settings.places.dataset(metadata.namespace, metadata.name)
    return place.profile_report(destination, uid=metadata.uid, number=number)
