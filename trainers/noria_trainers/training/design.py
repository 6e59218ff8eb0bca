"""What is trained: a configuration made concrete for a dataset. Families design it, the loop fits it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from noria_trainers.data.manifest import Manifest
from noria_trainers.modality.inputs import Inputs

if TYPE_CHECKING:
    import keras
    import numpy as np
    import pyarrow as pa
    import tensorflow as tf
    from numpy.typing import NDArray


Parameters = Mapping[str, Any]
"""A value for each parameter of a configuration; a design knows the type of each of its own."""
Tensors = Mapping[str, Any]
"""Symbolic tensors of Keras by the name of a feature; Keras ships no types."""
RULE = "passes-1"
"""Name of the rule by which `Problem.epochs` and the recipes bound a trial. It is part of the protocol and is raised
when the rule changes, so that results before and after are not compared."""


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
    """Training rows with their label; none where examples are not rows."""
    weights: Mapping[str, Path] = field(default_factory=dict)
    """Verified files of pretrained weights by the name of the backbone."""

    @property
    def examples(self) -> int:
        """Training examples."""
        return self.manifest.splits["train"].examples

    def strings(self) -> "tf.data.Dataset":
        """The training texts of a family that wants texts, unbatched."""
        if self.texts is None:
            raise TypeError(f"examples of {self.manifest.task} are not texts")
        return self.texts()

    def rows(self) -> "pa.Table":
        """The training rows of a family that wants rows."""
        if self.table is None:
            raise TypeError(f"examples of {self.manifest.task} are not rows")
        return self.table

    def epochs(self, *, cpu_passes: int, gpu_passes: int = 4_000_000, least: int = 3, most: int = 60) -> int:
        """Epochs in which about this many examples pass through the network on this device."""
        passes = gpu_passes if self.gpu else cpu_passes
        return max(least, min(most, round(passes / max(self.examples, 1))))


@dataclass(frozen=True)
class Design:
    """A configuration made concrete for a dataset."""

    inputs: Inputs
    network: "Callable[[], keras.Model]"
    """Makes a fresh network with the current precision, from encoded features to raw outputs."""
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
    """A configuration that a library fits in one call."""

    inputs: Inputs
    fit: "Callable[[dict[str, NDArray[np.generic]], NDArray[np.generic]], Network]"
    """From all encoded training examples and their labels to the finished network."""
