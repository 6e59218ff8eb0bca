"""The experience: one immutable object per result, with nothing in it that could tell whose data it was."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from noria.contract import Configuration, FailureKind, Metric, Task
from noria_store.store import Store
from noria_trainers.experience.keep import Experience
from noria_trainers.experience.result import Cost, Protocol, Result, scores

PROTOCOL = Protocol(trainer="0.1.0", split="hash-1", budget="cpu", seed=0, objective=Metric.ACCURACY)
METRICS = {"Accuracy": 0.9, "BalancedAccuracy": 0.8, "MacroF1": 0.7, "LogLoss": 0.3, "HoldoutAccuracy": 0.99}


def result(**changes: object) -> Result:
    fields = {
        "task": Task.TABULAR_CLASSIFICATION,
        "revision": "a" * 16,
        "meta_features": {"examples_log10": 3.0},
        "configuration": Configuration(family="tabular-mlp", parameters={"width": 64}),
        "protocol": PROTOCOL,
        "scores": scores(Task.TABULAR_CLASSIFICATION, METRICS),
        "cost": Cost(seconds=3, epochs=4, parameters=500),
    }
    return Result.model_validate(fields | changes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "experience"


@pytest.fixture
def experience(folder: Path) -> Experience:
    return Experience(Store.from_environment(environment={}), f"{folder}/")


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_results_that_name_no_rule_keep_their_protocol_and_its_id() -> None:
    stored = '{"trainer":"0.1.0","split":"hash-1","budget":"cpu","seed":0,"objective":"Accuracy"}'
    old = Protocol.model_validate_json(stored)
    assert (old.id, old.rule, old.to_json()) == ("edb9235166fa", "passes-1", stored)
    assert old == PROTOCOL
    assert PROTOCOL.model_copy(update={"rule": "passes-1"}).to_json() == stored


def test_results_under_another_rule_are_of_another_protocol() -> None:
    changed = PROTOCOL.model_copy(update={"rule": "passes-2"})
    assert changed.id != PROTOCOL.id
    assert Protocol.model_validate_json(changed.to_json()) == changed


def test_a_result_comes_back_as_it_was(experience: Experience) -> None:
    assert experience.record(result())
    assert experience.results(Task.TABULAR_CLASSIFICATION) == [result()]
    assert experience.results(Task.TABULAR_REGRESSION) == []


def test_writing_twice_adds_nothing_and_changes_nothing(experience: Experience, folder: Path) -> None:
    experience.record(result())
    before = files(folder)
    assert not experience.record(result(cost=Cost(seconds=99, epochs=4, parameters=500)))
    assert files(folder) == before


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"revision": "b" * 16}, id="another revision"),
        pytest.param(
            {"configuration": Configuration(family="tabular-mlp", parameters={"width": 65})}, id="configuration"
        ),
        pytest.param({"protocol": PROTOCOL.model_copy(update={"seed": 1})}, id="another seed"),
        pytest.param({"protocol": PROTOCOL.model_copy(update={"objective": Metric.MACRO_F1})}, id="another aim"),
        pytest.param({"protocol": PROTOCOL.model_copy(update={"trainer": "0.2.0"})}, id="another trainer"),
    ],
)
def test_what_differs_in_revision_configuration_or_protocol_is_another_result(
    experience: Experience, folder: Path, other: dict[str, object]
) -> None:
    assert experience.record(result())
    assert experience.record(result(**other))
    assert len(files(folder)) == 2


def test_the_same_configuration_in_another_order_is_the_same_result() -> None:
    first, second = ({"a": 1, "b": 2.0}, {"b": 2, "a": 1})
    keys = {result(configuration=Configuration(family="f", parameters=values)).key for values in (first, second)}
    assert len(keys) == 1


def test_every_metric_of_the_task_is_kept_with_its_direction_and_no_other_number() -> None:
    kept = {score.metric: (score.value, score.higher_is_better) for score in result().scores}
    assert kept == {
        Metric.ACCURACY: (0.9, True),
        Metric.BALANCED_ACCURACY: (0.8, True),
        Metric.MACRO_F1: (0.7, True),
        Metric.LOG_LOSS: (0.3, False),
    }


def test_a_result_holds_its_fields_and_nothing_else() -> None:
    assert set(json.loads(result().to_json())) == {
        "task", "revision", "metaFeatures", "configuration", "protocol", "scores", "cost",
    }  # fmt: skip


def test_a_failed_trial_is_a_result_with_its_kind() -> None:
    failed = result(scores=(), cost=None, failure=FailureKind.OUT_OF_MEMORY)
    assert json.loads(failed.to_json())["failure"] == "OutOfMemory"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"failure": "Infrastructure", "scores": ()}, id="a lost node says nothing about a configuration"),
        pytest.param({"failure": FailureKind.CRASHED}, id="both scores and a failure"),
        pytest.param({"scores": ()}, id="neither"),
        pytest.param({"revision": "s3://bucket/datasets/team/people/1"}, id="a path for a revision"),
    ],
)
def test_what_is_no_result_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        result(**wrong)


def test_a_score_that_is_no_number_is_left_out() -> None:
    found = scores(Task.TABULAR_REGRESSION, {"R2": float("nan"), "RMSE": float("inf"), "MAE": 1.0})
    assert [score.metric for score in found] == [Metric.MAE]
