"""The shipped experience: a table gets a learned choice on a fresh installation."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from noria.contract import ChooseOrder, Configuration, Metric, Task
from noria_trainers import families
from noria_trainers.data.revision import Revision
from noria_trainers.experience import shipped
from noria_trainers.experience.landmarkers import LANDMARKERS
from noria_trainers.experience.meta import landmarker
from noria_trainers.experience.result import Result
from noria_trainers.steps import choose
from noria_trainers.store import Store

TASK = Task.TABULAR_CLASSIFICATION


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return list(shipped.results(TASK).values())


def test_every_shipped_configuration_can_be_trained_here(results: list[Result]) -> None:
    configurations = {id(each.configuration): each.configuration for each in results}.values()
    space = {each.id for each in families.space(TASK)}
    assert len(configurations) == 190
    assert [each for each in configurations if each.id not in space] == []


def test_it_names_its_source_and_is_sound(results: list[Result]) -> None:
    assert len({each.revision for each in results}) == 418
    assert all(each.revision.startswith("oboe-") for each in results)
    assert all(0 <= each.scores[0].value <= 1 and each.cost and each.cost.seconds > 0 for each in results)
    assert {each.scores[0].metric for each in results} == {Metric.BALANCED_ACCURACY}
    assert "Redistribution and use" in (files(shipped) / "LICENSE-oboe.txt").read_text()
    assert Result.model_validate_json(results[0].to_json()) == results[0]


def test_it_has_the_meta_features_that_a_profile_has(results: list[Result], table_revision: str, store: Store) -> None:
    known = Revision.open(store, table_revision).manifest.meta_features
    names = set(results[0].meta_features)
    assert names - known.keys() == {landmarker(each) for each in LANDMARKERS[TASK]}
    assert all(set(each.meta_features) == names for each in results)


@pytest.mark.parametrize("task", [task for task in Task if task is not TASK])
def test_of_other_tasks_nothing_is_shipped(task: Task) -> None:
    assert shipped.results(task) == {}


@pytest.mark.parametrize("task", list(LANDMARKERS))
def test_landmarkers_are_sound_and_complete(task: Task) -> None:
    for each in LANDMARKERS[task]:
        families.check(each, task)
        assert families.FAMILIES[each.family].configuration(each.parameters) == each


def test_the_first_table_gets_a_learned_choice(
    make_revision: Callable[..., str], table_file: Path, store: Store, tmp_path: Path
) -> None:
    revision = make_revision(table_file, TASK, target="label")
    order = ChooseOrder(
        task=TASK, metric=Metric.ACCURACY, revision=revision, experience=f"{tmp_path}/experience/", report=""
    )
    found = choose.run(order, store, tmp_path)
    assert found.strategy in ("MetaLearned", "GreedyPortfolio")
    assert found.basis.startswith("79420 results on 418 datasets")
    chosen: list[Configuration] = [each.configuration for each in found.choices]
    assert len({each.parameters["estimator"] for each in chosen}) >= 2
    assert all(each.expected_score and 0.5 < each.expected_score <= 1 for each in found.choices)
