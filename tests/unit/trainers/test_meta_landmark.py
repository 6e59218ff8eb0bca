import numpy as np

from noria_trainers.experience.meta import landmark
from noria_trainers.experience.meta.table import complete

FAMILIES = ["tree", "tree", "bayes", "forest", "forest", "kernel", "kernel"]
"""`bayes` tells whether forests or kernels win, and is never the best itself; trees are noise."""


def _scores(datasets: int = 120) -> np.ndarray:
    random = np.random.default_rng(0)
    likes_forests = random.random(datasets) < 0.5
    bayes = np.where(likes_forests, 0.4, 0.6)
    forests, kernels = np.where(likes_forests, 0.9, 0.7), np.where(likes_forests, 0.7, 0.9)
    trees = np.full(datasets, 0.5)
    columns = np.stack([trees, trees, bayes, forests, forests, kernels, kernels], axis=1)
    return columns + 0.02 * random.standard_normal(columns.shape)


def test_the_cheap_and_telling_one_is_found() -> None:
    scores = _scores()
    shares = np.tile([0.01, 0.02, 0.02, 0.5, 0.6, 0.7, 0.7], (len(scores), 1))
    sets = landmark.menu(FAMILIES, shares, landmark.Budget())
    assert sets == [(0,), (2,), (0, 2)]  # the cheapest of each family that is within the budget
    sizes = np.random.default_rng(1).random((len(scores), 1))
    assert 2 in landmark.select(sizes, scores, complete(scores), sets)


def test_a_budget_holds_in_the_middle_and_for_the_dear_ones() -> None:
    budget = landmark.Budget(median=0.1, high=0.2)
    assert budget.allows(np.full(10, 0.1))
    assert not budget.allows(np.full(10, 0.11))
    assert not budget.allows(np.array([0.01] * 8 + [0.3] * 2))


def test_no_set_within_the_budget_means_no_landmarkers() -> None:
    scores = _scores(20)
    sets = landmark.menu(FAMILIES, np.ones_like(scores), landmark.Budget())
    assert landmark.select(np.ones((20, 1)), scores, complete(scores), sets) == ()
