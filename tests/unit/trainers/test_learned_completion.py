import numpy as np
import pytest

from noria_trainers.choice.learned.completion import complete


def _world(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    """Scores of datasets that differ in level, in scale, and in two traits that favour different configurations."""
    random = np.random.default_rng(seed)
    traits, liking = random.standard_normal((rows, 2)), random.standard_normal((columns, 2))
    core = random.standard_normal(columns) + traits @ liking.T
    level, scale = random.uniform(0.4, 0.9, (rows, 1)), random.uniform(0.01, 0.05, (rows, 1))
    return level + scale * core


def _thinned(scores: np.ndarray, results: int, seed: int = 1) -> np.ndarray:
    order = np.random.default_rng(seed).random(scores.shape).argsort(axis=1).argsort(axis=1)
    return np.where(order < results, scores, np.nan)


def test_what_is_known_stays_as_it_is() -> None:
    scores = _world(40, 15)
    assert complete(scores).scores == pytest.approx(scores, abs=0.02)


@pytest.mark.parametrize("results", [5, 10])
def test_a_gap_is_filled_better_than_by_the_mean_of_its_row(results: int) -> None:
    scores = _world(300, 20)
    ragged = _thinned(scores, results)
    gaps = np.isnan(ragged)
    by_mean = np.broadcast_to(np.nanmean(ragged, axis=1, keepdims=True), scores.shape)
    error = np.abs(complete(ragged).scores - scores)[gaps].mean()
    assert error < 0.75 * np.abs(by_mean - scores)[gaps].mean()


def test_a_row_of_good_configurations_only_is_seen_to_be_that() -> None:
    scores = _world(200, 20)
    ragged = scores.copy()
    good = np.argsort(-scores.mean(axis=0))
    ragged[0, good[5:]] = np.nan  # its five results are of the five best configurations
    table = complete(ragged)
    assert table.level[0] < np.nanmean(ragged[0])


def test_scale_and_level_of_a_dataset_do_not_change_what_is_learned() -> None:
    scores = _world(60, 12)
    moved = scores.copy()
    moved[7] = 100 * moved[7] - 3
    assert np.argsort(complete(moved).standard[7]).tolist() == np.argsort(complete(scores).standard[7]).tolist()


@pytest.mark.parametrize(
    "scores",
    [
        pytest.param(np.full((4, 3), 0.5), id="nothing differs"),
        pytest.param(np.array([[0.1, np.nan, 0.2]] * 3), id="a configuration that nobody trained"),
        pytest.param(np.array([[0.1, -1e9, 0.2, 0.3]] * 5), id="one that diverged"),
        pytest.param(np.array([[0.1, 0.2]]), id="one dataset"),
    ],
)
def test_degenerate_tables_stay_finite(scores: np.ndarray) -> None:
    table = complete(scores)
    assert np.isfinite(table.scores).all()
    assert np.isfinite(table.position).all()
