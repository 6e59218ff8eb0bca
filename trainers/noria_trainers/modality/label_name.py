"""Classes in files' names, as in `cat.0.jpg` and `dog_017.jpg`. Used by `labelling`."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

_FORMS = (
    re.compile(r"(?P<label>.*\w)[ ._-]+\(?\d+\)?"),
    re.compile(r"(?P<label>[^\W\d_][^\d]*?)\d+"),
    re.compile(r"\d+[ ._-]+(?P<label>\D+)"),
)
"""A class before a number, at once before it, and behind it."""
_NO_CLASS = re.compile(
    r"(img|image|images|dsc\w?|pic|picture|photo|p|pxl|mvi|vid|frame|scan|screenshot|file|sample|crop|page|untitled|"
    r"whatsapp image|download|train|training|test|val|valid|validation)([ ._-].*)?|[^a-z]*",
    re.IGNORECASE,
)
"""What cameras and programs call images."""
_LEAST = 0.95
"""Share of a folder's files that have a class in their names, if any has."""
_FEWEST = 4
"""Files of a class on average, and two of each."""


def labels(files: Sequence[str]) -> dict[str, str]:
    """The class of each of these files whose folder has such names; empty where there are no two classes or where
    what stands in the names may be something else."""
    found = (_labels(files, form) for form in _FORMS)
    return next((each for each in found if _are_classes([*each.values()])), {})


def _labels(files: Sequence[str], form: re.Pattern[str]) -> dict[str, str]:
    folders: dict[PurePosixPath, dict[str, str | None]] = {}
    for name in files:
        path = PurePosixPath(name)
        match = form.fullmatch(path.stem)
        folders.setdefault(path.parent, {})[name] = match["label"] if match else None
    chosen = dict[str, str]()
    for inside in folders.values():
        named = {name: label for name, label in inside.items() if label is not None}
        if len(named) >= _LEAST * len(inside):
            chosen |= named
        elif len(named) > (1 - _LEAST) * len(inside):
            return {}
    return chosen


def _are_classes(found: Sequence[str]) -> bool:
    counts = Counter(found)
    if len(counts) < 2 or len(found) < _FEWEST * len(counts) or min(counts.values()) < 2:
        return False
    return not any(_NO_CLASS.fullmatch(label) for label in counts)
