"""Events on our objects, as `kubectl describe` shows them. Writing an event twice creates only one."""

import hashlib
from datetime import UTC, datetime

from noria.api import GROUP, VERSION
from noria.api.condition import cut
from noria.decision import Event
from noria.runtime.cache import Record
from noria.runtime.client import Body

COMPONENT = "noria-operator"


def event_body(record: Record, event: Event) -> Body:
    """The body of an event on the object; its name depends on the status version that it follows."""
    kind, namespace, name = record.key
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hashlib.sha256(f"{record.uid}/{record.version}/{event.reason}/{event.message}".encode()).hexdigest()[:16]
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{name}.{digest}", "namespace": namespace},
        "involvedObject": {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": kind,
            "namespace": namespace,
            "name": name,
            "uid": record.uid,
        },
        "type": str(event.type),
        "reason": event.reason,
        "message": cut(event.message),
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
        "source": {"component": COMPONENT},
        "reportingComponent": COMPONENT,
        "reportingInstance": COMPONENT,
    }
