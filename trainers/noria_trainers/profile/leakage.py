"""Columns that alone foretell the target, as those do that are filled in after the outcome. Called by `examine`."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from noria_trainers.data.label_column import labels_of
from noria_trainers.data.manifest import LABEL
from noria_trainers.profile.check import percent
from noria_trainers.profile.finding import Findings
from noria_trainers.wording import listed

MOST_ROWS, MOST_COLUMNS = 5000, 5000
"""Enough to find out, and what takes seconds."""
LEAST_ASKED = 20
"""With fewer rows to ask about nothing is found out."""
LEAST_ERRORS = 8
"""Errors that the most frequent class must make on them, for a column that makes none to be no chance."""
FORETOLD = 0.98
"""Share of a constant answer's errors, squared for values, that a leak avoids."""

NEARLY_FORETOLD = 0.9
"""Share from which a column may be one with a little noise."""


def check(findings: Findings, rows: pa.Table | None, classes: Sequence[str], target: str | None) -> None:
    """Warns of columns that tell the target of a third of the rows, training rows in random order, from the others."""
    labels = None if rows is None else labels_of(rows.slice(0, MOST_ROWS))
    if rows is None or labels is None or labels.ndim > 1:
        return
    features = rows.slice(0, MOST_ROWS).drop_columns([LABEL])
    tell = _classes_foretold if classes else _values_foretold
    shares = {name: tell(features[name], labels) for name in features.column_names[:MOST_COLUMNS]}
    found = [name for name, share in shares.items() if share >= FORETOLD]
    nearly = [name for name, share in shares.items() if NEARLY_FORETOLD <= share < FORETOLD]
    what = target or "the target"
    if found:
        verb = "foretells" if len(found) == 1 else "foretell"
        cure = "if that is known only after the outcome, declare it Ignore in columns; if before, ignore this"
        findings.warning("TargetLeakage", f"{listed(found)} alone {verb} {what}: {cure}", found)
    if nearly:
        told = [f"{name} ({percent(shares[name])})" for name in nearly]
        words = f"{listed(told)} alone could spare most errors about {what}"
        findings.warning("StrongFeature", f"{words}: make sure that it is known before the outcome", nearly)


def _classes_foretold(feature: pa.ChunkedArray, labels: NDArray[np.generic]) -> float:
    """Share of the most frequent class's errors that a feature [n] avoids; labels [n] are class indices."""
    known, asked = _divided(feature)
    truth, classes = labels[len(known) :].astype(np.int64), labels[: len(known)].astype(np.int64)
    common = np.bincount(classes).argmax() if len(classes) else 0
    errors = np.count_nonzero(truth != common)
    if len(truth) < LEAST_ASKED or errors < LEAST_ERRORS:
        return 0.0
    values, place = np.unique(known, return_inverse=True)
    width = int(classes.max()) + 1
    counts = np.bincount(place * width + classes, minlength=len(values) * width).reshape(-1, width)
    at = _nearest(values, asked)
    answers = np.where(_applies(feature, values[at], asked), counts.argmax(axis=1)[at], common)
    return float(1 - np.count_nonzero(answers != truth) / errors)


def _values_foretold(feature: pa.ChunkedArray, labels: NDArray[np.generic]) -> float:
    """Share of the mean's squared error in the order of labels [n] that the values of a feature [n] avoid."""
    _, ranks = np.unique(labels, return_inverse=True)
    known, asked = _divided(feature)
    truth, learned = ranks[len(known) :], ranks[: len(known)]
    if len(truth) < LEAST_ASKED or not np.ptp(truth):
        return 0.0
    values, place = np.unique(known, return_inverse=True)
    means = np.bincount(place, learned) / np.bincount(place)
    if pa.types.is_floating(feature.type):
        answers = np.interp(asked, values, means)
    else:
        at = _nearest(values, asked)
        answers = np.where(_applies(feature, values[at], asked), means[at], learned.mean())
    return float(1 - np.square(answers - truth).sum() / np.square(truth - learned.mean()).sum())


def _divided(feature: pa.ChunkedArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values of the first two thirds of rows and of the others; categories as codes, gaps as a value of their own."""
    if pa.types.is_floating(feature.type):
        values = feature.to_numpy().astype(np.float64)
        finite = values[np.isfinite(values)]
        apart = 2 * finite.min() - finite.max() - 1 if len(finite) else 0.0
        values = np.where(np.isfinite(values), values, apart)
    else:
        codes = feature.combine_chunks().dictionary_encode().indices
        values = codes.cast(pa.float64()).fill_null(-1.0).to_numpy()
    known = 2 * len(values) // 3
    return values[:known], values[known:]


def _nearest(values: NDArray[np.float64], asked: NDArray[np.float64]) -> NDArray[np.int64]:
    """Indices [n] of the values, ascending, that are nearest to those asked [n]."""
    right = np.clip(np.searchsorted(values, asked), 1, max(1, len(values) - 1))
    right = np.minimum(right, len(values) - 1)
    left = np.maximum(right - 1, 0)
    return np.asarray(np.where(asked - values[left] <= values[right] - asked, left, right))


def _applies(feature: pa.ChunkedArray, near: NDArray[np.float64], asked: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a known value says something of the one asked [n]: any number does, of categories only the same."""
    return np.ones(len(near), bool) if pa.types.is_floating(feature.type) else near == asked
