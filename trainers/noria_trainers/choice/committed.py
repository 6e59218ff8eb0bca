"""Committed portfolios: for each task a diverse list of configurations, the most reliable first.

Where MEASURED_ON names a task, its list is in the order of mean scores on that many public datasets; pretrained
backbones were not measured and are placed where they help with photographs. `noria space` shows every configuration
of a task.
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
    _entry(_CNN, "no mirroring: for digits, letters, signs and upright objects", width=24, depth=0, augment="none"),
    _entry(_BACKBONE, "pretrained on photographs, fast", backbone="MobileNetV3Large", learning_rate=0.001),
    _entry(_CNN, "rotation, scaling and label smoothing: for few images", augment="affine", smoothing=0.1, dropout=0.2),
    _entry(
        _BACKBONE, "pretrained, higher resolution", backbone="EfficientNetV2B0", resolution=224, learning_rate=0.0002
    ),
    _entry(_CNN, "random shifts: for objects anywhere in the image", width=16, depth=1, augment="shift"),
    _entry(_CNN, "two blocks per stage: for textures", depth=2, smoothing=0.1, dropout=0.5),
    _entry(_CNN, "no mirroring, deeper", width=16, depth=1, augment="none", learning_rate=0.0015),
    _entry(_BACKBONE, "pretrained, only the last layer trained: for very few images", tune="last", learning_rate=0.003),
    _entry(_CNN, "widest, strong weight decay: for many images", width=32, depth=1, weight_decay=0.01),
    _entry(_CNN, "wider, lower learning rate: for similar classes", width=24, depth=1, learning_rate=0.0015),
    _entry(_CNN, "small, with mirroring", width=16, depth=1),
    _entry(_CNN, "shallowest, random shifts", width=16, depth=0, augment="shift"),
    _entry(_CNN, "widest, strong augmentation: for many images", width=32, depth=2, augment="affine"),
    _entry(_CNN, "shallow, strong augmentation", depth=0, augment="affine", smoothing=0.1, dropout=0.5),
)

_LINEAR, _WORDS, _ATTENTION = "text-linear", "text-cnn", "text-transformer"
_TEXTS = (
    _entry(
        _LINEAR,
        "words and word pairs, light regularisation: good on most texts",
        ngrams=2,
        vocabulary=100_000,
        penalty=0.1,
    ),
    _entry(_WORDS, "short phrases anywhere in the text", embedding=64, filters=64, dropout=0.5, learning_rate=0.003),
    _entry(
        _LINEAR,
        "single words, very light regularisation: for many clean examples",
        ngrams=1,
        vocabulary=20_000,
        penalty=0.01,
    ),
    _entry(_ATTENTION, "word order in short texts", width=64, dropout=0.1, learning_rate=0.001),
    _entry(_LINEAR, "word pairs, strong regularisation: for few examples", ngrams=2, vocabulary=20_000, penalty=1.0),
    _entry(
        _WORDS,
        "smaller, lower learning rate: for few examples",
        embedding=32,
        filters=32,
        dropout=0.2,
        learning_rate=0.001,
    ),
    _entry(_LINEAR, "single words, medium regularisation", ngrams=1, vocabulary=100_000, penalty=0.1),
    _entry(_ATTENTION, "two blocks, more dropout", blocks=2, dropout=0.4, learning_rate=0.001),
    _entry(_LINEAR, "word pairs, very light regularisation", ngrams=2, vocabulary=100_000, penalty=0.01),
    _entry(_WORDS, "many phrases, lower learning rate", embedding=64, filters=64, dropout=0.2, learning_rate=0.001),
)

_MLP, _RESIDUAL, _SCALED = "tabular-mlp", "tabular-residual", "tabular-linear"
_TABLES = (
    _entry(_MLP, "two layers, quantile scaling: good on most tables", scaling="quantile", width=256, dropout=0.2),
    _entry(_RESIDUAL, "for columns that interact", scaling="standard", blocks=2, width=128, learning_rate=0.004),
    _entry(_SCALED, "for columns that act independently, few rows", scaling="quantile", penalty=1.0),
    _entry(
        _MLP,
        "smooth activation, strong regularisation: for noisy data",
        layers=3,
        activation="gelu",
        dropout=0.3,
        weight_decay=0.1,
    ),
    _entry(_MLP, "one layer, no dropout: for clean tables", scaling="standard", layers=1, width=256, dropout=0.0),
    _entry(
        _RESIDUAL, "quantile scaling, lower learning rate", scaling="quantile", blocks=1, width=64, learning_rate=0.001
    ),
    _entry(_SCALED, "strong penalty: for very few rows", scaling="standard", penalty=10.0),
    _entry(_MLP, "two layers, no dropout", scaling="standard", layers=2, width=256, dropout=0.0),
    _entry(_RESIDUAL, "deeper, strong regularisation", blocks=3, dropout=0.4, weight_decay=0.1),
    _entry(_MLP, "small, quantile scaling", scaling="quantile", layers=1, width=64, dropout=0.0),
)

_WIDE, _CROSS, _CLICK_LINEAR = "click-wide-deep", "click-cross", "click-linear"
_CLICKS = (
    _entry(_WIDE, "memorised pairs and generalisation", embedding=16, width=256, dropout=0.3, learning_rate=0.004),
    _entry(_WIDE, "small and fast", embedding=4, width=64, dropout=0.0, learning_rate=0.004),
    _entry(
        _CROSS,
        "three cross layers, no dropout: for very many rows",
        crosses=3,
        embedding=8,
        dropout=0.0,
        learning_rate=0.001,
    ),
    _entry(_WIDE, "small embeddings, lower learning rate", embedding=4, width=256, dropout=0.3, learning_rate=0.001),
    _entry(_WIDE, "like the first, lower learning rate", embedding=16, width=256, dropout=0.3, learning_rate=0.001),
    _entry(_CROSS, "small: for few rows", crosses=1, embedding=4, dropout=0.3, learning_rate=0.004),
    _entry(
        _CROSS, "two cross layers: for columns that interact", crosses=2, embedding=8, dropout=0.3, learning_rate=0.001
    ),
    _entry(_CLICK_LINEAR, "few buckets, strong regularisation", buckets=10_000, scaling="quantile", weight_decay=0.01),
    _entry(_CLICK_LINEAR, "many buckets, standard scaling", buckets=1_000_000, scaling="standard", weight_decay=0.0001),
    _entry(
        _CLICK_LINEAR, "for many categories and few clicks", buckets=1_000_000, scaling="quantile", weight_decay=0.0001
    ),
)

_LISTS = ((_IMAGES, 3), (_TEXTS, 0), (_TABLES, 0), (_CLICKS, 2))
"""Each with the public datasets by whose results it is ordered, where there are too few to learn a choice from."""


def _entries(listed: tuple[Entry, ...], task: Task) -> tuple[Entry, ...]:
    return tuple(entry for entry in listed if task in FAMILIES[entry.configuration.family].tasks)


PORTFOLIOS = {task: tuple(entry for listed, _ in _LISTS for entry in _entries(listed, task)) for task in Task}
"""A task's list is made of the families that serve it."""

MEASURED_ON = {task: datasets for task in Task for listed, datasets in _LISTS if datasets and _entries(listed, task)}
