"""Plots are whole PNG files for any names and sizes, the same for the same data."""

import io

import numpy as np
import pytest
from PIL import Image

from noria_trainers.conclusion.curves import learning_curves
from noria_trainers.target import plot
from noria_trainers.target.calibration import Calibration


def pixels(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"), np.int64)


def is_drawn(png: bytes) -> bool:
    return pixels(png).std() > 5


@pytest.mark.parametrize("classes", [2, 10, 40])
def test_a_confusion_matrix_is_drawn_however_many_classes(classes: int) -> None:
    table = np.random.default_rng(0).integers(0, 9, (classes, classes)) + 90 * np.eye(classes, dtype=np.int64)
    assert is_drawn(plot.confusion_matrix(table, [f"class {n}" for n in range(classes)]))


def test_a_confusion_matrix_is_dark_where_the_hits_are() -> None:
    names = ["no", "yes"]
    right, wrong = (
        pixels(plot.confusion_matrix(np.array(table), names)) for table in ([[9, 0], [0, 9]], [[0, 9], [9, 0]])
    )
    height, width = right.shape[:2]
    upper_right = (slice(height // 6, height // 4), slice(width * 5 // 8, width * 3 // 4))
    assert right[upper_right].mean() > 200
    assert wrong[upper_right].mean() < 120


def test_names_in_any_script_long_or_with_dollars_do_no_harm() -> None:
    names = ["$x^2$", "日本語", "x" * 300, "\\frac{", "\x00\n"]
    assert is_drawn(plot.confusion_matrix(np.eye(5, dtype=np.int64), names))


def test_a_class_without_holdout_examples_does_no_harm() -> None:
    assert is_drawn(plot.confusion_matrix(np.array([[3, 0], [0, 0]]), ["a", "b"]))


def test_values_and_clicks_are_drawn() -> None:
    rng = np.random.default_rng(0)
    assert is_drawn(plot.true_and_predicted(rng.normal(size=9000), rng.normal(size=9000)))
    assert is_drawn(plot.calibration(Calibration.of("it is", rng.integers(0, 2, 500), rng.random(500))))
    assert is_drawn(plot.calibration(Calibration.of("it is", np.array([1, 0]), np.array([0.4, 0.2]))))


def test_learning_curves_are_drawn_for_any_number_of_epochs_and_trials() -> None:
    assert is_drawn(learning_curves({"trial-1": [0.5], "trial-2": [0.1, 0.9]}, metric="Accuracy", best="trial-2"))
    assert is_drawn(learning_curves({}, metric="Accuracy", best="trial-1"))


def test_the_same_data_make_the_same_bytes() -> None:
    first, second = (plot.confusion_matrix(np.eye(3, dtype=np.int64), ["a", "b", "c"]) for _ in range(2))
    assert first == second
