import numpy as np

from noria_trainers.choice.learned.completion import complete
from noria_trainers.choice.learned.landmarker_search import MISSED, Budget, Known, select

FAMILIES = ["tree", "tree", "bayes", "forest", "forest", "kernel", "kernel"]
"""`bayes` tells whether forests or kernels win, and is never the best itself; trees are noise."""


def _scores(datasets: int = 120, *, noise: float = 0.02) -> np.ndarray:
    random = np.random.default_rng(0)
    likes_forests = random.random(datasets) < 0.5
    bayes = np.where(likes_forests, 0.4, 0.6)
    forests, kernels = np.where(likes_forests, 0.9, 0.7), np.where(likes_forests, 0.7, 0.9)
    trees = np.full(datasets, 0.5)
    columns = np.stack([trees, trees, bayes, forests, forests, kernels, kernels], axis=1)
    return columns + noise * random.standard_normal(columns.shape)


def _known(scores: np.ndarray, shares: list[float]) -> Known:
    sizes = np.random.default_rng(1).random((len(scores), 1))
    return Known(sizes, scores, complete(scores), np.tile(shares, (len(scores), 1)))


def test_the_cheap_and_telling_one_is_found() -> None:
    known = _known(_scores(), [0.01, 0.02, 0.02, 0.5, 0.6, 0.7, 0.7])
    assert known.explained([2]) > 0.5 > known.explained([0])
    assert 2 in select(known, FAMILIES, Budget())


def test_what_choices_would_miss_is_no_landmarker() -> None:
    scores = _scores(noise=0.001)
    known = _known(scores, [0.5, 0.5, 0.5, 0.01, 0.5, 0.01, 0.5])  # a forest and a kernel: each has a like
    assert known.missed([3, 5]) < MISSED
    assert select(known, FAMILIES, Budget())
    alone = _known(scores[:, [0, 1, 2, 3, 5]], [0.5, 0.5, 0.5, 0.01, 0.01])  # these have none
    assert alone.missed([3]) > MISSED
    assert select(alone, ["tree", "tree", "bayes", "forest", "kernel"], Budget()) == ()


def test_a_budget_holds_in_the_middle_and_for_the_dear_ones() -> None:
    budget = Budget(median=0.1, high=0.2)
    assert budget.allows(np.full(10, 0.1))
    assert not budget.allows(np.full(10, 0.11))
    assert not budget.allows(np.array([0.01] * 8 + [0.3] * 2))


def test_no_set_within_the_budget_means_no_landmarkers() -> None:
    assert select(_known(_scores(20), [1.0] * 7), FAMILIES, Budget()) == ()
