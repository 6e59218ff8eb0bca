"""The steps: what each is ordered, what it reports, what it is for. Everything that names all steps reads this table.

A step has a row here, a module of its name in `noria_trainers.steps`, a builder of its Job in `noria.resources`, and a
stage or a controller in `noria.decisions` that follows the Job.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from noria.contract.notification import NotifyOrder, NotifyReport
from noria.contract.order import ChooseOrder, ConcludeOrder, Order, ProfileOrder, ProveOrder, TrainOrder
from noria.contract.report import (
    ChooseReport,
    ConcludeReport,
    FailureReport,
    ProfileReport,
    ProveReport,
    Report,
    TrainReport,
)
from noria.contract.watch import WatchOrder, WatchReport


@dataclass(frozen=True)
class Step:
    """What operator and trainers agree on for one step."""

    order: type[Order]
    report: type[Report]
    help: str
    """What it does, for `noria-trainer --help`."""


STEPS: Mapping[str, Step] = {
    "profile": Step(ProfileOrder, ProfileReport, "read a source, check it, write its revision"),
    "choose": Step(ChooseOrder, ChooseReport, "choose the configurations to train on a revision"),
    "train": Step(TrainOrder, TrainReport, "train one configuration on a revision and export it"),
    "conclude": Step(ConcludeOrder, ConcludeReport, "pick the best trial, score it on the hold-out set, package it"),
    "prove": Step(ProveOrder, ProveReport, "compare a candidate with the served version on examples new to both"),
    "notify": Step(NotifyOrder, NotifyReport, "send a notification to a user's server"),
    "watch": Step(WatchOrder, WatchReport, "compare how a version serves with how the one before has served"),
}
"""By name: the `step` of its order and the `kind` of its report."""


def _one_of(types: Iterable[type], discriminator: str) -> TypeAdapter[Any]:
    """Reads JSON as the type that this field names."""
    union: Any = reduce(or_, types)
    annotated: Any = Annotated  # mypy reads a subscript of Annotated as a type, which a union made here is not to it
    return TypeAdapter(annotated[union, Field(discriminator=discriminator)])


ORDER: TypeAdapter[Order] = _one_of((step.order for step in STEPS.values()), "step")
"""Reads the order of any step."""
_REPORT: TypeAdapter[Report] = _one_of((*(step.report for step in STEPS.values()), FailureReport), "kind")


def parse_report(text: str | None) -> Report | None:
    """The report in a termination message; none if the step died before it could write one."""
    if not text:
        return None
    try:
        return _REPORT.validate_json(text)
    except ValidationError:
        return None
