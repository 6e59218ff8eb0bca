"""The model card in Markdown: what was trained on what, how good it is, how to call it, where it ends.

Pure. Called by `steps.conclude` and read by people, on GitHub or in a terminal.
"""

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from noria.contract import Configuration, Metric, Task
from noria_trainers.conclusion.interval import Interval
from noria_trainers.data.manifest import SPLITS, Manifest

_MOST_CLASSES = 50
_NAMES = {"train": "training", "validation": "validation", "holdout": "hold-out"}
_BASELINES = {
    Task.TABULAR_REGRESSION: "the mean of the training examples",
    Task.CLICK_THROUGH_RATE: "the training examples' click rate for all",
}


@dataclass(frozen=True)
class Row:
    """One trial as the card shows it."""

    name: str
    configuration: Configuration
    score: float | None
    seconds: float | None
    failure: str | None


@dataclass(frozen=True)
class Card:
    """All that a model card says."""

    manifest: Manifest
    metric: Metric
    best: str
    """Name of the best trial, one of the rows'."""
    trials: tuple[Row, ...]
    scores: Mapping[Metric, float]
    """On the hold-out."""
    intervals: Mapping[Metric, Interval]
    baseline: Mapping[Metric, float]
    """Hold-out scores of answering the same for every example."""
    parameters: int
    plots: tuple[tuple[str, str], ...]
    """Title and file name."""
    inputs: Mapping[str, str]
    """Type by name of the served inputs: bytes, string or float."""


def render(card: Card) -> str:
    """The card's text."""
    parts = (_title(card), _scores(card), _trials(card), _data(card), _plots(card), _call(card), _limits(card))
    return "\n\n".join(parts) + "\n"


def beats_baseline(card: Card) -> bool:
    """Whether even the interval's worse end is better than answering the same for every example."""
    low, high = card.intervals[card.metric]
    baseline = card.baseline[card.metric]
    return low > baseline if card.metric.higher_is_better else high < baseline


def _title(card: Card) -> str:
    best = next(row for row in card.trials if row.name == card.best)
    low, high = card.intervals[card.metric]
    return (
        f"# Model card\n\n{card.manifest.task}: **{card.metric} {card.scores[card.metric]:.4f}** on the hold-out "
        f"(95 % interval {low:.4f} to {high:.4f}).\n\n"
        f"Trial {card.best}, {_settings(best.configuration)}; {card.parameters:,} trained parameters. "
        f"Dataset revision `{card.manifest.revision}`."
    )


def _scores(card: Card) -> str:
    words = _BASELINES.get(card.manifest.task, "the most frequent class")
    rows = (
        (
            metric,
            f"{score:.4f}",
            f"{card.intervals[metric].low:.4f} to {card.intervals[metric].high:.4f}",
            f"{card.baseline[metric]:.4f}",
            "higher" if metric.higher_is_better else "lower",
        )
        for metric, score in card.scores.items()
    )
    table = _table(("metric", "hold-out", "95 % interval", "baseline", "better is"), rows)
    note = (
        f"The hold-out ({card.manifest.splits['holdout'].examples:,} examples) took no part in training or in "
        "the choice of the trial. Intervals are percentiles of a bootstrap over its examples. "
        f"The baseline answers {words}."
    )
    return f"## Scores\n\n{table}\n\n{note}"


def _trials(card: Card) -> str:
    rows = (
        (
            f"**{row.name}**" if row.name == card.best else row.name,
            _settings(row.configuration),
            f"failed: {row.failure}" if row.score is None else f"{row.score:.4f}",
            "" if row.seconds is None else f"{row.seconds:.0f} s",
        )
        for row in card.trials
    )
    table = _table(("trial", "configuration", f"{card.metric} on validation", "time"), rows)
    return f"## Trials\n\n{table}\n\nThe best on the validation split was taken."


def _data(card: Card) -> str:
    manifest = card.manifest
    rows = [
        ("all", *(f"{manifest.splits[split].examples:,}" for split in SPLITS)),
        *(
            (_escape(name), *(f"{manifest.splits[split].class_counts.get(name, 0):,}" for split in SPLITS))
            for name in manifest.classes[:_MOST_CLASSES]
        ),
    ]
    head = ("class" if manifest.classes else "", *(_NAMES[split] for split in SPLITS))
    more = len(manifest.classes) - _MOST_CLASSES
    rest = f"\n\n{more} more classes are in the revision's manifest.json." if more > 0 else ""
    features = ", ".join(f"{_escape(column.name)} ({column.type})" for column in manifest.columns)
    return f"## Data\n\n{_table(head, rows)}{rest}" + (f"\n\nFeatures: {features}." if features else "")


def _plots(card: Card) -> str:
    return "## Plots\n\n" + "\n\n".join(f"![{title}]({file})" for title, file in card.plots)


def _call(card: Card) -> str:
    answers = {
        Task.TABULAR_REGRESSION: "Each prediction is the value.",
        Task.CLICK_THROUGH_RATE: "Each prediction is the probability of a click.",
    }.get(card.manifest.task, "Each prediction has `scores`, one per class, and `classes`, their names, in one order.")
    return (
        f"## Call it\n\n```sh\n{_request(card)} |\n  curl http://$HOST:8501/v1/models/$MODEL:predict -d @-\n```\n\n"
        f"{answers} All preprocessing is inside the model: send what you have."
    )


def _request(card: Card) -> str:
    """A shell command that prints a request."""
    if card.manifest.task is Task.IMAGE_CLASSIFICATION:
        return """printf '{"instances": [{"b64": "%s"}]}' "$(base64 -w0 picture.jpg)\""""
    values = {name: 0.5 if kind == "float" else "text" for name, kind in card.inputs.items()}
    instance = "the text" if card.manifest.task is Task.TEXT_CLASSIFICATION else values
    return "printf %s " + shlex.quote(json.dumps({"instances": [instance]}, ensure_ascii=False))


def _limits(card: Card) -> str:
    low, high = card.intervals[card.metric]
    lines = [
        "The scores hold for examples like those it was trained on; nothing is known of others.",
        f"A difference of less than {(high - low) / 2:.4f} in {card.metric} is within what this hold-out can tell.",
    ]
    few = [name for name, count in card.manifest.splits["holdout"].class_counts.items() if count < 30]
    if few:
        shown = ", ".join(map(_escape, few[:5])) + (", ..." if len(few) > 5 else "")
        lines.append(f"Few hold-out examples (under 30), so little is known of these classes: {shown}.")
    if not beats_baseline(card):
        lines.append(
            f"**It is not surely better than the baseline in {card.metric}: look at the data before using it.**"
        )
    if card.manifest.classes and card.manifest.task is not Task.CLICK_THROUGH_RATE:
        lines.append("It always answers with one of its classes, also for examples of none of them.")
    return "## Limits\n\n" + "\n".join(f"* {line}" for line in lines)


def _settings(configuration: Configuration) -> str:
    values = ", ".join(f"{name} {value}" for name, value in sorted(configuration.parameters.items()))
    return f"`{configuration.family}`" + (f" ({values})" if values else "")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escape(name: str) -> str:
    """A name of the user's as Markdown text in one table cell."""
    shown = "".join(character if character.isprintable() else " " for character in name)
    return "".join("\\" + character if character in "\\`*_[]<>|#" else character for character in shown)
