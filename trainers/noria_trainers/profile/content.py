"""What the profile of each task gathers beside labels: content that can be described and written to shards."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from noria.contract import Column
from noria_trainers.data.examples import Examples
from noria_trainers.data.manifest import ImageShape


class Content(Protocol):
    """The features of n examples."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """A table's features; none for images and texts."""

    def meta_features(self, chosen: NDArray[np.int64]) -> dict[str, float]:
        """Numbers that describe the chosen examples."""

    def image(self, chosen: NDArray[np.int64]) -> ImageShape | None:
        """What the chosen images are like; none for other tasks."""

    def shards(self, name: str, chosen: NDArray[np.int64], folder: Path) -> Iterator[Path]:
        """Files `NAME-NNNNN.*` in the folder with the chosen examples in that order; each is whole when it comes."""


@dataclass(frozen=True)
class Gathered:
    """Everything readable of a source."""

    examples: Examples
    content: Content
    target: str | None = None
