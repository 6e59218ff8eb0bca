"""How long a trial is expected to take: longer on large datasets and for slow configurations, as it was on others."""

from typing import Any

import numpy as np

from noria.contract import Configuration, FailureKind, Metric, Task
from noria_trainers.choice.learned.duration import expected_seconds
from noria_trainers.experience.result import Cost, Protocol, Result, scores

SPACE = tuple(Configuration(family="f", parameters={"width": width}) for width in range(1, 9))
PROTOCOL = Protocol(trainer="1", split="hash-1", budget="cpu", seed=0, objective=Metric.ACCURACY)


def took(seconds: float, size: float, configuration: Configuration, revision: int) -> Result:
    return Result(
        task=Task.TABULAR_CLASSIFICATION,
        revision=f"{revision:016x}",
        meta_features={"logExamples": size},
        configuration=configuration,
        protocol=PROTOCOL,
        scores=scores(Task.TABULAR_CLASSIFICATION, {"Accuracy": 0.5}),
        cost=Cost(seconds=seconds, epochs=1, parameters=1),
    )


def ragged(datasets: int = 60, each: int = 4) -> list[Result]:
    """Seconds grow with the examples and with the square of the width; every dataset knows a few configurations."""
    random = np.random.default_rng(0)
    found = []
    for number in range(datasets):
        size = random.uniform(2, 5)
        for column in random.choice(len(SPACE), each, replace=False):
            seconds = 0.01 * 10**size * (column + 1) ** 2 / 10 * random.lognormal(0, 0.1)
            found.append(took(seconds, size, SPACE[column], number))
    return found


def test_large_datasets_and_slow_configurations_take_longer() -> None:
    known = ragged()
    small, large = (expected_seconds({"logExamples": size}, SPACE, known) for size in (2.3, 4.7))
    for size, expected in ((2.3, small), (4.7, large)):
        for width, configuration in enumerate(SPACE, 1):
            truth = 0.01 * 10**size * width**2 / 10
            assert truth / 3 < expected[configuration.id] < truth * 3


def test_nothing_known_is_no_expectation() -> None:
    failed: dict[str, Any] = {"scores": (), "cost": None, "failure": FailureKind.CRASHED}
    crashed = [Result(**{**dict(each), **failed}) for each in ragged(5)]
    assert expected_seconds({"logExamples": 3.0}, SPACE, []) == {}
    assert expected_seconds({"logExamples": 3.0}, SPACE, crashed) == {}


def test_one_that_nobody_trained_is_average() -> None:
    known = [each for each in ragged() if each.configuration != SPACE[0]]
    expected = expected_seconds({"logExamples": 3.0}, SPACE, known)
    others = [expected[each.id] for each in SPACE[1:]]
    assert min(others) < expected[SPACE[0].id] < max(others)
