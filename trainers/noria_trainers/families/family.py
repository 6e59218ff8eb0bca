"""What a family of models is: its parameters and its space of configurations.

Nothing here imports TensorFlow: choosers enumerate and check configurations in milliseconds.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from noria.contract import Configuration, Parameter, Task


@dataclass(frozen=True)
class OneOf:
    """A parameter with a few values."""

    help: str
    values: tuple[Parameter, ...]

    def accepts(self, value: Parameter) -> bool:
        """Whether the value is one of them, of the same type."""
        return any(value == each and isinstance(value, bool) is isinstance(each, bool) for each in self.values)

    def __str__(self) -> str:
        return "one of " + ", ".join(map(str, self.values))


@dataclass(frozen=True)
class Between:
    """A number within bounds; a whole one where the bounds are whole."""

    help: str
    low: float
    high: float

    def accepts(self, value: Parameter) -> bool:
        """Whether the value is a number of the right kind within the bounds."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return self.low <= value <= self.high and (not self._whole or float(value).is_integer())

    @property
    def _whole(self) -> bool:
        return isinstance(self.low, int) and isinstance(self.high, int)

    def __str__(self) -> str:
        return f"a {'whole number' if self._whole else 'number'} from {self.low} to {self.high}"


@dataclass(frozen=True)
class Variant:
    """What a family has only for one value of the parameter that selects its variant."""

    parameters: Mapping[str, OneOf | Between] = field(default_factory=dict)
    defaults: Mapping[str, Parameter] = field(default_factory=dict)
    grids: Sequence[Mapping[str, tuple[Parameter, ...]]] = ({},)


@dataclass(frozen=True)
class Family:
    """A family of models."""

    name: str
    tasks: tuple[Task, ...]
    wins: str
    """What it is best for, for the documentation."""
    parameters: Mapping[str, OneOf | Between]
    defaults: Mapping[str, Parameter]
    """A value for each parameter that a configuration leaves out."""
    grids: Sequence[Mapping[str, tuple[Parameter, ...]]]
    """The space: for each grid all combinations of its values, with the defaults for what it leaves out."""
    told_by: str = ""
    """The parameter that selects the variant, if there are variants."""
    variants: Mapping[str, Variant] = field(default_factory=dict)

    def space(self) -> tuple[Configuration, ...]:
        """Every configuration, always in the same order, without duplicates."""
        variants = ({self.told_by: (name,), **grid} for name, each in self.variants.items() for grid in each.grids)
        found = (
            self.configuration(dict(zip(grid, values, strict=True)))
            for grid in (*self.grids, *variants)
            for values in itertools.product(*grid.values())
        )
        return tuple({each.id: each for each in found}.values())

    def configuration(self, parameters: Mapping[str, Parameter]) -> Configuration:
        """The configuration with these parameters, and the defaults of the others."""
        defaults = {**self.defaults, **self._variant(parameters).defaults}
        return Configuration(family=self.name, parameters={**defaults, **parameters})

    def known(self, parameters: Mapping[str, Parameter]) -> dict[str, OneOf | Between]:
        """The parameters that a configuration with these may have."""
        return {**self.parameters, **self._variant(parameters).parameters}

    def _variant(self, parameters: Mapping[str, Parameter]) -> Variant:
        named = {**self.defaults, **parameters}.get(self.told_by, "")
        return self.variants.get(str(named), Variant())
