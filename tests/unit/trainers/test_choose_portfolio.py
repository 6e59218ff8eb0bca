"""The committed portfolios hold what the families offer, enough of it and nothing twice."""

import pytest

from noria.contract import Backbone, ChooseReport, ChosenConfiguration, Configuration, Task, termination_message
from noria_trainers import families
from noria_trainers.choice.committed import PORTFOLIOS
from noria_trainers.families.image_backbone.space import BACKBONES

WEIGHTS = tuple(Backbone(name=name, uri="s3://b/w", digest="sha256:" + "0" * 64) for name in BACKBONES)
MOST_TRIALS = 10


@pytest.fixture(params=list(Task))
def task(request: pytest.FixtureRequest) -> Task:
    return Task(request.param)


def test_every_entry_is_in_the_space_of_its_task(task: Task) -> None:
    held = {configuration.id for configuration in families.space(task, WEIGHTS)}
    assert [entry.configuration for entry in PORTFOLIOS[task] if entry.configuration.id not in held] == []


def test_there_are_enough_different_ones_also_without_pretrained_weights(task: Task) -> None:
    held = {configuration.id for configuration in families.space(task)}
    found = [entry.configuration.id for entry in PORTFOLIOS[task] if entry.configuration.id in held]
    assert len(set(found)) == len(found) >= MOST_TRIALS


def test_the_first_five_are_of_several_kinds(task: Task) -> None:
    assert len({entry.configuration.family for entry in PORTFOLIOS[task][:5]}) >= 2


def test_reasons_are_short_and_there(task: Task) -> None:
    assert all(5 < len(entry.why) <= 120 for entry in PORTFOLIOS[task])


def test_ten_configurations_with_the_longest_reasons_fit_a_report(task: Task) -> None:
    largest = sorted(families.space(task, WEIGHTS), key=lambda each: -len(each.to_json()))[:MOST_TRIALS]
    chosen = tuple(
        ChosenConfiguration(configuration=each, why="w" * 120, expected_score=0.123456789) for each in largest
    )
    whole = termination_message(ChooseReport(strategy="Portfolio", basis="b" * 200, choices=chosen))
    assert '"wwww' in whole


def test_a_space_has_at_least_24_configurations_each_once_and_sound(task: Task) -> None:
    space = families.space(task)
    assert len({each.id for each in space}) == len(space) >= 24
    for configuration in space:
        families.check(configuration, task)
        families.check(Configuration.model_validate_json(configuration.to_json()), task)
