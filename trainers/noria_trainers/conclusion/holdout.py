"""The best model's honest score: the exported model predicts the hold-out set, as a server would. For `conclude`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from noria.contract import Metric
from noria_trainers.conclusion.interval import Interval, gain, intervals
from noria_trainers.data.manifest import Manifest
from noria_trainers.data.revision import Revision
from noria_trainers.metrics import score
from noria_trainers.modality.modality import split_of
from noria_trainers.target.target import target_of

_BATCH = 64


@dataclass(frozen=True)
class HoldOut:
    """Predictions of a model for the hold-out set, with their scores."""

    labels: NDArray[np.generic]
    predictions: NDArray[np.float32]
    scores: Mapping[Metric, float]
    intervals: Mapping[Metric, Interval]
    baseline: Mapping[Metric, float]
    """Scores of giving every example the training split's mean or class shares."""


@dataclass(frozen=True)
class Comparison:
    """An ensemble beside the best trial alone."""

    alone: float
    """The trial's score."""
    gain: float
    """How much better the ensemble is; negative where it is worse."""
    interval: Interval
    """The gain's 95 % interval."""


def compare(ensemble: HoldOut, alone: HoldOut, manifest: Manifest, metric: Metric, *, seed: int) -> Comparison:
    """Both on the same hold-out set."""
    more = ensemble.scores[metric] - alone.scores[metric]
    bounds = gain(
        manifest.task,
        metric,
        ensemble.labels,
        ensemble.predictions,
        alone.predictions,
        class_count=len(manifest.classes),
        seed=seed,
    )
    return Comparison(alone.scores[metric], more if metric.higher_is_better else -more, bounds)


def evaluate(model: Path, revision: Revision, scratch: Path, *, seed: int) -> HoldOut:
    """Score the SavedModel in the folder `model`."""
    manifest = revision.manifest
    labels, predictions = _answers(model, revision, scratch)
    shares = np.broadcast_to(constant(revision, scratch), predictions.shape)
    count = len(manifest.classes)
    baseline = score(manifest.task, labels, shares, count)
    bounds = intervals(manifest.task, labels, predictions, baseline=baseline, class_count=count, seed=seed)
    return HoldOut(
        labels=labels,
        predictions=predictions,
        scores=score(manifest.task, labels, predictions, count),
        intervals=bounds,
        baseline=baseline,
    )


def _answers(model: Path, revision: Revision, scratch: Path) -> tuple[NDArray[np.generic], NDArray[np.float32]]:
    loaded = tf.saved_model.load(str(model))  # the signature lives as long as what it was loaded from
    signature = loaded.signatures["serving_default"]
    output = target_of(revision.manifest.task).score_output
    labels, predictions = [], []
    for inputs, truth in split_of(revision, "holdout", scratch).batches(_BATCH):
        answer = signature(**{name: tf.constant(values) for name, values in inputs.items()})
        predictions.append(answer[output].numpy())
        labels.append(truth)
    return np.concatenate(labels), np.concatenate(predictions)


def constant(revision: Revision, scratch: Path) -> NDArray[np.float64]:
    """The one answer that the training labels alone suggest, which broadcasts to [n, k]."""
    manifest = revision.manifest
    counts = manifest.splits["train"].class_counts
    of_classes = np.asarray([counts.get(name, 0) for name in manifest.classes], np.int64)
    return target_of(manifest.task).baseline(of_classes, lambda: split_of(revision, "train", scratch).labels)
