"""The model card in Markdown: what was trained on what, how good it is, how to call it, and its limits.

Pure. Used by `steps.conclude`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from noria.contract import Configuration, FailureKind, Metric, visible
from noria_trainers.conclusion.asking import Asking
from noria_trainers.conclusion.ensemble import MOST_BYTES, Member, Selection
from noria_trainers.conclusion.holdout import Comparison
from noria_trainers.conclusion.interval import Interval
from noria_trainers.conclusion.markdown import escape, table
from noria_trainers.data.manifest import SPLITS, Manifest
from noria_trainers.target.target import target_of

_MOST_CLASSES = 50
_LEAST_SHOWN = 0.0001
"""By four decimals."""
_NAMES = {"train": "training", "validation": "validation", "holdout": "hold-out"}


@dataclass(frozen=True)
class Row:
    """One trial as the card shows it."""

    name: str
    configuration: Configuration
    score: float | None
    seconds: float | None
    failure: FailureKind | None


@dataclass(frozen=True)
class Card:
    """The content of a model card."""

    manifest: Manifest
    metric: Metric
    best: str
    """Name of the best trial, one of the rows'."""
    trials: tuple[Row, ...]
    scores: Mapping[Metric, float]
    """On the hold-out set."""
    intervals: Mapping[Metric, Interval]
    baseline: Mapping[Metric, float]
    """Hold-out scores of predicting the same for every example."""
    parameters: Mapping[str, int]
    """Number of trained parameters by trial."""
    plots: tuple[tuple[str, str], ...]
    """Title and file name."""
    asking: Asking
    warnings: tuple[str, ...] = ()
    """What the profile found in the examples."""
    selection: Selection | None = None
    """The ensemble that was considered."""
    comparison: Comparison | None = None
    """Of the ensemble and the best trial alone on the hold-out set, if the ensemble is served."""

    @property
    def members(self) -> tuple[Member, ...]:
        """Of the ensemble that is served, if it is one."""
        return self.selection.members if self.selection and self.comparison else ()


def render(card: Card) -> str:
    """The card's text."""
    parts = (_title, _scores, _trials, _ensemble, _data, _warnings, _plots, _call, _limits)
    return visible("\n\n".join(text for part in parts if (text := part(card))) + "\n", lines=True)


def beats_baseline(card: Card) -> bool:
    """Whether even the worse end of the interval is better than predicting the same for every example."""
    low, high = card.intervals[card.metric]
    baseline = card.baseline[card.metric]
    return low > baseline if card.metric.higher_is_better else high < baseline


def _title(card: Card) -> str:
    best = next(row for row in card.trials if row.name == card.best)
    served = _listed(card.members) if card.members else f"Trial {card.best}, {_settings(best.configuration)}"
    parameters = sum(card.parameters[name] for name in [each.trial for each in card.members] or [card.best])
    low, high = card.intervals[card.metric]
    return (
        f"# Model card\n\n{card.manifest.task}: **{card.metric} {card.scores[card.metric]:.4f}** on the hold-out set "
        f"(95 % interval {low:.4f} to {high:.4f}).\n\n"
        f"{served}; {parameters:,} trained parameters. "
        f"Dataset revision `{card.manifest.revision}`."
    )


def _scores(card: Card) -> str:
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
    shown = table(("metric", "hold-out", "95 % interval", "baseline", "better is"), rows)
    note = (
        f"The hold-out set ({card.manifest.splits['holdout'].examples:,} examples) was used neither for training "
        "nor for choosing the trial. Intervals are percentiles of a bootstrap over its examples, but none is narrower "
        "than what so few of them can show (Wilson). "
        f"The baseline always predicts {target_of(card.manifest.task).card_text.baseline}."
    )
    return f"## Scores\n\n{shown}\n\n{note}"


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
    shown = table(("trial", "configuration", f"{card.metric} on validation", "time"), rows)
    best = "is in bold" if card.members else "was chosen"
    return f"## Trials\n\n{shown}\n\nThe best trial on the validation set {best}."


def _ensemble(card: Card) -> str:
    """The ensemble that was considered, and why it was or was not chosen."""
    found = card.selection
    if found is None:
        return ""
    shown = table(
        ("trial", "weight", "temperature"),
        ((each.trial, f"{each.weight:.2f}", f"{each.temperature:.2f}") for each in found.members),
    )
    words = (
        "On a half of the validation set that was not used to select them, these trials together are better than "
        f"{card.best} alone by {_gain(card.metric, found.gain, found.interval)}"
    )
    if card.comparison is None:
        return f"## Ensemble\n\n{shown}\n\n{words}: {_why_not(found)}, so {card.best} alone was chosen."
    more = _gain(card.metric, card.comparison.gain, card.comparison.interval)
    return (
        f"## Ensemble\n\n{shown}\n\n{words}, so the ensemble was chosen. On the hold-out set, which was not used for "
        f"this choice, it is better by {more}; {card.best} alone scores {card.comparison.alone:.4f}."
    )


def _why_not(found: Selection) -> str:
    if found.size > MOST_BYTES:
        size, most = f"{found.size / 1e6:,.0f} MB", f"{MOST_BYTES / 1e6:,.0f} MB"
        return f"their files take {size}, but at most {most} can be served together"
    return "the gain is not significant"


def _gain(metric: Metric, gain: float, interval: Interval) -> str:
    return f"{gain:.4f} in {metric} (95 % interval {interval.low:.4f} to {interval.high:.4f})"


def _listed(members: Sequence[Member]) -> str:
    return "An ensemble of " + ", ".join(f"{each.trial} (weight {each.weight:.2f})" for each in members)


def _data(card: Card) -> str:
    manifest = card.manifest
    rows = [
        ("all", *(f"{manifest.splits[split].examples:,}" for split in SPLITS)),
        *(
            (escape(name), *(f"{manifest.splits[split].class_counts.get(name, 0):,}" for split in SPLITS))
            for name in manifest.classes[:_MOST_CLASSES]
        ),
    ]
    head = ("class" if manifest.classes else "", *(_NAMES[split] for split in SPLITS))
    more = len(manifest.classes) - _MOST_CLASSES
    rest = f"\n\n{more} more classes are in the revision's manifest.json." if more > 0 else ""
    features = ", ".join(f"{escape(column.name)} ({column.type})" for column in manifest.columns)
    return f"## Data\n\n{table(head, rows)}{rest}" + (f"\n\nFeatures: {features}." if features else "")


def _warnings(card: Card) -> str:
    if not card.warnings:
        return ""
    lines = "\n".join(f"* {escape(each)}" for each in card.warnings)
    return f"## Warnings\n\nThe profile found in these examples:\n\n{lines}"


def _plots(card: Card) -> str:
    return "## Plots\n\n" + "\n\n".join(f"![{title}]({file})" for title, file in card.plots)


def _call(card: Card) -> str:
    answer = (
        f"{target_of(card.manifest.task).card_text.answer} All preprocessing is part of the model: send raw examples."
    )
    return f"## Call it\n\n{card.asking.commands(answer)}"


def _resolution(card: Card) -> str:
    """How little the hold-out set can tell apart."""
    half = (card.intervals[card.metric].high - card.intervals[card.metric].low) / 2
    least = f"{half:.4f}" if half >= _LEAST_SHOWN else f"{half:.1g}"
    return f"The hold-out set cannot resolve differences of less than {least} in {card.metric}."


def _limits(card: Card) -> str:
    lines = [
        "The scores hold for examples like those that the model was trained on, not for others.",
        _resolution(card),
    ]
    few = [name for name, count in card.manifest.splits["holdout"].class_counts.items() if count < 30]
    if few:
        shown = ", ".join(map(escape, few[:5])) + (", ..." if len(few) > 5 else "")
        lines.append(f"These classes have fewer than 30 hold-out examples, so little is known about them: {shown}.")
    if not beats_baseline(card):
        lines.append(
            f"**The model is not significantly better than the baseline in {card.metric}: check the data first.**"
        )
    lines += target_of(card.manifest.task).card_text.limits
    return "## Limits\n\n" + "\n".join(f"* {line}" for line in lines)


def _settings(configuration: Configuration) -> str:
    values = ", ".join(f"{name} {value}" for name, value in sorted(configuration.parameters.items()))
    return f"`{configuration.family}`" + (f" ({values})" if values else "")
