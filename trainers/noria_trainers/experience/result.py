"""One result: a configuration trained on a revision under a protocol.

A result may be shared between datasets and owners, so it holds no name, label, path or example, and no hold-out score:
choices fitted to hold-out scores would make these worthless. Scores compare within one revision and protocol only.
"""

import hashlib
import math
from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from noria.contract import TASKS, Configuration, FailureKind, Metric, Shape, Task

_FIRST_RULE = "passes-1"


class Protocol(Shape):
    """How a trial was run. Only results of one protocol compare."""

    trainer: str
    """Version of the trainer."""
    split: str
    """How the examples were split."""
    budget: str
    """What a trial may spend: `cpu` or `gpu`, for which families have budgets of their own."""
    seed: int
    objective: Metric
    """What training aimed at: it decides on class weights and when to stop."""
    rule: str = Field(default=_FIRST_RULE, exclude_if=lambda rule: rule == _FIRST_RULE)
    """How long a trial may train for its budget. The first rule is left out: results that name none keep their ids."""

    @property
    def id(self) -> str:
        """Twelve hex digits."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]


class Score(Shape):
    """A metric on the validation split, with its direction."""

    metric: Metric
    value: float = Field(allow_inf_nan=False)
    higher_is_better: bool


class Cost(Shape):
    """What the trial took."""

    seconds: float
    epochs: int
    parameters: int


class Result(Shape):
    """Validation scores and cost, or the kind of failure."""

    task: Task
    revision: str = Field(pattern=r"^[A-Za-z0-9.-]{1,64}$")
    """The revision's id, a digest of its content."""
    meta_features: dict[str, float]
    configuration: Configuration
    protocol: Protocol
    scores: tuple[Score, ...] = ()
    cost: Cost | None = None
    failure: FailureKind | None = None

    @model_validator(mode="after")
    def _scored_or_failed(self) -> Self:
        if bool(self.scores) == bool(self.failure):
            raise ValueError("a result has either scores or a failure")
        if self.failure and not self.failure.is_result:
            raise ValueError(f"{self.failure} says nothing about a configuration, so it is not a result")
        return self

    @property
    def key(self) -> str:
        """Its path in the experience: the same for the same revision, protocol and configuration."""
        return f"{self.task}/{self.revision}/{self.protocol.id}/{self.configuration.id}.json"


def scores(task: Task, metrics: Mapping[str, float]) -> tuple[Score, ...]:
    """The task's metrics among `metrics`, those that are numbers."""
    known = ((metric, metrics.get(metric)) for metric in TASKS[task].metrics.all)
    return tuple(
        Score(metric=metric, value=value, higher_is_better=metric.higher_is_better)
        for metric, value in known
        if value is not None and math.isfinite(value)
    )
