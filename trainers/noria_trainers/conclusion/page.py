"""Documents as web pages that need nothing else: no script, no other file, nothing from the network.

Every text goes through ElementTree, so none can become markup. Used by `steps.conclude`.
"""

import base64
import hashlib
import re
import struct
from collections.abc import Iterator
from importlib.resources import files
from xml.etree import ElementTree

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
    Section,
    Strong,
    Table,
)
from noria_trainers.target.shown import Picture

Element = ElementTree.Element
_NUMBER = r"[-+]?[\d,.]+(e[-+]?\d+)?|nan|-"
_FIGURE = re.compile(rf"({_NUMBER})( s| to ({_NUMBER}))?")
"""A number, also unknown; seconds; an interval."""
_LONG = 32
"""Characters of code that may be broken anywhere: a digest."""
_WIDE = 24
"""Characters of a cell that are too many for one line of a small screen."""


def page(document: Document) -> str:
    """The document as HTML."""
    style = files(__package__).joinpath("page.css").read_text()
    root = _element("html", _head(document, style), _body(document), lang="en")
    return f"<!doctype html>\n{ElementTree.tostring(root, encoding='unicode', method='html')}\n"


def _head(document: Document, style: str) -> Element:
    return _element(
        "head",
        _element("meta", charset="utf-8"),
        _element("meta", **{"http-equiv": "Content-Security-Policy", "content": _policy(style)}),
        _element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        _element("meta", name="color-scheme", content="light dark"),
        _element("meta", name="referrer", content="no-referrer"),
        _element("title", document.title),
        _element("style", style),
    )


def _policy(style: str) -> str:
    """Nothing is loaded or run; this style and pictures within the page are shown."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def _body(document: Document) -> Element:
    named = [(f"part-{number}", section) for number, section in enumerate(document.sections, 1)]
    links = (_element("li", _element("a", section.title, href=f"#{name}")) for name, section in named)
    return _element(
        "body",
        _element("header", _element("h1", document.title), *_blocks(document.lead)),
        _element("nav", _element("ul", *links), **{"aria-label": "Contents"}),
        _element("main", *(_section(name, section) for name, section in named)),
    )


def _section(name: str, section: Section) -> Element:
    heading = _element("h2", section.title, id=name)
    return _element("section", heading, *_blocks(section.blocks), **{"aria-labelledby": name})


def _blocks(blocks: tuple[Block, ...]) -> Iterator[Element]:
    return map(_block, blocks)


def _block(block: Block) -> Element:
    match block:
        case Paragraph():
            return _element("p", *_pieces(block.line))
        case Bullets():
            return _element("ul", *(_element("li", *_pieces(line)) for line in block.lines))
        case Listing():
            return _element("pre", _element("code", block.text), tabindex="0")
        case Table():
            return _element("div", _table(block), **{"class": "scroll", "tabindex": "0"})
        case Figure():
            return _element("figure", _image(block.picture), _element("figcaption", block.picture.title))


def _table(table: Table) -> Element:
    kinds = [{"class": kind} if (kind := _kind(column)) else {} for column in zip(*table.rows, strict=True)]
    head = (_element("th", name, scope="col", **kind) for name, kind in zip(table.head, kinds, strict=True))
    rows = []
    for about, *cells in table.rows:
        data = (_element("td", *_pieces(cell), **kind) for cell, kind in zip(cells, kinds[1:], strict=True))
        rows.append(_element("tr", _element("th", *_pieces(about), scope="row", **kinds[0]), *data))
    caption = _element("caption", table.caption)
    return _element("table", caption, _element("thead", _element("tr", *head)), _element("tbody", *rows))


def _kind(column: tuple[Line, ...]) -> str:
    """Of cells: `number` where they hold figures and gaps, `wide` where one needs several lines on a small screen."""
    texts = ["".join(each if isinstance(each, str) else each.text for each in cell) for cell in column]
    if any(texts) and all(_FIGURE.fullmatch(each) for each in texts if each):
        return "number"
    return "wide" if max(map(len, texts)) > _WIDE else ""


def _image(picture: Picture) -> Element:
    """The picture within the page, with its size in pixels."""
    width, height = struct.unpack(">II", picture.png[16:24])
    data = f"data:image/png;base64,{base64.b64encode(picture.png).decode()}"
    return _element("img", alt=picture.alt, width=str(width), height=str(height), src=data)


def _pieces(line: Line) -> Iterator[str | Element]:
    for piece in line:
        match piece:
            case Code():
                yield _element("code", piece.text, **{"class": "long"} if len(piece.text) > _LONG else {})
            case Strong():
                yield _element("strong", piece.text)
            case _:
                yield piece


def _element(tag: str, *content: "str | Element", **attributes: str) -> Element:
    """An element around texts and other elements."""
    made = Element(tag, {name: visible(value) for name, value in attributes.items()})
    for each in content:
        if not isinstance(each, str):
            made.append(each)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + visible(each, lines=True)
        else:
            made.text = (made.text or "") + visible(each, lines=True)
    return made
