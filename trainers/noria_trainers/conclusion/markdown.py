"""Pieces of Markdown. Used by `conclusion.card` and `conclusion.asking`."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escape(name: str) -> str:
    """A user's name for something, as Markdown text in one table cell."""
    shown = "".join(character if character.isprintable() else " " for character in name)
    return "".join("\\" + character if character in "\\`*_[]<>|#" else character for character in shown)
