"""Gains and their bounds: true to their error, never surer than the examples allow, the same for the same answers."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from noria.contract import TASKS, Metric, Policy, Task, Verdict, replaced
from noria_trainers.proof.gain import Gain, Paired, expanded, gains
from noria_trainers.proof.judge import Case, judge
from noria_trainers.proof.part import of_classes
from noria_trainers.proof.projection import classes_of, projected
from noria_trainers.proof.words import labels_needed, message
from noria_trainers.target.resample import unseen

TEXT = Task.TEXT_CLASSIFICATION


def hits(won: int, lost: int, same: int, groups: np.ndarray | None = None) -> Paired:
    """Answers of two models to examples of two classes: won by the candidate, lost by it, answered rightly by both."""
    size = won + lost + same
    labels = np.arange(size) % 2
    right = np.eye(2)[labels]
    candidate, other = right.copy(), right.copy()
    other[:won] = 1 - right[:won]
    candidate[won : won + lost] = 1 - right[won : won + lost]
    return Paired(labels, candidate, other, groups)


def accuracy(paired: Paired, tail: float = 0.02) -> Gain:
    return gains(TEXT, paired, np.full(2, 0.5), classes=2, tail=tail, seed=1)[Metric.ACCURACY]


@pytest.mark.parametrize("examples", [60, 200, 1200])
def test_models_that_agree_on_everything_seen_may_still_differ(examples: int) -> None:
    """The exact bound is Clopper and Pearson's for a share of which nothing was seen."""
    found = accuracy(hits(0, 0, examples))
    exact = beta.ppf(0.98, 1, examples)
    assert found.value == 0
    assert found.high == -found.low == pytest.approx(unseen(0.02, examples))
    assert exact <= found.high <= 1.15 * exact


def test_origins_with_few_examples_have_no_gain_of_their_own() -> None:
    paired = hits(30, 0, 50)
    named = Paired(
        paired.labels, paired.candidate, paired.other, None, np.repeat(["Added", "Captured", "Known"], [30, 19, 31])
    )
    found = judge(case(Policy.NOT_WORSE), named).origins
    assert [(each.origin, each.examples, each.gain.value) for each in found] == [("Added", 30, 1.0), ("Known", 31, 0.0)]
    assert judge(case(Policy.NOT_WORSE), paired).origins == ()


@pytest.mark.parametrize(
    ("metric", "sign"),
    [(metric, 1 if metric.higher_is_better else -1) for metric in TASKS[Task.TABULAR_REGRESSION].metrics.all],
)
def test_higher_is_better_whatever_the_metric(metric: Metric, sign: int) -> None:
    rng = np.random.default_rng(0)
    labels = rng.normal(size=300)
    better, worse = (labels + scale * rng.normal(size=300) for scale in (0.1, 0.5))
    paired = Paired(labels, better[:, None], worse[:, None])
    found = gains(Task.TABULAR_REGRESSION, paired, np.zeros(1), classes=0, tail=0.02, seed=1)[metric]
    assert 0 < found.low < found.value < found.high
    assert found.value == pytest.approx(sign * (found.candidate - found.other))
    assert found.lead == pytest.approx(sign * (found.other - found.baseline))


def test_bounds_of_many_examples_are_those_of_the_normal_distribution() -> None:
    found = accuracy(hits(60, 40, 900))
    error = np.sqrt((0.1 - 0.02**2) / 1000)
    assert found.variance == pytest.approx(0.0996, rel=0.06)
    assert (found.low, found.high) == pytest.approx((0.02 - 2.054 * error, 0.02 + 2.054 * error), abs=0.002)


def test_groups_that_are_right_or_wrong_as_a_whole_count_as_one_example_each() -> None:
    groups = np.arange(1000) // 20
    grouped, single = accuracy(hits(60, 40, 900, groups)), accuracy(hits(60, 40, 900))
    assert grouped.value == single.value
    assert grouped.low < 3 * single.low
    assert expanded(0.02, 8) < 0.5 * 0.02 < expanded(0.02, 1000) < 0.02


def test_a_bound_is_wrong_as_often_as_was_asked() -> None:
    """Of 200 hold-outs of 150 examples, of which 8 % are won and 8 % lost, few bounds may miss: 4 % are too many."""
    rng = np.random.default_rng(2)
    missed = np.zeros(2)
    for _ in range(200):
        won, lost, same = rng.multinomial(150, [0.08, 0.08, 0.84])
        found = accuracy(hits(won, lost, same))
        missed += [found.low > 0, found.high < 0]
    assert (missed / 200 <= 0.04).all()


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 200))
@example(2, 1, 3)
@settings(max_examples=25, deadline=None)
def test_bounds_enclose_the_gain_and_change_sides_with_the_models(won: int, lost: int, same: int) -> None:
    found, turned = accuracy(hits(won, lost, same)), accuracy(hits(lost, won, same))
    assert found.low < found.value < found.high
    assert turned.value == pytest.approx(-found.value)
    step = 1 / (won + lost + same)  # quantiles of resamples lie on a grid, and drawn ones may be a step apart
    assert turned.low == pytest.approx(-found.high, abs=0.04 + step)
    assert found == accuracy(hits(won, lost, same))


@pytest.mark.parametrize(
    ("lost", "of", "worse"),
    [
        pytest.param(0, 40, False, id="none"),
        pytest.param(3, 40, False, id="by chance"),
        pytest.param(14, 40, True, id="a third"),
        pytest.param(3, 3, False, id="all of very few"),
        pytest.param(12, 12, True, id="all of few"),
    ],
)
def test_a_class_is_worse_where_its_recall_fell_by_more_than_chance(lost: int, of: int, worse: bool) -> None:
    labels = np.repeat([0, 1, 2], [100, 100, of])
    other = np.eye(3)[labels]
    candidate = other.copy()
    candidate[200 : 200 + lost] = [1, 0, 0]
    *others, last = of_classes(Paired(labels, candidate, other), ("a", "b", "c"), tail=0.02)
    assert last.is_worse is worse
    assert last.low <= last.candidate - last.other <= last.high
    assert not any(each.is_worse for each in others)


def test_one_bad_group_is_no_bad_class() -> None:
    """14 misses of 40, but all of one person's: of 4 people one may be an exception."""
    labels = np.repeat([0, 1], [100, 40])
    other = np.eye(2)[labels]
    candidate = other.copy()
    candidate[100:110] = [1, 0]
    single = of_classes(Paired(labels, candidate, other), ("a", "b"), tail=0.02)
    grouped = of_classes(Paired(labels, candidate, other, np.arange(140) // 10), ("a", "b"), tail=0.02)
    assert [each.is_worse for each in single] == [False, True]
    assert not any(each.is_worse for each in grouped)


KNOWN, GIVEN = ("cat", "dog"), ("ant", "cat", "dog")


def test_classes_are_matched_by_name() -> None:
    assert classes_of(np.array([0, 1, 2, 2]), GIVEN, KNOWN).tolist() == [-1, 0, 1, 1]
    assert classes_of(np.array([0.5, 2.5]), (), ()).tolist() == [0.5, 2.5]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        pytest.param([0.2, 0.5, 0.3], [0.5, 0.3], id="right"),
        pytest.param([0.2, 0.3, 0.5], [0.3, 0.5], id="wrong"),
        pytest.param([0.6, 0.3, 0.1], [0.3, 0.6], id="the new class is wrong for a cat"),
    ],
)
def test_an_answer_that_only_the_candidate_knows_is_wrong(scores: Sequence[float], expected: Sequence[float]) -> None:
    assert projected(np.array([scores]), np.array([0]), GIVEN, KNOWN)[0].tolist() == expected


def test_a_class_that_is_gone_is_never_answered() -> None:
    assert projected(np.array([[0.4, 0.6]]), np.array([0]), ("bee", "dog"), KNOWN)[0].tolist() == [0, 0.6]


def case(policy: Policy) -> Case:
    return Case(
        policy=policy, confidence_percent=95, margin_percent=10, seed=1, task=TEXT, metric=Metric.ACCURACY,
        candidate=7, served=6, classes=("a", "b"), baseline=(0.5, 0.5),
    )  # fmt: skip


def test_labels_that_would_decide_are_told() -> None:
    """(2.49 / gain)² · d for Better; the margin counts with the gain where NotWorse is asked."""
    paired = hits(12, 8, 180)
    better, not_worse = (judge(case(policy), paired) for policy in (Policy.BETTER, Policy.NOT_WORSE))
    assert labels_needed(case(Policy.BETTER), better) == pytest.approx((2.49 / 0.02) ** 2 * 0.0996, rel=0.1)
    allowed = 0.1 * (0.94 - 0.5)
    assert labels_needed(case(Policy.NOT_WORSE), not_worse) == pytest.approx(
        (2.49 / (0.02 + allowed)) ** 2 * 0.0996, rel=0.1
    )
    assert labels_needed(case(Policy.BETTER), judge(case(Policy.BETTER), hits(5, 5, 100))) is None


@pytest.mark.parametrize(
    ("examples", "groups", "reason"),
    [
        pytest.param(1, None, "NotShown", id="one example"),
        pytest.param(5, None, "NotShown", id="five"),
        pytest.param(6, None, "Better", id="six, which chance wins once in 64 times"),
        pytest.param(100, 1, "NotShown", id="one group"),
        pytest.param(100, 5, "NotShown", id="five groups"),
        pytest.param(100, 6, "Better", id="six groups"),
    ],
)
@pytest.mark.parametrize("metric", TASKS[TEXT].metrics.all)
@pytest.mark.parametrize("policy", [Policy.BETTER, Policy.NOT_WORSE])
def test_so_few_that_chance_wins_them_all_decide_nothing(
    examples: int, groups: int | None, reason: str, metric: Metric, policy: Policy
) -> None:
    given = replaced(case(policy), metric=metric)
    of_groups = None if groups is None else np.arange(examples) % groups
    won, lost = (_softened(each) for each in (hits(examples, 0, 0, of_groups), hits(0, examples, 0, of_groups)))
    better, worse = (judge(given, each, resamples=500) for each in (won, lost))
    assert better.finding.reason == reason
    assert worse.finding.result is (Verdict.REJECTED if reason == "Better" else Verdict.INCONCLUSIVE)
    if reason == "NotShown":
        told = "is not shown: so few examples or groups show nothing, and 6 are the least"
        assert message(given, better, examples).endswith(told)


def _softened(paired: Paired) -> Paired:
    """The same answers without the certainty that makes losses huge."""
    return replace(paired, candidate=0.1 + 0.8 * paired.candidate, other=0.1 + 0.8 * paired.other)


def test_a_message_names_what_the_verdict_rests_on() -> None:
    given = replaced(case(Policy.NOT_WORSE), anchor=3)
    equal = hits(5, 5, 190)
    told = message(given, judge(given, equal, hits(1, 40, 159)), 200)
    assert "gain 0.0000, between -0.0" in told
    assert (
        "on 200 examples; error budget 5 %: 2 % for the hold-out, 3 % for labels; it is worse than version 3 " in told
    )
    told = message(given, judge(given, equal, hits(8, 8, 60)), 200)
    assert "that it is not worse than version 3 is not shown: gain over it at least -0.1" in told
    told = message(given, judge(given, hits(40, 1, 159)), 200)
    assert told.endswith("; it is better")
    strict = replaced(case(Policy.NOT_WORSE), margin_percent=0)
    told = message(strict, judge(strict, equal), 200)
    assert "that it is not worse by more than nothing is not shown" in told
    assert "baseline" not in told
