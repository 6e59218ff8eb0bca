"""What Noria tells a user's server about a Model or a Dataset, as a CloudEvent 1.0, and the step that sends it.

A CloudEvent is ten fields of JSON; the SDKs bring more than is needed to write them.
Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md.
"""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from noria.contract.report import Report
from noria.contract.shape import Prose, Shape

SIGNING_KEY_VARIABLE = "NORIA_SIGNING_KEY"
"""Environment variable of the notify step: the key by which the receiver knows that a notification is ours."""
SIGNING_KEY = "signingKey"
"""The same in the Secret that `spec.notify` names."""


class NotificationType(StrEnum):
    """What happened."""

    APPROVAL_WANTED = "dev.noria.model.approvalwanted"
    PROMOTED = "dev.noria.model.promoted"
    REJECTED = "dev.noria.model.rejected"
    INCONCLUSIVE = "dev.noria.model.inconclusive"
    ROLLED_BACK = "dev.noria.model.rolledback"
    REFUSED = "dev.noria.dataset.refused"


class NotificationData(Shape):
    """What a notification is about."""

    kind: str
    namespace: str
    name: str
    uid: str
    version: int | None = None
    """The version of a Model."""
    reason: str
    """CamelCase, as in the status."""
    message: Prose
    """The figures, and what to do."""


class Notification(Shape):
    """A CloudEvent in its JSON format; attributes have no capitals."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    """The same whenever it is sent again."""
    source: str
    """`/namespaces/NAMESPACE/KIND/NAME`, the kind in the plural."""
    type: NotificationType
    subject: str | None = None
    """The version of a Model."""
    time: str
    """When it happened."""
    datacontenttype: Literal["application/json"] = "application/json"
    data: NotificationData


class NotifyOrder(Shape):
    """Send a notification to a user's server."""

    step: Literal["notify"] = "notify"
    url: str
    notification: Notification
    report: str


class NotifyReport(Report):
    """It was sent, and the server took it."""

    kind: Literal["notify"] = "notify"
    attempts: int = Field(ge=1)
