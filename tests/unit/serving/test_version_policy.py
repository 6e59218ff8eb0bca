"""Which versions are served, and in which order they come and go."""

import pytest

from noria_serving.server.version_policy import (
    All,
    Latest,
    Load,
    Phase,
    Policy,
    Specific,
    Unload,
    aspired,
    next_step,
    versions_among,
)

NEW, LOADING, READY, FAILED, GONE = Phase.NEW, Phase.LOADING, Phase.READY, Phase.FAILED, Phase.GONE


def test_whole_numbers_are_versions() -> None:
    names = ["1", "00000123", "2-tmp", "v3", "", "99999999999999999999", "-4", "saved_model.pb", "٣"]
    assert versions_among(names) == {1: "1", 123: "00000123"}
    assert versions_among(["7", "007", "07"]) == {7: "7"}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Latest(), {9}),
        (Latest(2), {5, 9}),
        (Latest(10), {1, 5, 9}),
        (All(), {1, 5, 9}),
        (Specific((1, 4)), {1}),
        (Specific(()), set()),
    ],
)
def test_what_a_policy_asks_for(policy: Policy, expected: set[int]) -> None:
    assert aspired(policy, {9, 1, 5}) == expected


@pytest.mark.parametrize(
    ("phases", "wanted", "step"),
    [
        pytest.param({1: NEW}, {1}, Load(1), id="the first version is loaded"),
        pytest.param({1: NEW, 2: NEW}, {1, 2}, Load(2), id="the highest is loaded first"),
        pytest.param({1: READY, 2: NEW}, {2}, Load(2), id="the new one is loaded while the old one serves"),
        pytest.param({1: READY, 2: LOADING}, {2}, None, id="the old one serves until the new one is ready"),
        pytest.param({1: READY, 2: READY}, {2}, Unload(1), id="then the old one goes"),
        pytest.param({1: READY, 2: FAILED}, {2}, None, id="the old one stays where the new one cannot be loaded"),
        pytest.param({1: READY, 2: READY, 3: NEW}, {3}, Unload(1), id="of two old ones the lowest goes"),
        pytest.param({1: READY}, set(), Unload(1), id="nothing wanted: everything goes"),
        pytest.param({1: READY}, {1}, None, id="nothing to do"),
        pytest.param({1: GONE, 2: READY}, {2}, None, id="what is gone stays gone"),
    ],
)
def test_the_next_step(phases: dict[int, Phase], wanted: set[int], step: Load | Unload | None) -> None:
    assert next_step(phases, wanted) == step
