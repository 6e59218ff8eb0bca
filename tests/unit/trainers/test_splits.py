"""Splits: stable, never dividing equal examples, with enough of every class wherever that is possible."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noria_trainers.data.examples import digest, digests
from noria_trainers.data.splits import HOLDOUT, TRAIN, VALIDATION, Cutoffs, Shares, by_hash, by_time, class_counts

SHARES = Shares(0.2)


def keys(count: int, seed: int = 0) -> np.ndarray:
    return digests([digest(f"{seed} {i}".encode()) for i in range(count)])[:, 0]


def test_shares_are_as_ordered() -> None:
    splits = by_hash(keys(20_000), np.zeros(20_000, np.int64), SHARES, 10)
    assert np.bincount(splits) / 20_000 == pytest.approx([0.64, 0.16, 0.2], abs=0.01)


def test_an_example_stays_in_its_split_when_others_come() -> None:
    every, labels = keys(5000), np.arange(5000) % 5
    first = by_hash(every[:3000], labels[:3000], SHARES, 10)
    second = by_hash(every, labels, SHARES, 10)
    assert (first == second[:3000]).all()


def test_labels_do_not_move_an_example() -> None:
    every = keys(2000)
    assert (by_hash(every, np.arange(2000) % 2, SHARES, 10) == by_hash(every, np.arange(2000) % 3, SHARES, 10)).all()


@given(st.integers(0, 10_000), st.lists(st.integers(10, 40), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_class_of_the_minimum_is_in_every_split(seed: int, sizes: list[int]) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    splits = by_hash(keys(len(labels), seed), labels, SHARES, 10)
    assert (class_counts(splits, labels, len(sizes)) >= SHARES.least(10)).all()


@given(st.integers(0, 10_000), st.integers(1, 8), st.integers(20, 200))
@settings(max_examples=60, deadline=None)
def test_equal_examples_are_never_divided(seed: int, distinct: int, count: int) -> None:
    random = np.random.default_rng(seed)
    every, labels = keys(distinct, seed)[random.integers(0, distinct, count)], random.integers(0, 3, count)
    splits = by_hash(every, labels, SHARES, 10)
    assert all(len(set(splits[every == key])) == 1 for key in set(every.tolist()))


@pytest.mark.parametrize(
    ("minimum", "holdout", "least"),
    [
        pytest.param(10, 0.2, (6, 2, 2), id="the defaults divide exactly ten"),
        pytest.param(2, 0.2, (1, 1, 1), id="one in each split at least"),
        pytest.param(10, 0.05, (8, 1, 1), id="a small hold-out"),
        pytest.param(100, 0.5, (25, 25, 50), id="a large hold-out"),
    ],
)
def test_what_every_split_needs(minimum: int, holdout: float, least: tuple[int, int, int]) -> None:
    assert Shares(holdout).least(minimum) == least


def test_the_latest_are_held_out_and_moments_stay_whole() -> None:
    times = np.repeat(np.arange(50.0), 4)
    splits = by_time(times, Cutoffs.of(times, SHARES))
    assert times[splits == TRAIN].max() < times[splits == VALIDATION].min()
    assert times[splits == VALIDATION].max() < times[splits == HOLDOUT].min()
    assert np.bincount(splits) / 200 == pytest.approx([0.64, 0.16, 0.2], abs=0.02)
