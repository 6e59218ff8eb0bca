"""Documents as Markdown. Used by `steps.conclude` and, piece by piece, by `proof.card`."""

import re
from collections.abc import Iterable, Sequence

from noria.contract import visible
from noria_trainers.conclusion.document import (
    Block,
    Bullets,
    Code,
    Document,
    Figure,
    Line,
    Listing,
    Paragraph,
    Strong,
    Table,
)


def markdown(document: Document) -> str:
    """The document's text."""
    parts = [f"# {escape(document.title)}", *map(_block, document.lead)]
    for section in document.sections:
        parts += [f"## {escape(section.title)}", *map(_block, section.blocks)]
    return visible("\n\n".join(parts) + "\n", lines=True)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escape(name: str) -> str:
    """A user's name for something, as Markdown text in one table cell."""
    shown = "".join(character if character.isprintable() else " " for character in name)
    return "".join("\\" + character if character in "\\`*_[]<>|#" else character for character in shown)


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return _line(block.line)
        case Bullets():
            return "\n".join(f"* {_line(line)}" for line in block.lines)
        case Listing():
            return f"```{block.language}\n{block.text}\n```"
        case Table():
            return table([escape(each) for each in block.head], ([_line(cell) for cell in row] for row in block.rows))
        case Figure():
            return f"![{escape(block.picture.title)}]({block.picture.file})"


def _line(line: Line) -> str:
    return "".join(map(_piece, line))


def _piece(piece: str | Code | Strong) -> str:
    match piece:
        case Code():
            return _code(piece.text)
        case Strong():
            return f"**{escape(piece.text)}**"
    return escape(piece)


def _code(text: str) -> str:
    """Marks around it that it does not hold; a bar would end the cell of a table."""
    mark = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    room = " " if "`" in text else ""
    return f"{mark}{room}{text}{room}{mark}".replace("|", "\\|")
