"""What is known of a configuration tells something of its kin, and what nobody has tried could be good."""

import numpy as np
import pytest

from noria.contract import Configuration, Parameter
from noria_trainers.choice.learned.choose import choose
from noria_trainers.choice.learned.completion import complete
from noria_trainers.choice.learned.evidence import Evidence, Observation
from noria_trainers.choice.learned.kinship import kinship


def _tree(**parameters: Parameter) -> Configuration:
    return Configuration(family="tree", parameters=parameters)


def test_kinship_falls_with_what_differs() -> None:
    same, near, far, other = kinship(
        [
            _tree(depth=1, criterion="gini"),
            _tree(depth=2, criterion="gini"),
            _tree(depth=30, criterion="entropy"),
            Configuration(family="forest", parameters={"depth": 1, "criterion": "gini"}),
        ]
    )[0]
    assert same == 1
    assert 1 > near > far > 0
    assert other == 0


def test_a_parameter_that_one_lacks_or_a_word_among_numbers_differs_wholly() -> None:
    matrix = kinship([_tree(), _tree(features=1), _tree(features=0.5), _tree(features="all"), _tree(features=True)])
    assert matrix[1, 2] == matrix[1, 3] == matrix[1, 0] == matrix[1, 4] < 1
    assert np.allclose(matrix, matrix.T)


def test_what_nobody_has_trained_is_taken_to_be_like_its_kin() -> None:
    scores = np.random.default_rng(0).normal([0.9, 0.9, 0.9, 0.6, 0.6, 0.6], 0.01, (40, 6))
    scores[:, [2, 5]] = np.nan
    space = [_tree(depth=n) for n in range(3)] + [
        Configuration(family="net", parameters={"depth": n}) for n in range(3)
    ]
    alone, akin = complete(scores), complete(scores, kinship(space))
    assert alone.standard[0, 2] == pytest.approx(alone.standard[0, 5], abs=0.3)
    assert akin.standard[0, 2] > akin.standard[0, 5] + 0.5
    assert akin.doubt[2] < alone.doubt[2]
    assert akin.doubt[2] > akin.doubt[0]


def test_tables_that_could_be_true_differ_in_what_is_in_doubt_only() -> None:
    scores = np.random.default_rng(0).random((20, 5))
    whole = complete(scores)
    assert np.array_equal(whole.futures(), np.tile(whole.shortfall, (len(whole.futures()) // 20, 1)))
    scores[:, 4] = np.nan
    ragged = complete(scores)
    futures = ragged.futures().reshape(-1, 20, 5)
    assert len({tuple(each[:, 4]) for each in futures}) == len(futures) > 1
    assert np.array_equal(futures, ragged.futures().reshape(futures.shape))


def test_without_exploration_an_untried_configuration_is_tried_before_a_poor_one() -> None:
    space = [_tree(name=f"n{n}") for n in range(8)]
    means = [0.9, 0.89, 0.88, 0.5, 0.5, 0.5, 0.5]  # nobody has trained the last
    random = np.random.default_rng(0)
    cells = [
        Observation(f"d{d}", space[c], mean + 0.01 * random.random()) for d in range(30) for c, mean in enumerate(means)
    ]
    choice = choose({"size": 0.0}, space, Evidence(cells, {f"d{d}": {"size": float(d)} for d in range(30)}, (0, 1)))
    assert space[7] in [each.configuration for each in choice.picks]
