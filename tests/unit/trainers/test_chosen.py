"""Parameters that were too large for a message come from the choose step's stored report."""

from pathlib import Path

import pytest

from noria.contract import (
    ChooseOrder,
    ChooseReport,
    ChosenConfiguration,
    ConcludeOrder,
    Configuration,
    FailureReport,
    FinishedTrial,
    Metric,
    Report,
    StoredChoice,
    Task,
    TrainOrder,
    Winner,
)
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.steps.chosen import whole

CONFIGURATIONS = tuple(
    Configuration(family="tabular-linear", parameters={f"p{n}": f"{number}" * 64 for n in range(16)})
    for number in range(3)
)
REPORT = ChooseReport(
    strategy="Explicit",
    basis="listed",
    choices=tuple(ChosenConfiguration(configuration=each, why="") for each in CONFIGURATIONS),
)
RUN = {"task": Task.TABULAR_CLASSIFICATION, "metric": Metric.ACCURACY, "revision": "s3://b/r/"}


def stored(folder: Path, report: Report, number: int) -> StoredChoice:
    """Where a configuration of the report is stored."""
    path = folder / "choose.json"
    path.write_text(report.to_json())
    return StoredChoice(report=str(path), number=number)


def training(choice: StoredChoice | None) -> TrainOrder:
    """An order with a configuration that lacks its parameters."""
    bare = Configuration(family="tabular-linear")
    return TrainOrder(**RUN, configuration=bare, choice=choice, destination="s3://b/t/", report="s3://b/t/report.json")


def test_a_trial_is_trained_with_its_own_parameters(tmp_path: Path, store: Store) -> None:
    order = whole(training(stored(tmp_path, REPORT, 2)), store)
    assert isinstance(order, TrainOrder)
    assert order.configuration == CONFIGURATIONS[2]


def test_the_results_that_are_kept_have_their_parameters(tmp_path: Path, store: Store) -> None:
    trials = tuple(
        FinishedTrial(
            name=f"t{number}",
            configuration=Configuration(family="tabular-linear"),
            choice=stored(tmp_path, REPORT, number),
            report="s3://b/t/report.json",
        )
        for number in (0, 2)
    )
    places = {"experience": "s3://b/e/", "destination": "s3://b/best/", "report": "s3://b/best/report.json"}
    order = whole(ConcludeOrder(**RUN, **places, trials=trials), store)
    assert isinstance(order, ConcludeOrder)
    assert [trial.configuration for trial in order.trials] == [CONFIGURATIONS[0], CONFIGURATIONS[2]]


def test_an_order_that_has_all_parameters_is_left_as_it_is(store: Store) -> None:
    assert whole(training(None), store) == training(None)


@pytest.mark.parametrize(
    ("report", "number"),
    [
        pytest.param(REPORT, 3, id="no such configuration"),
        pytest.param(REPORT, -1, id="no place at all"),
        pytest.param(FailureReport(reason="R", message="m"), 0, id="another report"),
    ],
)
def test_a_report_that_does_not_fit_is_refused(tmp_path: Path, store: Store, report: Report, number: int) -> None:
    with pytest.raises(StepError, match="start a new run"):
        whole(training(stored(tmp_path, report, number)), store)


def test_winners_of_the_run_before_have_their_parameters_as_far_as_they_are_still_stored(
    tmp_path: Path, store: Store
) -> None:
    bare = Configuration(family="tabular-linear")
    gone = StoredChoice(report=str(tmp_path / "gone.json"), number=0)
    previous = (Winner(configuration=bare, choice=gone), Winner(configuration=bare, choice=stored(tmp_path, REPORT, 1)))
    order = whole(ChooseOrder(**RUN, previous=previous, experience="s3://b/e/", report="s3://b/c.json"), store)
    assert isinstance(order, ChooseOrder)
    assert [winner.configuration for winner in order.previous] == [CONFIGURATIONS[1]]
