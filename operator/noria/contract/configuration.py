"""Configurations, and how those of a run are chosen."""

import hashlib
import json
from enum import StrEnum

from pydantic import Field

from noria.contract.shape import Shape


class Strategy(StrEnum):
    """How the configurations of a TrainingJob are chosen."""

    META_LEARNED = "MetaLearned"
    PORTFOLIO = "Portfolio"
    RANDOM = "Random"
    EXPLICIT = "Explicit"


Parameter = bool | int | float | str


class Configuration(Shape):
    """One parameter combination: a family of models and values for its parameters."""

    family: str = Field(min_length=1, max_length=40)
    """A kind of model, e.g. image-cnn; `noria-trainer space` lists them."""
    parameters: dict[str, Parameter] = Field(default_factory=dict, max_length=16)
    """Numbers, texts or truth values by the parameter's name; what is absent has the family's default."""

    @property
    def id(self) -> str:
        """Twelve hex digits that depend on family and parameters alone: not on their order, nor on 1 or 1.0, which an
        API server does not tell apart."""
        parameters = {name: _shortest(value) for name, value in self.parameters.items()}
        canonical = json.dumps([self.family, parameters], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _shortest(value: Parameter) -> Parameter:
    return int(value) if isinstance(value, float) and value.is_integer() else value
