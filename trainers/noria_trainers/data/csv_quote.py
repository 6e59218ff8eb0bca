"""Fields of a CSV record with quotes that are not doubled inside a value in quotes. Used by `csv_record`.

There a quote closes a value only before a delimiter or at the record's end: `"he said "no" to me",x`. A value may have
a delimiter after a quote as well, `"he said "no", then left",x`, so the fields must be as many as the file's columns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_MOST_JOINED = 50
"""Delimiters inside values of one record."""


class _Field(NamedTuple):
    value: str
    has_quote: bool
    """Whether it holds a quote that should have been doubled."""


@dataclass(frozen=True)
class _Reading:
    """A way to read a record up to some delimiter."""

    last: _Field
    before: "_Reading | None"
    is_only: bool = True
    """Whether no other way makes as many fields."""


@dataclass(frozen=True)
class LooseRecord:
    """The fields of a record, and those values that hold quotes."""

    fields: list[str]
    quoted: list[str]


def loose_record(record: str, *, delimiter: str, quote: str, after_space: bool, width: int) -> LooseRecord | None:
    """The record if there is one way to read it as `width` fields, else none.

    `quote` encloses values; `after_space` says whether spaces may stand between a delimiter and a quote.
    """
    parts = record.rstrip("\r\n").split(delimiter)
    while len(parts) > width and not parts[-1].strip():
        parts.pop()
    joined = len(parts) - width
    if not 0 <= joined <= _MOST_JOINED:
        return None
    start = _Reading(_Field("", has_quote=False), None)
    found: list[dict[int, _Reading]] = [{0: start}, *({} for _ in parts)]
    for begin, readings in enumerate(found[:-1]):
        possible = _fields(parts[begin : begin + joined + 1], delimiter, quote, after_space=after_space)
        for end, field in possible:
            for fewer, before in readings.items():
                there, total = found[begin + end], fewer + end - 1
                there[total] = _Reading(field, before, before.is_only and total not in there)
    whole = found[-1].get(joined)
    return _followed(whole) if whole and whole.is_only else None


def _fields(parts: Sequence[str], delimiter: str, quote: str, *, after_space: bool) -> Iterator[tuple[int, _Field]]:
    """What a field that begins with the first part may be, with the number of its parts."""
    first = parts[0].lstrip(" ") if after_space else parts[0]
    if not first.startswith(quote):
        yield 1, _Field(first, has_quote=False)
        return
    for end in range(1, len(parts) + 1):
        text = delimiter.join([first, *parts[1:end]]).rstrip(" ")
        if text.endswith(quote) and len(text) > 1:
            inner = text[1:-1]
            yield end, _Field(inner.replace(2 * quote, quote), has_quote=quote in inner.replace(2 * quote, ""))


def _followed(last: _Reading) -> LooseRecord:
    fields, at = list[_Field](), last
    while at.before is not None:
        fields.append(at.last)
        at = at.before
    fields.reverse()
    return LooseRecord([each.value for each in fields], [each.value for each in fields if each.has_quote])
