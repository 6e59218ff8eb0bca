"""What a reader makes of one file of rows. Made by the readers of each format, put together by `row_file`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from noria.contract import ExitCode
from noria_store.error import StepError
from noria_trainers.wording import exact, listed

MOST_COLUMNS = 5_000
"""Each is an input of the served model."""
LONGEST_NAME = 256
"""Characters of a column's name."""
LONGEST = 16 << 20
"""Characters of a line or of a value."""


@dataclass(frozen=True)
class Remark:
    """Something the owner should know about a file that was read all the same."""

    reason: str
    message: str


@dataclass(frozen=True)
class FileRows:
    """The rows of one file: n of them, and those that cannot be read."""

    table: pa.Table
    """Columns are strings or numbers (int64, float64), with nulls [n]."""
    numbers: NDArray[np.int64]
    """Where each row is: its first line in a text file, its position in another one, from 1 [n]."""
    unit: str = "row"
    """What the numbers count: `line` or `row`."""
    unreadable: dict[int, str] = field(default_factory=dict)
    """Where each further row is, and why it is none."""
    unusable: dict[str, str] = field(default_factory=dict)
    """Columns that are left out of the table, with what is in them."""
    remarks: tuple[Remark, ...] = ()
    has_header: bool = True
    """False where the line that should name the columns looks like an example."""


def check_names(names: Sequence[str], file: str) -> None:
    """Raises StepError where there are too many columns, two of one name, or one whose name is too long."""
    if len(names) > MOST_COLUMNS:
        cure = "leave columns out, or turn the table if its rows are columns"
        message = f"{file} has {len(names):,} columns, at most {MOST_COLUMNS:,} can be used: {cure}"
        raise StepError(ExitCode.BAD_DATA, "TooManyColumns", message)
    longest = max(names, key=len, default="")
    if len(longest) > LONGEST_NAME:
        message = f"{file} has a column name of {len(longest):,} characters, {longest[:40]}…"
        raise StepError(ExitCode.BAD_DATA, "LongName", f"{message}: use at most {LONGEST_NAME}, or add a header")
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        message = f"column names must be unique, but in {file} these occur more than once: {listed(map(exact, twice))}"
        raise StepError(ExitCode.BAD_DATA, "DuplicateColumns", f"{message}; rename them")
