"""A sample of `make bench-promotion`: the product decides about candidates of known worth within its error."""

import pytest

from noria.contract import Metric, Policy
from promotion.rollouts import CLASSES, CLICKS, HITS, VALUES, Question, tallies
from promotion.rounds import life
from promotion.simulate import World

ROLLOUTS = 120


def test_at_200_examples_half_of_equal_models_are_promoted_and_hardly_one_that_is_3_points_worse() -> None:
    """Expected are .54 and .05; the bounds leave 3 standard deviations to chance."""
    equal, worse = (tallies(Question(CLASSES, HITS, gain, 200), ROLLOUTS, seed=3) for gain in (0.0, -0.03))
    for good, bad in zip(equal, worse, strict=True):
        assert good["not_worse"] > 0.40
        assert good["better"] < 0.06
        assert bad["not_worse"] < 0.11
        assert bad["better"] < 0.02


@pytest.mark.parametrize(
    ("world", "metric"),
    [
        pytest.param(CLASSES, Metric.LOG_LOSS, id="log loss"),
        pytest.param(CLICKS, Metric.ROC_AUC, id="area"),
        pytest.param(VALUES, Metric.R2, id="explained variance"),
        pytest.param(VALUES, Metric.MAE, id="error"),
    ],
)
def test_bounds_miss_the_true_gain_as_rarely_as_they_may(world: World, metric: Metric) -> None:
    (found,) = tallies(Question(world, (metric,), 0.01, 200), ROLLOUTS, seed=3)
    assert found["low_missed"] < 0.06
    assert found["high_missed"] < 0.08


def test_losses_do_not_add_up_over_fifty_retrains_on_one_hold_out() -> None:
    """A Model whose retrains get worse by a tenth of a point each ends 5 points lower if all are promoted."""
    kept, followed = (life(policy, -0.001, seed=1) for policy in (Policy.NOT_WORSE, Policy.ALWAYS))
    assert kept.worth[-1] > -0.02
    assert followed.worth[-1] < -0.03
    assert kept.beyond == 0
    assert kept.promoted < followed.promoted == 50
