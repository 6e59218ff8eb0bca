"""Committed portfolios: for each task a diverse list of configurations, the most reliable first.

Where MEASURED_ON names a task, its list is in the order of mean scores on that many public datasets; pretrained
backbones are not among what was measured and stand where photographs want them. `noria-trainer space` shows all that
there is to choose from.
"""

from typing import NamedTuple

from noria.contract import Configuration, Parameter, Task
from noria_trainers.families import FAMILIES


class Entry(NamedTuple):
    """A configuration with why it is in the list, in at most 120 characters."""

    configuration: Configuration
    why: str


def _entry(family: str, why: str, **parameters: Parameter) -> Entry:
    return Entry(FAMILIES[family].configuration(parameters), why)


_CNN, _BACKBONE = "image-cnn", "image-backbone"
_IMAGES = (
    _entry(
        _CNN, "nothing mirrored: digits, letters, signs, things that stand upright", width=24, depth=0, augment="none"
    ),
    _entry(_BACKBONE, "pretrained on photographs, quick", backbone="MobileNetV3Large", learning_rate=0.001),
    _entry(_CNN, "turned and scaled too, smoothed: few images", augment="affine", smoothing=0.1, dropout=0.2),
    _entry(_BACKBONE, "pretrained, finer", backbone="EfficientNetV2B0", resolution=224, learning_rate=0.0002),
    _entry(_CNN, "shifted: things at any place", width=16, depth=1, augment="shift"),
    _entry(_CNN, "two blocks a stage, for textures", depth=2, smoothing=0.1, dropout=0.5),
    _entry(_CNN, "nothing mirrored, deeper", width=16, depth=1, augment="none", learning_rate=0.0015),
    _entry(_BACKBONE, "pretrained, only its last layer trained: very few images", tune="last", learning_rate=0.003),
    _entry(_CNN, "widest, with strong weight decay, for many images", width=32, depth=1, weight_decay=0.01),
    _entry(_CNN, "wider and slower, for classes that are alike", width=24, depth=1, learning_rate=0.0015),
    _entry(_CNN, "small and mirrored", width=16, depth=1),
    _entry(_CNN, "shallowest and shifted", width=16, depth=0, augment="shift"),
    _entry(_CNN, "widest and varied, for many images", width=32, depth=2, augment="affine"),
    _entry(_CNN, "shallow, strongly varied", depth=0, augment="affine", smoothing=0.1, dropout=0.5),
)

_LINEAR, _WORDS, _ATTENTION = "text-linear", "text-cnn", "text-transformer"
_TEXTS = (
    _entry(
        _LINEAR, "words and pairs, little regularised: strong on most texts", ngrams=2, vocabulary=100_000, penalty=0.1
    ),
    _entry(_WORDS, "short phrases wherever they stand", embedding=64, filters=64, dropout=0.5, learning_rate=0.003),
    _entry(_LINEAR, "words alone, hardly regularised: many clean examples", ngrams=1, vocabulary=20_000, penalty=0.01),
    _entry(_ATTENTION, "the order of words, in short texts", width=64, dropout=0.1, learning_rate=0.001),
    _entry(_LINEAR, "pairs, strongly regularised: few examples", ngrams=2, vocabulary=20_000, penalty=1.0),
    _entry(_WORDS, "smaller and slower, for few examples", embedding=32, filters=32, dropout=0.2, learning_rate=0.001),
    _entry(_LINEAR, "words alone, in between", ngrams=1, vocabulary=100_000, penalty=0.1),
    _entry(_ATTENTION, "two blocks, more left out", blocks=2, dropout=0.4, learning_rate=0.001),
    _entry(_LINEAR, "pairs, hardly regularised", ngrams=2, vocabulary=100_000, penalty=0.01),
    _entry(_WORDS, "many phrases, slower", embedding=64, filters=64, dropout=0.2, learning_rate=0.001),
)

_MLP, _RESIDUAL, _SCALED = "tabular-mlp", "tabular-residual", "tabular-linear"
_TABLES = (
    _entry(_MLP, "two layers, columns by quantile: sound on most tables", scaling="quantile", width=256, dropout=0.2),
    _entry(_RESIDUAL, "columns that act together", scaling="standard", blocks=2, width=128, learning_rate=0.004),
    _entry(_SCALED, "columns that act one by one, few rows", scaling="quantile", penalty=1.0),
    _entry(_MLP, "smooth and much left out, for noise", layers=3, activation="gelu", dropout=0.3, weight_decay=0.1),
    _entry(_MLP, "one layer, nothing left out: clean tables", scaling="standard", layers=1, width=256, dropout=0.0),
    _entry(_RESIDUAL, "columns by quantile, slower", scaling="quantile", blocks=1, width=64, learning_rate=0.001),
    _entry(_SCALED, "strong penalty, very few rows", scaling="standard", penalty=10.0),
    _entry(_MLP, "two layers, nothing left out", scaling="standard", layers=2, width=256, dropout=0.0),
    _entry(_RESIDUAL, "deeper, strongly regularised", blocks=3, dropout=0.4, weight_decay=0.1),
    _entry(_MLP, "small, columns by quantile", scaling="quantile", layers=1, width=64, dropout=0.0),
)

_WIDE, _CROSS, _CLICK_LINEAR = "click-wide-deep", "click-cross", "click-linear"
_CLICKS = (
    _entry(_WIDE, "remembered pairs beside general taste", embedding=16, width=256, dropout=0.3, learning_rate=0.004),
    _entry(_WIDE, "small and quick", embedding=4, width=64, dropout=0.0, learning_rate=0.004),
    _entry(
        _CROSS, "triples, nothing left out: very many rows", crosses=3, embedding=8, dropout=0.0, learning_rate=0.001
    ),
    _entry(_WIDE, "small embeddings, slower", embedding=4, width=256, dropout=0.3, learning_rate=0.001),
    _entry(_WIDE, "the first one, slower", embedding=16, width=256, dropout=0.3, learning_rate=0.001),
    _entry(_CROSS, "small: few rows", crosses=1, embedding=4, dropout=0.3, learning_rate=0.004),
    _entry(_CROSS, "columns that act in pairs", crosses=2, embedding=8, dropout=0.3, learning_rate=0.001),
    _entry(_CLICK_LINEAR, "few buckets, strongly regularised", buckets=10_000, scaling="quantile", weight_decay=0.01),
    _entry(_CLICK_LINEAR, "numbers as they are", buckets=1_000_000, scaling="standard", weight_decay=0.0001),
    _entry(_CLICK_LINEAR, "many categories, few clicks", buckets=1_000_000, scaling="quantile", weight_decay=0.0001),
)

_LISTS = ((_IMAGES, 3), (_TEXTS, 0), (_TABLES, 0), (_CLICKS, 2))
"""Each with the public datasets by whose results it is ordered, where there are too few to learn a choice from."""


def _entries(listed: tuple[Entry, ...], task: Task) -> tuple[Entry, ...]:
    return tuple(entry for entry in listed if task in FAMILIES[entry.configuration.family].tasks)


PORTFOLIOS = {task: tuple(entry for listed, _ in _LISTS for entry in _entries(listed, task)) for task in Task}
"""A task's list is made of the families that serve it."""

MEASURED_ON = {task: datasets for task in Task for listed, datasets in _LISTS if datasets and _entries(listed, task)}
