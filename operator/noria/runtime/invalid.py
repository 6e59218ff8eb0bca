"""The status of an object that does not make sense, e.g. one that was stored when its schema was another."""

from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from noria.api import Condition
from noria.api.condition import READY, RECONCILING, STALLED, SUSPENDED, with_condition, without_conditions
from noria.runtime.cache import Record
from noria.runtime.stored import stored_body

INVALID = "Invalid"
"""Reason: the object cannot be worked on as it is stored; the message says which field."""


def invalid_status(record: Record, message: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the status has of conditions, and what it should have; its other fields are left as they are."""
    status = stored_body(record).get("status") or {}
    before = {name: status[name] for name in ("observedGeneration", "conditions") if name in status}
    conditions = without_conditions(_readable(before.get("conditions") or ()), RECONCILING, SUSPENDED)
    for type, holds in ((READY, False), (STALLED, True)):
        conditions = with_condition(
            conditions,
            type,
            holds,
            reason=INVALID,
            message=message,
            generation=record.generation,
            now=datetime.now(UTC),
        )
    after = [condition.model_dump(mode="json", by_alias=True) for condition in conditions]
    return before, {"observedGeneration": record.generation, "conditions": after}


def _readable(conditions: Any) -> tuple[Condition, ...]:
    readable = []
    for one in conditions:
        try:
            readable.append(Condition.model_validate(one))
        except ValidationError:
            continue
    return tuple(readable)
