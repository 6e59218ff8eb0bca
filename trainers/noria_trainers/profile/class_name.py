"""Classes that may be meant as one, or as several at once. Called where examples are examined."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from noria_trainers.data.examples import Examples
from noria_trainers.profile.finding import Findings
from noria_trainers.wording import counted, exact, listed

_NUMBER = re.compile(r"^[+-]?(0|[1-9]\d*)(\.\d+)?$")
"""`007` is a code, not a number."""
_AROUND = " \t\r\n'\"`‘’“”«»"
_BEHIND = f".:,;{_AROUND}"
_SEPARATORS = (";", "|", ",", "/", "+", "&")


def check(findings: Findings, examples: Examples) -> None:
    """Warns of classes whose names differ in spelling alone, and of those that look like lists of classes."""
    names = examples.classes
    counts = examples.class_counts(np.arange(len(examples)))
    _alike(findings, {name: int(count) for name, count in zip(names, counts, strict=False)})
    for separator in _SEPARATORS:
        lists = list(_lists(names, separator))
        if lists:
            message = f"{counted(len(lists), 'class')} look like several labels in one cell: {listed(lists)}"
            cure = "if this is not intended, give each example the one label to learn"
            findings.warning("SeveralLabels", f"{message}; each is learned as a class of its own; {cure}", lists)
            return


def _alike(findings: Findings, counts: dict[str, int]) -> None:
    meant = defaultdict(list)
    for name in counts:
        meant[spoken(name)].append(name)
    groups = [group for group in meant.values() if len(group) > 1]
    if groups:
        said = [" and ".join(f"{exact(repr(name))} ({counts[name]:,})" for name in group) for group in groups]
        message = f"classes that differ in spelling alone: {listed(said)}"
        findings.warning("SimilarClasses", f"{message}; give them one name if they mean the same", said)


def spoken(name: str) -> str:
    """What is left of a name without case, width and accents' encoding, spaces, quotes and a point at its end, and the
    way a number is written.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()
    if _NUMBER.match(text):
        return f"{float(text):g}" if abs(float(text)) < 2**53 else text
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return re.sub(r"(?<=\w)[\s_-]+(?=\w)", " ", visible.strip(_AROUND).rstrip(_BEHIND))


def _lists(names: Sequence[str], separator: str) -> Iterator[str]:
    """Names that consist of others, or of parts that several of them have."""
    bare = {name: name.strip("[](){}") for name in names}
    parts = {
        name: [part.strip(_AROUND) for part in cell.split(separator)]
        for name, cell in bare.items()
        if separator in cell
    }
    uses = Counter(part for found in parts.values() for part in set(found))
    known = {cell.strip(_AROUND) for cell in bare.values()}
    for name, found in parts.items():
        if all(part and (part in known or uses[part] > 1) for part in found) and known & set(found):
            yield name
