"""A document as values: what a card says, before `markdown` or `page` writes it. Pure."""

from dataclasses import dataclass

from noria_trainers.target.shown import Picture


@dataclass(frozen=True)
class Code:
    """Text in the letters of a program."""

    text: str


@dataclass(frozen=True)
class Strong:
    """Text that stands out."""

    text: str


Line = tuple[str | Code | Strong, ...]
"""Pieces of a sentence or of a table's cell. Text is plain: whoever writes it escapes it."""


@dataclass(frozen=True)
class Paragraph:
    """One or more sentences."""

    line: Line


@dataclass(frozen=True)
class Bullets:
    """A list without order."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Listing:
    """Something to copy: a command or a program."""

    language: str
    text: str


@dataclass(frozen=True)
class Table:
    """Rows below a head; the first cell of a row says what it is about."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A picture, which also lies beside the document."""

    picture: Picture


Block = Paragraph | Bullets | Listing | Table | Figure


@dataclass(frozen=True)
class Section:
    """Blocks below a heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """What is written."""

    title: str
    lead: tuple[Paragraph, ...]
    sections: tuple[Section, ...]


def prose(text: str) -> Line:
    """A sentence of ours, in which backticks enclose code."""
    parts = text.split("`")
    return tuple(Code(part) if number % 2 else part for number, part in enumerate(parts) if part)


def paragraph(text: str) -> Paragraph:
    """Sentences of ours, in which backticks enclose code."""
    return Paragraph(prose(text))


def row(*cells: str | Code | Strong | Line) -> tuple[Line, ...]:
    """A row of a table, from cells that are mostly one piece."""
    return tuple(cell if isinstance(cell, tuple) else (cell,) for cell in cells)
