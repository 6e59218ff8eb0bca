"""What is run once for each task: a source, configurations quick to train, and what is frozen of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unit.frozen import source

Configuration = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """A life of one dataset, from profile to conclusion."""

    task: str
    source: Callable[[Path], Path]
    file: str
    metric: str
    configurations: tuple[Configuration, ...]
    """Each is trained. The first alone is concluded, as if the others had failed, unless they are an ensemble."""
    target: str | None = "label"
    ensemble: bool = False
    strategies: tuple[str, ...] = ("Explicit", "Portfolio")
    """By which it is chosen. MetaLearned only where the last digits of statistics cannot matter."""


def configuration(family: str, **parameters: Any) -> Configuration:
    """As in a TrainingJob's spec."""
    return {"family": family, "parameters": parameters}


PLANS = {
    "ImageClassification": Plan(
        "ImageClassification",
        source.images,
        "images",
        "Accuracy",
        (configuration("image-cnn", width=8), configuration("image-cnn", width=8, depth=0, augment="affine")),
        target=None,
        strategies=("Explicit", "Portfolio", "MetaLearned"),
    ),
    "TextClassification": Plan(
        "TextClassification",
        source.texts,
        "texts.jsonl",
        "Accuracy",
        (
            configuration("text-linear", ngrams=2, vocabulary=1000),
            configuration("text-cnn", vocabulary=1000, embedding=8, filters=8),
            configuration("text-transformer", vocabulary=1000, width=32, heads=2),
        ),
    ),
    "TabularClassification": Plan(
        "TabularClassification",
        source.classes,
        "classes.csv",
        "Accuracy",
        (
            configuration("tabular-linear"),
            configuration("tabular-residual", width=16, blocks=1, scaling="quantile"),
            configuration("tabular-sklearn", estimator="gaussian-naive-bayes"),
        ),
        strategies=("Explicit", "Portfolio", "MetaLearned"),
    ),
    "TabularRegression": Plan(
        "TabularRegression",
        source.values,
        "values.csv",
        "R2",
        (configuration("tabular-linear"), configuration("tabular-mlp", width=16, layers=1)),
    ),
    "ClickThroughRate": Plan(
        "ClickThroughRate",
        source.clicks,
        "clicks.csv",
        "RocAuc",
        (
            configuration("click-linear", buckets=100),
            configuration("click-cross", buckets=100, width=8, layers=1, crosses=1),
        ),
        strategies=("Explicit", "Portfolio", "MetaLearned"),
    ),
    "Ensemble": Plan(
        "TabularClassification",
        source.sums,
        "sums.csv",
        "LogLoss",
        (
            configuration("tabular-sklearn", estimator="gaussian-naive-bayes"),
            configuration("tabular-sklearn", estimator="nearest-neighbors", neighbors=40),
        ),
        ensemble=True,
    ),
}

PROCESSES = (
    ("ImageClassification", "TabularClassification", "Ensemble"),
    ("TextClassification", "TabularRegression", "ClickThroughRate"),
)
"""Plans that share a process."""
