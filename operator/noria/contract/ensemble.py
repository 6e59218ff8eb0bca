"""Trials served together as one model."""

from enum import StrEnum

from pydantic import Field

from noria.contract.shape import Shape


class Ensemble(StrEnum):
    """Whether trials are served together."""

    NEVER = "Never"
    IF_BETTER = "IfBetter"


class EnsembleMember(Shape):
    """A trial of an ensemble."""

    trial: str = Field(max_length=63)
    """Name of the trial."""
    weight: float = Field(ge=0, le=1)
    """Its share of the answer; the weights of all members add up to 1."""
