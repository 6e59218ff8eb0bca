"""What a card says of the trials, and of the ensemble that was considered. Pure. Used by `outline`."""

from collections.abc import Iterator

from noria.contract import Configuration, Metric
from noria_trainers.conclusion.card import Card
from noria_trainers.conclusion.document import Block, Code, Figure, Line, Strong, Table, paragraph, row
from noria_trainers.conclusion.ensemble import MOST_BYTES, Selection
from noria_trainers.conclusion.interval import Interval


def served(card: Card) -> Line:
    """What is served."""
    if card.members:
        listed = ", ".join(f"{each.trial} (weight {each.weight:.2f})" for each in card.members)
        return (f"An ensemble of {listed}",)
    best = next(each for each in card.trials if each.name == card.best)
    return (f"Trial {card.best}, ", *_settings(best.configuration))


def trials(card: Card) -> Iterator[Block]:
    """Each with its configuration, the reason for it, and how it ended."""
    reasoned = any(each.why for each in card.trials)
    rows = (
        row(
            Strong(each.name) if each.name == card.best else each.name,
            _settings(each.configuration),
            *([each.why] if reasoned else []),
            f"failed: {each.failure}" if each.score is None else f"{each.score:.4f}",
            "" if each.seconds is None else f"{each.seconds:.0f} s",
        )
        for each in card.trials
    )
    why = ("chosen because",) if reasoned else ()
    head = ("trial", "configuration", *why, f"{card.metric} on validation", "time")
    yield Table("Configurations that were trained", head, tuple(rows))
    yield paragraph(f"The best trial on the validation set {'is in bold' if card.members else 'was chosen'}.")
    yield Figure(card.learned)


def ensemble(card: Card) -> Iterator[Block]:
    """Its members, and why it was or was not chosen."""
    found = card.selection
    if found is None:
        return
    rows = (row(each.trial, f"{each.weight:.2f}", f"{each.temperature:.2f}") for each in found.members)
    yield Table("Members of the ensemble that was considered", ("trial", "weight", "temperature"), tuple(rows))
    words = (
        "On a half of the validation set that was not used to select them, these trials together are better than "
        f"{card.best} alone by {_gain(card.metric, found.gain, found.interval)}"
    )
    if card.comparison is None:
        yield paragraph(f"{words}: {_why_not(found)}, so {card.best} alone was chosen.")
        return
    more = _gain(card.metric, card.comparison.gain, card.comparison.interval)
    yield paragraph(
        f"{words}, so the ensemble was chosen. On the hold-out set, which was not used for "
        f"this choice, it is better by {more}; {card.best} alone scores {card.comparison.alone:.4f}."
    )


def _why_not(found: Selection) -> str:
    if found.size > MOST_BYTES:
        size, most = f"{found.size / 1e6:,.0f} MB", f"{MOST_BYTES / 1e6:,.0f} MB"
        return f"their files take {size}, but at most {most} can be served together"
    return "the gain is not significant"


def _gain(metric: Metric, gain: float, interval: Interval) -> str:
    return f"{gain:.4f} in {metric} (95 % interval {interval.low:.4f} to {interval.high:.4f})"


def _settings(configuration: Configuration) -> Line:
    values = ", ".join(f"{name} {value}" for name, value in sorted(configuration.parameters.items()))
    return (Code(configuration.family), *([f" ({values})"] if values else []))
