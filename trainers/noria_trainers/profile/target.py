"""The labels of a table or of texts in a file, from their target column. Called by the profile."""

from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria.contract import Task
from noria_trainers.data.column import as_text, numbers
from noria_trainers.profile.finding import Findings, listed

USUAL_NAMES = ("label", "target", "class")
"""Of the target of texts, where the Dataset names none."""
CLICKS = {"0": 0, "1": 1, "false": 0, "true": 1, "no": 0, "yes": 1, "0.0": 0, "1.0": 1}


@dataclass(frozen=True)
class Labels:
    """What the target column says. `kept` are the rows that have a label; values and classes are of these."""

    values: NDArray[np.int64] | NDArray[np.float64]
    classes: tuple[str, ...]
    kept: NDArray[np.int64]
    missing: NDArray[np.int64]
    not_numbers: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))


def target_column(findings: Findings, names: list[str], target: str | None) -> str | None:
    """The target's column, or none and an error that lists what there is."""
    if target is None:
        target = next((name for name in USUAL_NAMES if name in names), None)
        if target is None:
            words = f"there is no column {' or '.join(USUAL_NAMES)} among {listed(names)}: name it in target"
            findings.error("TargetMissing", words)
        return target
    if target in names:
        return target
    near = get_close_matches(target.lower(), [name.lower() for name in names], n=1)
    meant = next((name for name in names if near and name.lower() == near[0]), None)
    hint = f"; did you mean {meant}?" if meant else ": correct target or the file's header"
    findings.error("TargetMissing", f"there is no column {target}, only {listed(names, 20)}{hint}", [target])
    return None


def labels(findings: Findings, task: Task, target: str, raw: pa.ChunkedArray) -> Labels | None:
    """The labels; none, and an error, where they cannot be what the task needs."""
    if task is Task.TABULAR_REGRESSION:
        return _values(raw)
    found = _classes(raw)
    if task is Task.CLICK_THROUGH_RATE:
        return _clicks(findings, target, found)
    distinct = len(found.classes)
    if distinct > 20 and distinct > 0.5 * len(found.kept):
        words = f"column {target} has {distinct} different values in {len(found.kept)} rows, so these are no classes"
        is_number = not len(numbers(raw)[1])
        cure = "use task TabularRegression" if is_number else "name another column in target"
        findings.error("TooManyClasses", f"{words}: {cure}", [target])
        return None
    return found


def _values(raw: pa.ChunkedArray) -> Labels:
    values, not_numbers = numbers(raw)
    present = values.is_valid().to_numpy()
    missing = np.setdiff1d(np.flatnonzero(~present), not_numbers)
    kept = np.flatnonzero(present)
    return Labels(pc.drop_null(values).to_numpy(), (), kept, missing, not_numbers)


def _classes(raw: pa.ChunkedArray) -> Labels:
    """Class names are trimmed; only an empty cell is no label. Numbers sort as numbers."""
    text = pc.utf8_trim_whitespace(as_text(raw))
    text = pc.if_else(pc.equal(text, ""), None, text)
    present = text.is_valid().to_numpy()
    encoded = pc.drop_null(text).combine_chunks().dictionary_encode()
    names: list[str] = encoded.dictionary.to_pylist()
    rank = sorted(range(len(names)), key=lambda index: _sort_key(names[index]))
    position = np.empty(len(names), np.int64)
    position[rank] = np.arange(len(names))
    values = position[encoded.indices.to_numpy()] if names else np.zeros(0, np.int64)
    return Labels(values, tuple(names[i] for i in rank), np.flatnonzero(present), np.flatnonzero(~present))


def _sort_key(name: str) -> tuple[bool, float, str]:
    try:
        return False, float(name), name
    except ValueError:
        return True, 0.0, name


def _clicks(findings: Findings, target: str, found: Labels) -> Labels | None:
    others = [name for name in found.classes if name.lower() not in CLICKS]
    if others:
        words = f"column {target} must hold 0 or 1 (or false, true, no, yes), but has {listed(others)}"
        findings.error("NotBinary", f"{words}: correct it, or use task TabularClassification", others)
        return None
    meaning = np.asarray([CLICKS[name.lower()] for name in found.classes], np.int64)
    seen = sorted(set(meaning.tolist()))
    if len(seen) == 1:
        return Labels(np.zeros(len(found.kept), np.int64), (str(seen[0]),), found.kept, found.missing)
    return Labels(meaning[found.values] if len(meaning) else found.values, ("0", "1"), found.kept, found.missing)
