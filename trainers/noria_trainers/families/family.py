"""What a family of models is: its parameters, its space of configurations, and how one of them is designed.

Nothing here imports TensorFlow: choosers enumerate and check configurations in milliseconds. `design` functions import
it when they are called.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from noria.contract import Configuration, Parameter, Task
from noria_trainers.data.manifest import Manifest

if TYPE_CHECKING:
    import keras
    import pyarrow as pa
    import tensorflow as tf
    from numpy.typing import NDArray

    from noria_trainers.modality.inputs import Inputs


BUDGET = "passes-1"
"""Name of the rule by which `Problem.epochs` and the recipes bound a trial; raised when the rule changes."""


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
class Recipe:
    """How a network is fitted."""

    learning_rate: float
    """At its highest: it rises over the first tenth of all steps and then falls to zero along a cosine."""
    batch: int
    epochs: int
    """At most; early stopping may end before."""
    patience: int
    """Epochs without a better validation score after which training ends."""
    weight_decay: float = 0.0
    smoothing: float = 0.0
    """Of one-hot labels, evenly over the other classes."""
    augment: "Callable[[dict[str, tf.Tensor], tf.Tensor], dict[str, tf.Tensor]] | None" = None
    """Varies a batch of features; its second argument is a seed of two integers, another one for each step."""


@dataclass(frozen=True)
class Problem:
    """What a design may know of the data: never more than the training split."""

    manifest: Manifest
    outputs: int
    """Numbers that a network answers with for an example."""
    gpu: bool
    seed: int
    texts: "Callable[[], tf.data.Dataset] | None" = None
    """Training examples that are one string, unbatched: texts; none where examples are rows."""
    table: "pa.Table | None" = None
    """Training rows with their label; none where examples are no rows."""
    weights: Mapping[str, Path] = field(default_factory=dict)
    """Verified files of pretrained weights by the name of the backbone."""

    @property
    def examples(self) -> int:
        """Training examples."""
        return self.manifest.splits["train"].examples

    def epochs(self, *, cpu_passes: int, gpu_passes: int = 4_000_000, least: int = 3, most: int = 60) -> int:
        """Epochs in which about so many examples pass through the network on such a device."""
        passes = gpu_passes if self.gpu else cpu_passes
        return max(least, min(most, round(passes / max(self.examples, 1))))


@dataclass(frozen=True)
class Design:
    """A configuration made concrete for a dataset."""

    inputs: "Inputs"
    network: "Callable[[], keras.Model]"
    """Makes the network anew, with the precision that holds at that moment; from encoded features to raw outputs."""
    recipe: Recipe


class Network(Protocol):
    """What training leaves: a Keras model, or an estimator of another library as a graph."""

    @property
    def variables(self) -> "Sequence[keras.Variable]":
        """All numbers that it holds."""

    def __call__(self, features: "dict[str, tf.Tensor]", training: bool = False) -> "tf.Tensor":
        """Raw outputs for a batch of encoded features."""

    def count_params(self) -> int:
        """How many numbers it holds."""


@dataclass(frozen=True)
class Fit:
    """A configuration of which a library makes a model in one go."""

    inputs: "Inputs"
    fit: "Callable[[dict[str, NDArray[Any]], NDArray[Any]], Network]"
    """From all encoded training examples and their labels to the finished network."""


@dataclass(frozen=True)
class Variant:
    """What a family has only where the parameter that tells its variants apart has a certain value."""

    parameters: Mapping[str, OneOf | Between] = field(default_factory=dict)
    defaults: Mapping[str, Parameter] = field(default_factory=dict)
    grids: Sequence[Mapping[str, tuple[Parameter, ...]]] = ({},)


@dataclass(frozen=True)
class Family:
    """A kind of model."""

    name: str
    tasks: tuple[Task, ...]
    wins: str
    """When it is the one to take, for the documentation."""
    parameters: Mapping[str, OneOf | Between]
    defaults: Mapping[str, Parameter]
    """A value for each parameter that a configuration leaves out."""
    grids: Sequence[Mapping[str, tuple[Parameter, ...]]]
    """The space: for each grid all combinations of its values, with the defaults for what it leaves out."""
    design: "Callable[[Mapping[str, Any], Problem], Design | Fit]"
    told_by: str = ""
    """The parameter that tells variants apart, where there are any."""
    variants: Mapping[str, Variant] = field(default_factory=dict)

    def space(self) -> tuple[Configuration, ...]:
        """Every configuration, always in the same order, none twice."""
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
