"""What is said of the answers to a hold-out beside their scores."""

import hashlib

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from noria.contract import Task
from noria_trainers.data.examples import digest, digests
from noria_trainers.modality.example_name import BY_DIGEST, BY_PLACE
from noria_trainers.modality.modality import modality_of
from noria_trainers.modality.stored import StoredSplit
from noria_trainers.target.calibration import Calibration
from noria_trainers.target.classes import confusion
from noria_trainers.target.shown import MOST_MISSES, class_scores
from noria_trainers.target.target import target_of


def test_the_calibration_error_is_the_mean_distance_of_said_and_seen() -> None:
    said = np.repeat([0.2, 0.9], 50)
    seen = np.concatenate([np.arange(50) < 10, np.arange(50) < 30])
    found = Calibration.of("it is", seen.astype(int), said)
    assert sum(each.examples for each in found.parts) == 100
    assert [each.said for each in found.parts] == pytest.approx([0.2] * 5 + [0.9] * 5)
    assert found.error == pytest.approx(np.mean([abs(each.said - each.seen) for each in found.parts]))
    whole = Calibration.of("it is", np.ones(3), np.ones(3))
    assert (whole.error, whole.chance, len(whole.parts)) == (0, 0, 3)


@pytest.mark.parametrize("examples", [200, 5000])
def test_exact_probabilities_show_about_the_error_of_chance(examples: int) -> None:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(50):
        said = rng.random(examples)
        found.append(Calibration.of("it is", rng.random(examples) < said, said))
    assert np.mean([each.error for each in found]) == pytest.approx(np.mean([each.chance for each in found]), rel=0.1)
    wrong = Calibration.of("it is", rng.random(examples) < said / 2, said)
    assert wrong.error > 3 * wrong.chance


def test_classes_have_the_scores_that_scikit_learn_gives_them() -> None:
    rng = np.random.default_rng(0)
    labels, taken = rng.integers(0, 4, 300), rng.integers(0, 4, 300)
    found = class_scores(confusion(labels, taken, 4), ["a", "b", "c", "d"])
    expected = precision_recall_fscore_support(labels, taken)
    assert [[each.precision, each.recall, each.f1, each.examples] for each in found] == pytest.approx(
        np.transpose(expected)
    )
    never, unseen = class_scores(np.array([[0, 3], [0, 0]]), ["a", "b"])
    assert (never.precision, never.recall, never.taken_for) == (None, 0.0, ("b", 3))
    assert (unseen.precision, unseen.recall, unseen.taken_for) == (0.0, None, None)


def test_the_surest_wrong_classes_come_first() -> None:
    predictions = np.array([[0.9, 0.1], [0.3, 0.7], [0.45, 0.55], [0.2, 0.8]])
    misses = target_of(Task.TEXT_CLASSIFICATION).shown(np.array([0, 0, 0, 0]), predictions, ["a", "b"]).misses
    assert misses is not None
    assert [(each.place, each.cells) for each in misses.rows] == [
        (3, ("a", "b", "0.8000")),
        (1, ("a", "b", "0.7000")),
        (2, ("a", "b", "0.5500")),
    ]


def test_the_most_surprising_clicks_come_first() -> None:
    misses = target_of(Task.CLICK_THROUGH_RATE).shown(np.array([1, 0, 1]), np.array([[0.4], [0.9], [0.8]]), ()).misses
    assert misses is not None
    assert [(each.place, each.cells) for each in misses.rows] == [(1, ("0", "0.9000")), (0, ("1", "0.4000"))]


def test_the_largest_errors_of_values_are_told_without_the_values() -> None:
    labels = np.arange(100.0) * 1000 + 7
    misses = target_of(Task.TABULAR_REGRESSION).shown(labels, (labels + np.arange(100) - 50)[:, None], ()).misses
    assert misses is not None
    assert len(misses.rows) == MOST_MISSES
    assert [(each.place, each.cells) for each in misses.rows[:3]] == [(0, ("-50",)), (1, ("-49",)), (99, ("+49",))]


class Stored:
    """As much of a split as names its examples."""

    def digests(self) -> np.ndarray:
        return digests([digest(each) for each in (b"one", b"two", b"three")])


def test_images_are_named_by_what_b2sum_prints_and_guessable_examples_by_their_place() -> None:
    split: StoredSplit = Stored()  # type: ignore[assignment]  # names need no more of it
    expected = [hashlib.blake2b(each, digest_size=16).hexdigest() for each in (b"three", b"one")]
    assert BY_DIGEST.of(split, [2, 0]) == expected
    assert BY_DIGEST.of(split, []) == []
    assert BY_PLACE.of(split, [2, 0]) == ["2", "0"]
    assert "b2sum -l 128" in modality_of(Task.IMAGE_CLASSIFICATION).example_names.note
    assert all(modality_of(task).example_names is BY_PLACE for task in Task if task is not Task.IMAGE_CLASSIFICATION)
