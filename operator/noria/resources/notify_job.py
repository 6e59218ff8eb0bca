"""The Job that sends a notification. Used by `decisions.notification`."""

from kubernetes.aio.client import V1Job

from noria.api import Dataset, Model
from noria.api.notification import NotificationStatus, NotifySpec
from noria.contract import (
    SIGNING_KEY,
    SIGNING_KEY_VARIABLE,
    Notification,
    NotificationData,
    NotifyOrder,
    place,
)
from noria.resources import pod
from noria.resources.installation import Installation
from noria.resources.labels import PLACEMENT, child_labels
from noria.resources.name import child_name
from noria.resources.owner import child_metadata
from noria.resources.step_job import StepSpec, step_job

RETRIES = 6
"""With the Job controller's backoff, some ten minutes."""
SECONDS = 300
"""For one pod, which tries some times."""
_CPU, _MEMORY = "50m", "256Mi"


def notify_job_name(owner: Dataset | Model, id: str) -> str:
    """The name of the Job that sends the notification of this id."""
    return child_name(owner.metadata, f"notify-{id[:12]}")


def notify_job(
    owner: Dataset | Model, notification: NotificationStatus, to: NotifySpec, settings: Installation
) -> V1Job:
    """The Job that sends this notification. Its pod alone reads the key."""
    key = pod.secret_variable(SIGNING_KEY_VARIABLE, to.secret_ref.name, SIGNING_KEY)
    storage = settings.step_ephemeral_storage
    step = StepSpec(
        order=notify_order(owner, notification, to, settings),
        image=settings.trainer_image,
        resources=pod.resources(cpu=_CPU, memory=_MEMORY, storage=storage),
        deadline=SECONDS,
        retries=RETRIES,
        environment=(key, *pod.network_environment(settings.source_networks)),
    )
    labels = child_labels(owner.kind, owner.metadata.name, step=step.order.step)
    name, annotations = notify_job_name(owner, notification.id), {PLACEMENT: pod.placement_digest(settings)}
    metadata = child_metadata(owner, name, labels, annotations)
    return step_job(step, metadata=metadata, template=None, settings=settings)


def notify_order(
    owner: Dataset | Model, notification: NotificationStatus, to: NotifySpec, settings: Installation
) -> NotifyOrder:
    """The notify step's order."""
    about = owner.metadata
    return NotifyOrder(
        url=to.url,
        notification=Notification(
            id=notification.id,
            source=f"/namespaces/{about.namespace}/{owner.plural}/{about.name}",
            type=notification.type,
            subject=None if notification.version is None else str(notification.version),
            time=notification.at,
            data=NotificationData(
                kind=owner.kind,
                namespace=about.namespace,
                name=about.name,
                uid=about.uid,
                version=notification.version,
                reason=notification.reason,
                message=notification.message,
            ),
        ),
        report=place.notification_report(_place_of(owner, settings), notification.id),
    )


def _place_of(owner: Dataset | Model, settings: Installation) -> str:
    """Where the owner's own things are stored."""
    about = owner.metadata
    if isinstance(owner, Model):
        return settings.places.proofs(about.namespace, about.name, uid=about.uid)
    return settings.places.dataset(about.namespace, about.name)
