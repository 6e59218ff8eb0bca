"""What a modality is given of a source, and what it makes of it: examples with content that can be stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from noria.contract import Format, ProfileOrder, Source, replaced, shown
from noria_store.store import Store
from noria_store.uri import is_web
from noria_trainers.data.examples import Examples
from noria_trainers.data.manifest import ImageShape, TableColumn
from noria_trainers.data.source import File

HELD = "hold-out"
"""What the names of files and rows begin with that come from the order's hold-out."""


@dataclass(frozen=True)
class FoundSource:
    """The files of an order's source, not read yet."""

    order: ProfileOrder
    files: Sequence[File]
    format: Format
    store: Store
    """That has the files."""
    scratch: Path
    held: Sequence[File] = ()
    """The files of the order's hold-out."""
    past: "PastColumns | None" = None
    """The columns of the dataset's previous revision, if it has one."""

    @property
    def holdout(self) -> "FoundSource | None":
        """The hold-out as a source, if the order names one."""
        if self.order.holdout_uri is None:
            return None
        source = Source(uri=self.order.holdout_uri, format=self.order.source.format)
        return replace(self, order=replaced(self.order, source=source, holdout_uri=None), files=self.held, held=())

    @property
    def uri(self) -> str:
        """Where the source is, as it may be shown."""
        return shown(self.order.source.uri)

    @property
    def is_web(self) -> bool:
        """Whether files come from web servers."""
        return is_web(self.order.source.uri) or is_web(self.order.holdout_uri or "")


@dataclass(frozen=True)
class PastColumns:
    """Columns of the rows of a revision, as they were read; none where examples are not rows."""

    keys: tuple[TableColumn, ...]
    """Those that made its keys, if it kept keys."""
    stored: tuple[TableColumn, ...]
    """Those that its shards have."""
    target: str | None


class Content(Protocol):
    """The features of n examples. `chosen` [k] are indices of some of them."""

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """Features of rows; none where examples are not rows."""

    def meta_features(self, chosen: NDArray[np.int64]) -> dict[str, float]:
        """Numbers that describe the chosen examples."""

    def image(self, chosen: NDArray[np.int64]) -> ImageShape | None:
        """What the chosen images are like; none for other examples."""

    def rows(self, chosen: NDArray[np.int64]) -> pa.Table | None:
        """The chosen rows with their label, as in the shards; none where examples are not rows."""

    def shards(self, name: str, chosen: NDArray[np.int64], folder: Path) -> Iterator[Path]:
        """Files `NAME-NNNNN.*` in the folder with the chosen examples in that order; each is whole when it comes."""


@dataclass(frozen=True)
class Gathered:
    """Everything readable of a source."""

    examples: Examples
    content: Content
    target: str | None = None
    keyed_by: tuple[TableColumn, ...] = ()
    """Of rows: the columns that their keys are made of."""
    matched: "Matched | None" = None
    """How rows are known again, where it is not by their keys."""


@dataclass(frozen=True)
class Matched:
    """Columns that the previous revision and this one share, of those that made its keys."""

    names: tuple[str, ...]
    features: NDArray[np.uint64]
    """Hash of their values [n]."""
