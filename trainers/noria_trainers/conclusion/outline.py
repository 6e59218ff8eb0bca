"""A model card in words: its sections, in the order in which a person needs them. Pure. Used by `steps.conclude`."""

from collections.abc import Iterator

from noria_trainers.conclusion import on_holdout, on_trials
from noria_trainers.conclusion.card import Card
from noria_trainers.conclusion.document import (
    Block,
    Bullets,
    Code,
    Document,
    Line,
    Paragraph,
    Section,
    Strong,
    Table,
    paragraph,
    prose,
    row,
)
from noria_trainers.data.manifest import SPLITS
from noria_trainers.modality.modality import modality_of
from noria_trainers.target.target import target_of
from noria_trainers.wording import listed

_MOST_CLASSES = 50
_LEAST_SHOWN = 0.0001
"""By four decimals."""
_FEW = 30
"""Hold-out examples of a class, below which little is known about it."""
_NAMES = {"train": "training", "validation": "validation", "holdout": "hold-out"}


def document(card: Card) -> Document:
    """What the card says."""
    titled = {
        "Scores": _scores(card),
        "Predictions for the hold-out": on_holdout.predictions(card),
        "Calibration": on_holdout.calibration(card),
        "Largest errors": on_holdout.misses(card, modality_of(card.manifest.task).example_names.note),
        "Trials": on_trials.trials(card),
        "Ensemble": on_trials.ensemble(card),
        "Data": _data(card),
        "Warnings": _warnings(card),
        "Input": _input(card),
        "Call it": _call(card),
        "Limits": _limits(card),
        "Lineage": _lineage(card),
    }
    blocks = {title: tuple(each) for title, each in titled.items()}
    sections = tuple(Section(title, each) for title, each in blocks.items() if each)
    return Document("Model card", _lead(card), sections)


def _lead(card: Card) -> tuple[Paragraph, ...]:
    low, high = card.intervals[card.metric]
    score = (
        f"{card.manifest.task}: ",
        Strong(f"{card.metric} {card.scores[card.metric]:.4f}"),
        f" on the hold-out set (95 % interval {low:.4f} to {high:.4f}).",
    )
    text = target_of(card.manifest.task).card_text
    simple = f"A model that always predicts {text.baseline} has {card.metric} {card.baseline[card.metric]:.4f}."
    parameters = sum(card.parameters[name] for name in [each.trial for each in card.members] or [card.best])
    about = (
        *on_trials.served(card),
        f"; {parameters:,} trained parameters. Dataset revision ",
        Code(card.manifest.revision),
        ".",
    )
    return Paragraph(score), Paragraph((simple,)), Paragraph(about)


def _scores(card: Card) -> Iterator[Block]:
    rows = (
        row(
            metric,
            f"{score:.4f}",
            f"{card.intervals[metric].low:.4f} to {card.intervals[metric].high:.4f}",
            f"{card.baseline[metric]:.4f}",
            "higher" if metric.higher_is_better else "lower",
        )
        for metric, score in card.scores.items()
    )
    head = ("metric", "hold-out", "95 % interval", "baseline", "better is")
    yield Table("Scores on the hold-out set, beside those of the baseline", head, tuple(rows))
    yield paragraph(
        f"The hold-out set ({card.manifest.splits['holdout'].examples:,} examples) was used neither for training "
        "nor for choosing the trial. Intervals are percentiles of a bootstrap over its examples, but none is narrower "
        "than what so few of them can show (Wilson). "
        f"The baseline always predicts {target_of(card.manifest.task).card_text.baseline}."
    )


def _data(card: Card) -> Iterator[Block]:
    manifest = card.manifest
    rows = [
        row("all", *(f"{manifest.splits[split].examples:,}" for split in SPLITS)),
        *(
            row(name, *(f"{manifest.splits[split].class_counts.get(name, 0):,}" for split in SPLITS))
            for name in manifest.classes[:_MOST_CLASSES]
        ),
    ]
    head = ("class" if manifest.classes else "examples", *(_NAMES[split] for split in SPLITS))
    yield Table("Examples in each split", head, tuple(rows))
    more = len(manifest.classes) - _MOST_CLASSES
    if more > 0:
        yield paragraph(f"{more} more classes are in the revision's manifest.json.")


def _warnings(card: Card) -> Iterator[Block]:
    if card.warnings:
        yield paragraph("The profile found in these examples:")
        yield Bullets(tuple((each,) for each in card.warnings))


def _input(card: Card) -> Iterator[Block]:
    """What an example consists of, where it is a row."""
    typical = card.asking.made_up.row or {}
    rows = (
        row(each.name, each.type, str(typical[each.name]) if each.name in typical else "(missing)")
        for each in card.manifest.columns
    )
    if card.manifest.columns:
        yield Table("Columns of a row, with a made-up example", ("column", "type", "example"), tuple(rows))


def _call(card: Card) -> Iterator[Block]:
    answer = target_of(card.manifest.task).card_text.answer
    yield from card.asking.blocks(f"{answer} All preprocessing is part of the model: send raw examples.")


def _limits(card: Card) -> Iterator[Block]:
    lines: list[Line] = [
        prose("The scores hold for examples like those that the model was trained on, not for others."),
        prose(_resolution(card)),
    ]
    few = [name for name, count in card.manifest.splits["holdout"].class_counts.items() if count < _FEW]
    if few:
        about = f"These classes have fewer than {_FEW} hold-out examples, so little is known about them: "
        lines.append((f"{about}{listed(few)}.",))
    if not card.beats_baseline:
        worse = f"The model is not significantly better than the baseline in {card.metric}: check the data first."
        lines.append((Strong(worse),))
    lines += map(prose, target_of(card.manifest.task).card_text.limits)
    yield Bullets(tuple(lines))


def _resolution(card: Card) -> str:
    """How little the hold-out set can tell apart."""
    half = (card.intervals[card.metric].high - card.intervals[card.metric].low) / 2
    least = f"{half:.4f}" if half >= _LEAST_SHOWN else f"{half:.1g}"
    return f"The hold-out set cannot resolve differences of less than {least} in {card.metric}."


def _lineage(card: Card) -> Iterator[Block]:
    manifest, lineage = card.manifest, card.lineage
    rule = manifest.rule
    rows = [
        ("dataset revision", Code(manifest.revision)),
        ("keys of its examples", Code(manifest.keys.digest) if manifest.keys else ""),
        ("target column", manifest.target or ""),
        ("groups that stay whole", rule.group or "" if rule else ""),
        ("time that divides the splits", rule.time or "" if rule else ""),
        ("run", Code(lineage.run) if lineage.run else ""),
        ("model", Code(lineage.digest)),
        ("seed", str(lineage.seed)),
        ("Noria", lineage.trainer),
    ]
    yield Table("Where the model comes from", ("what", "value"), tuple(row(*each) for each in rows if each[1]))
