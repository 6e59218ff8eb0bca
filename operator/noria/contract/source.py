"""Where labelled examples are, in which format, and when they are refused."""

from enum import StrEnum

from pydantic import Field

from noria.contract.shape import Shape


class Format(StrEnum):
    """Format of the examples in a source. An image folder may also be packed as a zip or tar file."""

    IMAGE_FOLDER = "ImageFolder"
    CSV = "CSV"
    PARQUET = "Parquet"
    JSON_LINES = "JSONLines"


class ColumnType(StrEnum):
    """What a column is for: a feature of some type, the group or time to split by, or nothing."""

    NUMERIC = "Numeric"
    CATEGORICAL = "Categorical"
    TEXT = "Text"
    DATE = "Date"
    GROUP = "Group"
    TIME = "Time"
    IGNORE = "Ignore"


class Column(Shape):
    """A column whose type the owner knows better than the profile can infer."""

    name: str = Field(min_length=1, max_length=256)
    """The column's name in the source."""
    type: ColumnType
    """A feature's type; Group or Time to split the examples by; Ignore to leave the column out."""


class Source(Shape):
    """Where to read labelled examples from."""

    uri: str
    format: Format | None = None


HOLDOUT_FRACTION = 0.2
"""Share of the examples that is held out where the owner does not say otherwise."""


class Checks(Shape):
    """When to refuse a dataset."""

    min_examples_per_class: int = 10
    max_unreadable_fraction: float = 0.1
