"""The status of an object that cannot be parsed, e.g. one that was stored under an older schema."""

from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from noria.api import Condition
from noria.api.condition import READY, RECONCILING, STALLED, SUSPENDED, with_condition, without_conditions
from noria.runtime.cache import Record
from noria.runtime.stored import stored_body

INVALID = "Invalid"
"""Reason: the stored object cannot be parsed; the message says which field is wrong."""


def invalid_status(record: Record, message: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The conditions that the status has, and those that it should have; its other fields are left alone."""
    status = stored_body(record)["status"]
    status = status if isinstance(status, dict) else {}
    before = {name: status[name] for name in ("observedGeneration", "conditions") if name in status}
    conditions = without_conditions(_readable(before.get("conditions")), RECONCILING, SUSPENDED)
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
    for one in conditions if isinstance(conditions, list) else ():
        try:
            readable.append(Condition.model_validate(one))
        except ValidationError:
            continue
    return tuple(readable)
