"""MetaLearned: what the choose step reports of a learned choice, and that it says so where it learned nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from noria.contract import ChooseOrder, Configuration, Metric, Strategy, Task, termination_message
from noria_store.store import Store
from noria_trainers.choice import Question
from noria_trainers.choice.committed import PORTFOLIOS, Entry
from noria_trainers.choice.learned.choose import LearnedOptions
from noria_trainers.choice.learned.chooser import Learned
from noria_trainers.choice.portfolio import Portfolio
from noria_trainers.experience.keep import Experience
from noria_trainers.experience.result import Cost, Protocol, Result, scores
from noria_trainers.families import space
from noria_trainers.steps import choose

TASK = Task.TABULAR_CLASSIFICATION
SPACE = tuple(Configuration(family=f"f{number % 3}", parameters={"width": number}) for number in range(12))
PORTFOLIO = (Entry(SPACE[7], "good on most"), Entry(SPACE[3], "small"))


def results(
    datasets: int, among: tuple[Configuration, ...] = SPACE, metric: str = "Accuracy", task: Task = TASK
) -> list[Result]:
    """Small datasets like the first half of the space, large ones the second."""
    random = np.random.default_rng(0)
    protocol = Protocol(trainer="1", split="hash-1", budget="cpu", seed=0, objective=Metric.ACCURACY)
    return [
        Result(
            task=task,
            revision=f"{number:016x}",
            meta_features={"logExamples": 2.0 + number % 2},
            configuration=configuration,
            protocol=protocol,
            cost=Cost(seconds=10.0 + column, epochs=1, parameters=1),
            scores=scores(task, {metric: 0.6 + 0.2 * ((column < 6) == (number % 2 == 0)) + 0.05 * random.random()}),
        )
        for number in range(datasets)
        for column, configuration in enumerate(among)
    ]


def report(known: list[Result], *, options: LearnedOptions | None = None, **changes: Any) -> Any:
    given = {"meta_features": {"logExamples": 2.1}, "metric": Metric.ACCURACY}
    question = Question(task=TASK, space=SPACE, results=lambda: known, **{**given, **changes})
    return Learned(Portfolio({TASK: PORTFOLIO}), options or LearnedOptions()).choose(question)


def test_datasets_alike_decide_and_each_choice_says_what_is_expected_of_it() -> None:
    found = report(results(30))
    assert found.strategy == Strategy.META_LEARNED
    assert found.basis.startswith("360 results on 30 datasets; nearest: 0000")
    assert found.choices[0].configuration in SPACE[:6]
    assert 0.78 <= found.choices[0].expected_score <= 0.86
    assert 0 < found.choices[0].spread < 0.2
    assert all("known on" in each.why for each in found.choices)


def test_of_a_loss_less_is_expected() -> None:
    found = report(results(30, metric="LogLoss"), metric=Metric.LOG_LOSS)
    assert found.choices[0].configuration in SPACE[6:]
    assert 0.6 <= found.choices[0].expected_score <= 0.7


@pytest.mark.parametrize("measured", ["BalancedAccuracy", "MacroF1"])
def test_a_metric_that_nobody_measured_is_stood_in_for(measured: str) -> None:
    assert report(results(30, metric=measured)).strategy == Strategy.META_LEARNED
    assert report(results(30, metric=measured), metric=Metric.LOG_LOSS).strategy == Strategy.PORTFOLIO


@pytest.mark.parametrize("datasets", [0, 2])
def test_too_little_known_means_the_portfolio_and_says_so(datasets: int) -> None:
    found = report(results(datasets))
    assert found.strategy == Strategy.PORTFOLIO
    assert [each.configuration for each in found.choices[:2]] == [SPACE[7], SPACE[3]]
    assert found.choices[0].why == "good on most"
    told = f"{12 * datasets} results on {datasets} datasets: too few to learn from (at least 3 datasets are needed)"
    assert found.basis.startswith(told)
    assert "a fixed list of 2 diverse configurations" in found.basis


def test_a_few_datasets_mean_one_choice_for_all_and_it_says_why() -> None:
    found = report(results(4))
    assert found.strategy == "GreedyPortfolio"
    assert "the same choice for every dataset, since fewer than 6 datasets are known" in found.basis


def test_the_last_one_explores_where_that_is_set() -> None:
    found = report(results(30), exploration=1.0)
    assert "the last choice explores" in found.basis
    assert found.choices[4].why.startswith("exploration: known on")


def test_what_would_not_end_in_time_is_left_out() -> None:
    slow = report(results(30), meta_features={"logExamples": 3.1})
    quick = report(results(30), meta_features={"logExamples": 3.1}, trial_seconds=16.5)
    assert slow.choices[0].configuration in SPACE[6:]
    assert {each.configuration.id for each in quick.choices} <= {each.id for each in SPACE[:7]}
    assert "5 configurations were left out for maxDuration: each would take longer than 16 s" in quick.basis
    hurried = report(results(30), trial_seconds=0.1)
    assert {each.configuration.id for each in hurried.choices} == {each.id for each in SPACE[:5]}


@pytest.fixture
def order(make_revision: Any, source_of: Any, tmp_path: Path) -> ChooseOrder:
    """For a task of which too little is shipped to learn from."""
    task = Task.CLICK_THROUGH_RATE
    source, target = source_of(task)
    return ChooseOrder(
        task=task,
        metric=Metric.ROC_AUC,
        revision=make_revision(source, task, target=target),
        experience=f"{tmp_path}/experience/",
        report=f"{tmp_path}/report",
    )


def numbers(datasets: int) -> list[Result]:
    return results(datasets, among=space(Task.CLICK_THROUGH_RATE)[:12], metric="RocAuc", task=Task.CLICK_THROUGH_RATE)


def test_the_step_learns_from_what_earlier_runs_left(order: ChooseOrder, store: Store, tmp_path: Path) -> None:
    for result in numbers(8):
        Experience(store, order.experience).record(result)
    found = choose.run(order, store, tmp_path)
    assert found.strategy in (Strategy.META_LEARNED, "GreedyPortfolio")
    assert "96 results on 8 datasets" in found.basis
    assert len({each.configuration.id for each in found.choices}) == 5
    assert all(each.expected_score is not None for each in found.choices)
    assert len(termination_message(found)) < 4096
    assert choose.run(order, store, tmp_path) == found


def test_results_of_its_own_are_learned_from_beside_the_shared_ones_each_once(
    order: ChooseOrder, store: Store, tmp_path: Path
) -> None:
    own = f"{tmp_path}/own/"
    for number, result in enumerate(numbers(8)):
        for place in {0: (own,), 1: (order.experience,), 2: (own, order.experience)}[number % 3]:
            Experience(store, place).record(result)
    found = choose.run(order.model_copy(update={"own_experience": own}), store, tmp_path)
    assert "96 results on 8 datasets" in found.basis


def test_without_any_results_the_portfolio_is_taken_and_it_is_said_why(
    order: ChooseOrder, store: Store, tmp_path: Path
) -> None:
    found = choose.run(order, store, tmp_path)
    assert found.strategy == Strategy.PORTFOLIO
    assert found.basis.startswith("0 results on 0 datasets: too few to learn from")


def test_the_portfolio_can_be_asked_for(order: ChooseOrder, store: Store, tmp_path: Path) -> None:
    found = choose.run(order.model_copy(update={"strategy": Strategy.PORTFOLIO}), store, tmp_path)
    assert [each.configuration for each in found.choices] == [e.configuration for e in PORTFOLIOS[order.task][:5]]
    words = f"a fixed list of {len(PORTFOLIOS[order.task])} diverse configurations"
    assert found.basis == f"{words}, ordered by their results on 2 public datasets"
