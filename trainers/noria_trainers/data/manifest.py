"""The content of a revision's `manifest.json`."""

from typing import Literal

from pydantic import Field

from noria.contract import Column, Shape, Task
from noria_trainers.data.spelling import PLAIN, Spelling

SplitName = Literal["train", "validation", "holdout"]
SPLITS: tuple[SplitName, ...] = ("train", "validation", "holdout")
LABEL = "__label__"
"""Column of a table's shards: the class's index (int64), 0 or 1 (clicks), or the value (float64, regression)."""


class Split(Shape):
    """The examples of one split and the files they lie in, in the revision's folder."""

    examples: int
    class_counts: dict[str, int] = Field(default_factory=dict)
    """Examples by class name; empty for regression."""
    shards: tuple[str, ...]


class ImageShape(Shape):
    """What the training images are like."""

    height: int
    """Median."""
    width: int
    """Median."""
    channels: Literal[1, 3]
    """1 where all images are grey."""
    whites: tuple[int, ...] = (255, 1023, 4095, 16383, 65535)
    """Values of white in images of 16 bits, in ascending order: each image has the least that holds its values."""


class TableColumn(Column):
    """A feature of a table."""

    spelling: Spelling | None = None
    """How the source writes the values; none: plainly."""

    @property
    def written(self) -> Spelling:
        """How the source writes the values."""
        return self.spelling or PLAIN


class SplitRule(Shape):
    """What decided which split an example is in."""

    group: str | None = None
    """The Group column, whose values stay whole."""
    time: str | None = None
    """The Time column, by whose values the latest examples are held out."""
    validation_from: float | None = None
    """The moment from which examples validate; with a Time column only."""
    holdout_from: float | None = None
    """The moment from which examples are held out; with a Time column only."""
    holdout: Literal["given"] | None = None
    """Given: the examples' owner says which are held out."""


class KeysFile(Shape):
    """Where the keys of a revision's examples are, and what they are made of."""

    name: str
    """In the revision's folder."""
    digest: str
    """`sha256:...` of the file."""
    columns: tuple[TableColumn, ...] = ()
    """Of rows: the columns whose values are hashed, as they were read; of images and texts the whole content is."""


class Manifest(Shape):
    """A revision: task, classes, feature columns, splits and meta-features."""

    task: Task
    revision: str
    classes: tuple[str, ...] = ()
    """All class names in the order of their indices; empty for regression, `0` and `1` for clicks."""
    target: str | None = None
    columns: tuple[TableColumn, ...] = ()
    """A table's features: Numeric, Categorical or Text."""
    splits: dict[SplitName, Split]
    meta_features: dict[str, float] = Field(default_factory=dict)
    """Numbers that describe the training split, for the choice of configurations."""
    image: ImageShape | None = None
    duplicates: Literal["divided"] | None = None
    """Divided: so few examples differ that equal ones are in different splits; else they share one."""
    rule: SplitRule | None = None
    """None in revisions of earlier versions, which did not keep it."""
    keys: KeysFile | None = None
    """None in revisions of earlier versions, which kept none."""

    @property
    def examples(self) -> int:
        """Examples in all splits."""
        return sum(split.examples for split in self.splits.values())
