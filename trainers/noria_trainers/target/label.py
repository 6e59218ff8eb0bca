"""The target column of a table or of texts in a file, and the labels in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria_trainers.data.column import as_text
from noria_trainers.profile.finding import Findings
from noria_trainers.wording import exact, listed

USUAL_NAMES = ("label", "target", "class")
"""Of the target of texts, where the Dataset names none."""


@dataclass(frozen=True)
class Labels:
    """The labels in the target column. `kept` are the rows that have one; values and classes are of these."""

    values: NDArray[np.int64] | NDArray[np.float64]
    """Class indices or numbers [kept], or several numbers for each example, [kept, k]."""
    classes: tuple[str, ...]
    """Names of the classes in the order of their indices; empty where labels are not classes."""
    kept: NDArray[np.int64]
    """Rows [kept], ascending."""
    missing: NDArray[np.int64]
    """Rows without a label."""
    not_numbers: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """Rows whose label should be a number but is not."""


def target_column(
    findings: Findings,
    names: list[str],
    target: str | None,
    *,
    has_header: bool = True,
    unusable: Mapping[str, str] | None = None,
) -> str | None:
    """The target's column, or none and an error that lists what there is.

    `has_header` is whether the names look like names of columns; `unusable` are further columns, with what they hold.
    """
    if not has_header and (target not in names if target else not set(USUAL_NAMES) & set(names)):
        what = f"the first line ({listed(names, 20)}) looks like an example, not like names of columns"
        findings.error("NoHeader", f"{what}: add a line with their names to the file")
        return None
    if target is None:
        target = next((name for name in USUAL_NAMES if name in names), None)
        if target is None:
            findings.error("TargetMissing", _no_usual_name(names, unusable or {}))
        return target
    if target in names:
        return target
    if unusable and target in unusable:
        words = f"column {exact(target)} holds {unusable[target]}, not one number or text for each row: flatten it"
        findings.error("TargetMissing", words, [target])
        return None
    near = get_close_matches(target.lower(), [name.lower() for name in names], n=1)
    meant = next((name for name in names if near and name.lower() == near[0]), None)
    hint = f"; did you mean {exact(meant)}?" if meant else ": correct target or the file's header"
    held = [f"{exact(name)} ({what})" for name, what in (unusable or {}).items()]
    hint += f"; flatten {listed(held)} if it is in there" if held and not meant else ""
    words = f"there is no column {exact(target)}, only {listed(map(exact, names), 20)}{hint}"
    findings.error("TargetMissing", words, [target])
    return None


def _no_usual_name(names: Sequence[str], unusable: Mapping[str, str]) -> str:
    """Why no column is the target where none is named."""
    if usual := next((name for name in USUAL_NAMES if name in unusable), None):
        return f"column {usual} holds {unusable[usual]}, not one number or text for each row: flatten it"
    held = [f"{exact(name)} ({what})" for name, what in unusable.items()]
    hint = f", or flatten {listed(held)} if it is in there" if held else ""
    return f"there is no column named {' or '.join(USUAL_NAMES)} among {listed(map(exact, names))}: set target{hint}"


def class_labels(raw: pa.ChunkedArray) -> Labels:
    """A class for each example. Names are trimmed; only an empty cell has no label. Numbers sort as numbers."""
    text = trimmed(raw)
    present = text.is_valid().to_numpy()
    encoded = pc.drop_null(text).combine_chunks().dictionary_encode()
    names: list[str] = encoded.dictionary.to_pylist()
    rank = sorted(range(len(names)), key=lambda index: _sort_key(names[index]))
    position = np.empty(len(names), np.int64)
    position[rank] = np.arange(len(names))
    values = position[encoded.indices.to_numpy()] if names else np.zeros(0, np.int64)
    return Labels(values, tuple(names[i] for i in rank), np.flatnonzero(present), np.flatnonzero(~present))


def trimmed(raw: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as text without white space around it; empty cells and what is not a number (NaN) are nulls."""
    if pa.types.is_floating(raw.type):
        raw = pc.if_else(pc.is_nan(raw), None, raw)
    text = pc.utf8_trim_whitespace(as_text(raw))
    return pc.if_else(pc.is_in(text, pa.array(["", "NaN", "nan"])), None, text)


def _sort_key(name: str) -> tuple[bool, float, str]:
    try:
        return False, float(name), name
    except ValueError:
        return True, 0.0, name
