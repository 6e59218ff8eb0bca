"""Classes that may be meant as one, or as several at once. Called where examples are examined."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from noria_trainers.data.examples import Examples
from noria_trainers.data.spelling import MISSING
from noria_trainers.data.word_style import looks_like
from noria_trainers.profile.finding import Findings
from noria_trainers.wording import counted, exact, has_no_width, listed

_NUMBER = re.compile(r"^[+-]?(0|[1-9]\d*)(\.\d+)?$")
"""`007` is a code, not a number."""
_AROUND = " \t\r\n'\"`‘’“”«»"
_BEHIND = f".:,;{_AROUND}"
_LOOKALIKES = str.maketrans("АВЕКМНОРСТУХІЈЅаеорсухіјѕ", "ABEKMHOPCTYXIJSaeopcyxijs")
"""Cyrillic letters by the Latin ones that look the same."""
_TRUTHS = ({"1", "true", "t", "yes", "y", "on"}, {"0", "false", "f", "no", "n", "off"})
"""Words for the same answer."""
_FEWEST_LETTERS, _MOST_LETTERS, _MOST_NAMES = 6, 40, 5_000
"""Of names that one letter does not make another word, and how many names are compared."""
_SEPARATORS = (";", "|", ",", "/", "+", "&")


def check(findings: Findings, examples: Examples) -> None:
    """Warns of classes whose names differ in spelling alone, mean a gap, or look like lists of classes."""
    names = examples.classes
    totals = examples.class_counts(np.arange(len(examples)))
    counts = {name: int(count) for name, count in zip(names, totals, strict=False)}
    _alike(findings, counts)
    _misspelled(findings, counts)
    _gaps(findings, counts)
    for separator in _SEPARATORS:
        lists = list(_lists(names, separator))
        if lists:
            message = f"{counted(len(lists), 'class')} look like several labels in one cell: {listed(lists)}"
            cure = "if this is not intended, give each example the one label to learn"
            findings.warning("SeveralLabels", f"{message}; each is learned as a class of its own; {cure}", lists)
            return


def _alike(findings: Findings, counts: dict[str, int]) -> None:
    meant: dict[str, list[str]] = defaultdict(list)
    for name in counts:
        meant[spoken(name)].append(name)
    if len(meant) > 2 and all(name in set.union(*_TRUTHS) for name in meant):
        meant = {str(answer): [n for name in meant if name in answer for n in meant[name]] for answer in _TRUTHS}
    groups = [group for group in meant.values() if len(group) > 1]
    if groups:
        said = [_with_counts(group, counts) for group in groups]
        message = f"classes that differ in spelling alone: {listed(said)}"
        findings.warning("SimilarClasses", f"{message}; give them one name if they mean the same", said)


def _with_counts(names: Sequence[str], counts: Mapping[str, int]) -> str:
    return " and ".join(f"{exact(repr(name))} ({counts[name]:,})" for name in names)


def _misspelled(findings: Findings, counts: dict[str, int]) -> None:
    """Long words of which one has a letter more or two letters exchanged; the first letter makes other words."""
    words = {spoken(name): name for name in list(counts)[:_MOST_NAMES]}
    long = {
        word: name for word, name in words.items() if _FEWEST_LETTERS <= len(word) <= _MOST_LETTERS and word.isalpha()
    }
    pairs = [
        (long[other], name)
        for word, name in long.items()
        for at in range(1, len(word))
        for other in (word[:at] + word[at + 1 :], word[:at] + word[at : at + 2][::-1] + word[at + 2 :])
        if other in long and (len(other) < len(word) or other < word)
    ]
    if found := list(dict.fromkeys(pairs)):
        said = [_with_counts(pair, counts) for pair in found]
        message = f"classes that differ in one letter: {listed(said)}; give them one name if one is misspelled"
        findings.warning("SimilarClasses", message, said)


def _gaps(findings: Findings, counts: dict[str, int]) -> None:
    """Classes that are words for gaps, unless the others look like them."""
    others = [name for name in counts if name not in MISSING]
    found = [name for name in counts if name in MISSING and not looks_like(name, others)]
    if found:
        said = [_with_counts([name], counts) for name in found]
        message = f"{counted(len(found), 'class')} by which people often mean that there is no label: {listed(said)}"
        findings.warning("GapClasses", f"{message}; if so, leave these examples out or empty their cells", said)


def spoken(name: str) -> str:
    """What is left of a name without case, width, accents' encoding, an alphabet whose letters look the same, spaces,
    quotes and a point at its end, and the way a number is written.
    """
    plain = unicodedata.normalize("NFKC", name).translate(_LOOKALIKES)
    text = unicodedata.normalize("NFKC", plain.casefold()).strip()
    if _NUMBER.match(text):
        return f"{float(text):g}" if abs(float(text)) < 2**53 else text
    visible = "".join(character for character in text if not has_no_width(character))
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
