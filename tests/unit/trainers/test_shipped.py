"""The shipped experience: a table gets a learned choice on a fresh installation."""

import json
from collections import Counter
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from noria.contract import TASKS, ChooseOrder, Configuration, Metric, Task
from noria_store.store import Store
from noria_trainers import families
from noria_trainers.choice.committed import MEASURED_ON, PORTFOLIOS
from noria_trainers.choice.learned.choose import LearnedOptions
from noria_trainers.choice.learned.choose import choose as choose_five
from noria_trainers.choice.learned.completion import complete
from noria_trainers.choice.learned.evidence import Evidence, landmarker
from noria_trainers.choice.learned.landmarkers import LANDMARKERS
from noria_trainers.data.revision import Revision
from noria_trainers.experience import shipped
from noria_trainers.experience.pack import from_parquet
from noria_trainers.experience.result import Result
from noria_trainers.steps import choose

TASK = Task.TABULAR_CLASSIFICATION
NETWORKS = {"tabular-linear", "tabular-mlp", "tabular-residual"}


@pytest.fixture(scope="module")
def results() -> list[Result]:
    """Of tables with classes."""
    return list(shipped.results(TASK).values())


@pytest.fixture(scope="module")
def public(results: list[Result]) -> list[Result]:
    """Those of the public table."""
    return [each for each in results if each.protocol.trainer == "oboe"]


@pytest.fixture(scope="module")
def measured(results: list[Result]) -> list[Result]:
    """Those that our own trainers measured."""
    return [each for each in results if each.protocol.trainer != "oboe"]


@pytest.fixture(scope="module")
def note() -> dict[str, Any]:
    """What is said of the measured ones."""
    return dict(json.loads((files(shipped) / "measured" / "made.json").read_text()))


@pytest.mark.parametrize("task", list(Task))
def test_every_shipped_configuration_can_be_trained_here(task: Task) -> None:
    found = shipped.results(task).values()
    configurations = {id(each.configuration): each.configuration for each in found}.values()
    space = {each.id for each in families.space(task)}
    assert [each for each in configurations if each.id not in space] == []


def test_the_public_table_names_its_source_and_is_sound(public: list[Result]) -> None:
    assert len(public) == 79420
    assert len({each.revision for each in public}) == 418
    assert len({each.configuration.id for each in public}) == 190
    assert all(each.revision.startswith("oboe-") for each in public)
    assert all(0 <= each.scores[0].value <= 1 and each.cost and each.cost.seconds > 0 for each in public)
    assert {each.scores[0].metric for each in public} == {Metric.BALANCED_ACCURACY}
    assert "Redistribution and use" in (files(shipped) / "LICENSE-oboe.txt").read_text()
    assert Result.model_validate_json(public[0].to_json()) == public[0]


def test_it_has_the_meta_features_that_a_profile_has(public: list[Result], table_revision: str, store: Store) -> None:
    known = Revision.open(store, table_revision).manifest.meta_features
    names = set(public[0].meta_features)
    assert names - known.keys() == {landmarker(each) for each in LANDMARKERS[TASK]}
    assert all(set(each.meta_features) == names for each in public)


def test_measured_rows_have_all_of_them_and_tell_of_what_the_public_table_lacks(
    public: list[Result], measured: list[Result]
) -> None:
    rows = [
        [each for each in measured if each.revision == revision] for revision in {each.revision for each in measured}
    ]
    assert len(rows) >= 30
    names = set(public[0].meta_features)
    known = {each.configuration.id for each in public}
    for row in rows:
        assert all(names <= each.meta_features.keys() for each in row)
        assert {each.protocol for each in row} == {row[0].protocol}
        assert sum(each.configuration.id in known for each in row) >= 10
        assert {each.configuration.family for each in row} == {"tabular-sklearn", *NETWORKS}


def test_it_is_said_how_it_was_measured(note: dict[str, Any]) -> None:
    assert note["command"] == "make experience"
    assert {"noria", "tensorflow-cpu", "scikit-learn"} <= note["versions"].keys()
    told = {task: [each for each in note["datasets"] if each["task"] == task] for task in Task}
    for task in Task:
        packed = Counter(each.revision for each in shipped.results(task).values() if each.protocol.trainer != "oboe")
        parents = len({each["parent"] for each in told[task]})
        assert bool(packed) is (parents >= LearnedOptions().learned_from)
        if packed:
            assert packed == {each["revision"]: each["results"] for each in told[task]}


def test_it_holds_no_name(note: dict[str, Any]) -> None:
    for task in Task:
        names = {each["source"].rpartition(":")[2] for each in note["datasets"] if each["task"] == task}
        text = " ".join({each.to_json() for each in shipped.results(task).values()})
        assert [name for name in names if len(name) > 4 and name in text] == []


def test_measured_rows_bring_networks_and_histogram_boosting_into_a_choice(
    public: list[Result], measured: list[Result]
) -> None:
    """Not one of them was ever trained beside the whole public table: the anchors tell how they compare."""
    space, known = families.space(TASK), {each.configuration.id for each in public}
    first = {each.revision: each for each in measured}
    chosen: list[Configuration] = []
    for row in list(first.values())[::6]:
        rest = (each for each in (*public, *measured) if each.revision != row.revision)
        found = choose_five(row.meta_features, space, Evidence.of(rest, Metric.BALANCED_ACCURACY))
        chosen += [pick.configuration for pick in found.picks]
    assert {each.family for each in chosen} & NETWORKS
    assert "hist-gradient-boosting" in {each.parameters.get("estimator") for each in chosen}
    assert {each.id for each in chosen} & known


@pytest.mark.parametrize("task", [task for task in Task if not shipped.results(task)])
def test_a_task_with_too_few_parents_has_a_portfolio_in_the_order_of_what_was_measured(task: Task) -> None:
    place = files(shipped) / "measured" / "few" / f"{task}.parquet"
    results = list(from_parquet(place.read_bytes()).values()) if place.is_file() else []
    assert len({each.revision for each in results}) == MEASURED_ON.get(task, 0)
    if results:
        trained = {each.configuration.id for each in results}
        listed = [entry.configuration for entry in PORTFOLIOS[task] if entry.configuration.id in trained]
        scores = complete(Evidence.of(results, TASKS[task].metrics.default).grid(listed).scores).standard.mean(axis=0)
        assert sorted(scores, reverse=True) == list(scores)


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
    datasets = {(each.revision, each.protocol) for each in shipped.results(TASK).values()}
    assert f" results on {len(datasets)} datasets; nearest: " in found.basis
    chosen: list[Configuration] = [each.configuration for each in found.choices]
    assert len({each.parameters.get("estimator", each.family) for each in chosen}) >= 2
    assert all(each.expected_score and 0.5 < each.expected_score <= 1 for each in found.choices)


def test_what_nobody_has_measured_takes_few_places_of_the_five(public: list[Result]) -> None:
    known, first = {each.configuration.id for each in public}, {each.revision: each for each in public}
    evidence, space = Evidence.of(public, Metric.BALANCED_ACCURACY), families.space(TASK)
    untried = [
        sum(pick.configuration.id not in known for pick in choose_five(row.meta_features, space, evidence).picks)
        for row in list(first.values())[::60]
    ]
    assert sum(untried) <= len(untried)
