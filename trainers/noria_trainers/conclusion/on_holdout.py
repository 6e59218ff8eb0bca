"""What a card says of the answers to the hold-out: classes, calibration, errors. Pure. Used by `outline`."""

from collections.abc import Iterator

from noria_trainers.conclusion.card import Card
from noria_trainers.conclusion.document import Block, Figure, Table, paragraph, row
from noria_trainers.target.shown import ClassScore
from noria_trainers.wording import counted

_MOST_CLASSES = 50
_UNKNOWN = "-"


def predictions(card: Card) -> Iterator[Block]:
    """What was predicted, as a picture and by class."""
    if card.shown.picture:
        yield Figure(card.shown.picture)
    classes = card.shown.classes
    if not classes:
        return
    shown = classes
    caption = "How well each class is recognized"
    if len(classes) > _MOST_CLASSES:
        shown = tuple(sorted(classes, key=lambda each: -1.0 if each.f1 is None else each.f1))[:_MOST_CLASSES]
        caption = f"The {_MOST_CLASSES} classes of {len(classes):,} that are recognized worst"
    head = ("class", "examples", "precision", "recall", "F1", "most often taken for")
    yield Table(caption, head, tuple(map(_class_row, shown)))


def _class_row(each: ClassScore) -> tuple[tuple[str, ...], ...]:
    figures = (_UNKNOWN if value is None else f"{value:.3f}" for value in (each.precision, each.recall, each.f1))
    other = f"{each.taken_for[0]} ({each.taken_for[1]:,})" if each.taken_for else ""
    return tuple((cell,) for cell in (each.name, f"{each.examples:,}", *figures, other))


def calibration(card: Card) -> Iterator[Block]:
    """Whether probabilities come true."""
    found = card.shown.calibration
    if found is None:
        return
    yield paragraph(
        f"On average the probability that {found.what} is off by {found.error:.4f} (expected calibration error, in "
        f"tenths of the examples). On {counted(sum(each.examples for each in found.parts), 'example')} exact "
        f"probabilities would show {found.chance:.4f} by chance."
    )
    if card.calibrated:
        yield Figure(card.calibrated)
    head = ("predicted probability", "share seen", "difference", "examples")
    rows = (
        row(f"{each.said:.4f}", f"{each.seen:.4f}", f"{each.seen - each.said:+.4f}", f"{each.examples:,}")
        for each in found.parts
    )
    yield Table(f"The probability that {found.what}, in tenths of the examples", head, tuple(rows))


def misses(card: Card, note: str) -> Iterator[Block]:
    """The worst answers, by name; `note` says how an example is found by its name."""
    found = card.shown.misses
    if found is None or not found.rows:
        return
    rows = (row(card.examples[each.place], *each.cells) for each in found.rows)
    yield Table(f"Examples of the hold-out, ordered by {found.order}", ("example", *found.head), tuple(rows))
    yield paragraph(note)
