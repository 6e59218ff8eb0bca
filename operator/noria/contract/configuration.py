"""Configurations, and the strategies to choose them."""

import hashlib
import json
import math
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from noria.contract.shape import Shape


class Strategy(StrEnum):
    """How the configurations of a TrainingJob are chosen."""

    META_LEARNED = "MetaLearned"
    PORTFOLIO = "Portfolio"
    RANDOM = "Random"
    EXPLICIT = "Explicit"


Parameter = bool | int | float | str
ParameterName = Annotated[str, Field(min_length=1, max_length=40)]
_MOST_TEXT = 64


def _bounded(value: object) -> object:
    if isinstance(value, str) and len(value) <= _MOST_TEXT:
        return value
    if isinstance(value, int | float) and abs(value) < math.inf:
        return value
    raise ValueError(f"must be a number, true, false or a text of at most {_MOST_TEXT} characters")


GivenParameter = Annotated[
    Parameter,
    BeforeValidator(_bounded),
    WithJsonSchema(
        {"x-kubernetes-preserve-unknown-fields": True, "maxLength": _MOST_TEXT, "maxProperties": 0, "maxItems": 0}
    ),
]
"""A bounded parameter. A CRD's schema has no alternatives of types, but can keep objects and lists empty."""


class Configuration(Shape):
    """A family of models and values for its parameters."""

    family: str = Field(min_length=1, max_length=40)
    """Model family, e.g. image-cnn; `noria space` lists them."""
    parameters: dict[ParameterName, GivenParameter] = Field(default_factory=dict, max_length=16)
    """Numbers, strings or booleans by parameter name; absent parameters have the family's defaults."""

    @property
    def id(self) -> str:
        """Twelve hex digits that depend only on family and parameters: not on their order, nor on 1 or 1.0, which an
        API server does not distinguish."""
        parameters = {name: _shortest(value) for name, value in self.parameters.items()}
        canonical = json.dumps([self.family, parameters], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _shortest(value: Parameter) -> Parameter:
    return int(value) if isinstance(value, float) and value.is_integer() else value
