"""Whom to tell what becomes of an object: in its spec, and what has yet to be sent in its status."""

import json
import re
from typing import Annotated

from pydantic import AfterValidator, Field

from noria.api.keyword import list_map, rule
from noria.api.kind import ObjectReference, Part, Status
from noria.contract import NotificationType

NOTIFICATION_LOST = "NotificationLost"
"""Reason of an event on any kind: a server did not take a notification, which is not sent again."""
MOST_PENDING = 10

_URL = r"^https://[^/@?#%\\\s]+([/?][^#\s]*)?$"
_URL_WORDS = "must be https://HOST/PATH, without user name or password"


def _reachable(url: str) -> str:
    if not re.fullmatch(_URL, url):
        raise ValueError(_URL_WORDS)
    return url


NotifyURL = Annotated[
    str,
    AfterValidator(_reachable),
    Field(min_length=1, max_length=1024, json_schema_extra=rule(f"self.matches({json.dumps(_URL)})", _URL_WORDS)),
]
"""Where a pod sends what it has to tell: like a source, no further than its user may reach."""


class NotifySpec(Part):
    """A server to notify, by signed CloudEvents."""

    url: NotifyURL
    """https:// URL of a server that takes them by POST."""
    secret_ref: ObjectReference
    """Secret whose key signingKey signs them, as Standard Webhooks."""


class NotificationStatus(Part):
    """A notification that has not been sent yet."""

    id: str = Field(max_length=32)
    """The same whenever it is sent again."""
    type: NotificationType
    """What happened."""
    version: int | None = None
    """The version of a Model."""
    reason: str = Field(max_length=63)
    """Machine-readable reason, one CamelCase word."""
    message: str = Field(max_length=1024)
    """Why, and what to do about it."""
    at: str
    """When it happened."""


class NotifyingStatus(Status):
    """The status of an object that notifies a server."""

    notifications: tuple[NotificationStatus, ...] = Field(
        default=(), max_length=MOST_PENDING, json_schema_extra=list_map("id")
    )
    """What has not been sent yet."""
