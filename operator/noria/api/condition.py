"""Conditions that follow kstatus: Ready always; Reconciling, Stalled and Suspended only while they are True."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from noria.contract import visible

READY, RECONCILING, STALLED, SUSPENDED = "Ready", "Reconciling", "Stalled", "Suspended"
ABNORMAL = (RECONCILING, STALLED, SUSPENDED)
REJECTED = "Rejected"
"""Reason on any kind: the API server rejects a child built from the spec; the message is the API server's."""
BYTES_GONE = "BytesGone"
"""Reason on any kind, and condition of a Model: what the object has in the object store is not there any more."""
MESSAGE_BYTES = 1024
"""A longer message is cut, so that no user text can fill the object."""


class Condition(BaseModel):
    """One condition, as metav1.Condition."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
    )

    type: str = Field(max_length=63)
    """Type of the condition, in CamelCase."""
    status: Literal["True", "False", "Unknown"]
    """Whether the condition holds."""
    reason: str = Field(min_length=1, max_length=63)
    """Machine-readable reason, one CamelCase word."""
    message: str = Field(default="", max_length=1024)
    """Human-readable message: what happened and what to do."""
    observed_generation: int = 0
    """The generation of the spec that the condition is based on."""
    last_transition_time: datetime
    """When the status last changed."""


def with_condition(
    conditions: Iterable[Condition],
    type: str,
    status: bool,
    *,
    reason: str,
    message: str,
    generation: int,
    now: datetime,
) -> tuple[Condition, ...]:
    """The conditions with this one set; it keeps its transition time unless its status changes."""
    others = tuple(condition for condition in conditions if condition.type != type)
    before = next((condition for condition in conditions if condition.type == type), None)
    text: Literal["True", "False"] = "True" if status else "False"
    since = before.last_transition_time if before and before.status == text else now.replace(microsecond=0)
    condition = Condition(
        type=type,
        status=text,
        reason=reason,
        message=cut(message),
        observed_generation=generation,
        last_transition_time=since,
    )
    return tuple(sorted((*others, condition), key=lambda c: (c.type != READY, c.type)))


def without_conditions(conditions: Iterable[Condition], *types: str) -> tuple[Condition, ...]:
    """The conditions without these types."""
    return tuple(condition for condition in conditions if condition.type not in types)


def find_condition(conditions: Iterable[Condition], type: str) -> Condition | None:
    """The condition of this type."""
    return next((condition for condition in conditions if condition.type == type), None)


def is_true(conditions: Iterable[Condition], type: str) -> bool:
    """Whether the condition of this type is True."""
    found = find_condition(conditions, type)
    return found is not None and found.status == "True"


def cut(message: str, most: int = MESSAGE_BYTES) -> str:
    """The message within `most` bytes of UTF-8, with control characters visible: much of it is others'."""
    message = visible(message)
    data = message.encode()
    if len(data) <= most:
        return message
    return data[: most - 3].decode(errors="ignore") + "…"
