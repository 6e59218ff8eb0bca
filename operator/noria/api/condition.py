"""Conditions by kstatus' rules: Ready always, Reconciling, Stalled and Suspended only while they are True."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

READY, RECONCILING, STALLED, SUSPENDED = "Ready", "Reconciling", "Stalled", "Suspended"
ABNORMAL = (RECONCILING, STALLED, SUSPENDED)
REJECTED = "Rejected"
"""Reason, of any kind: the API server will not take a child as the spec wants it; the message has its words."""
MESSAGE_BYTES = 1024
"""A condition's message is cut here, so that no user text can fill the object."""


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
    """What the condition tells of."""
    status: Literal["True", "False", "Unknown"]
    """Whether it holds."""
    reason: str = Field(min_length=1, max_length=63)
    """One CamelCase word for programs."""
    message: str = Field(default="", max_length=1024)
    """What happened and what to do, for people."""
    observed_generation: int = 0
    """The generation of the spec that was looked at."""
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
    """The conditions with this one set; its transition time is kept where its status did not change."""
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


def cut(message: str) -> str:
    """The message within `MESSAGE_BYTES` bytes of UTF-8."""
    data = message.encode()
    if len(data) <= MESSAGE_BYTES:
        return message
    return data[: MESSAGE_BYTES - 3].decode(errors="ignore") + "…"
