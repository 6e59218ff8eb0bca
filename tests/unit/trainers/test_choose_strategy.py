"""Portfolio, Random and Explicit: distinct configurations, each with its reason, and what the choice rests on."""

from pathlib import Path
from typing import Any

import pytest

from noria.contract import Backbone, ChooseOrder, ChooseReport, Configuration, Metric, Strategy, Task, Winner
from noria_store.store import Store
from noria_trainers.choice import CHOOSERS, Question
from noria_trainers.choice.committed import Entry
from noria_trainers.choice.portfolio import Portfolio
from noria_trainers.families.image_backbone.space import BACKBONES
from noria_trainers.steps import choose

SPACE = tuple(Configuration(family="f", parameters={"width": width}) for width in range(20))
ELSEWHERE = Configuration(family="pretrained", parameters={"backbone": "B"})
PORTFOLIO = (Entry(SPACE[7], "good on most"), Entry(ELSEWHERE, "good on photographs"), Entry(SPACE[3], "small"))
TASK = Task.IMAGE_CLASSIFICATION


def question(*space: Configuration, **changes: Any) -> Question:
    return Question(task=TASK, metric=Metric.ACCURACY, space=space, **changes)


def from_portfolio(*space: Configuration, trials: int) -> ChooseReport:
    return Portfolio({TASK: PORTFOLIO}).choose(question(*space, trials=trials))


def at_random(*space: Configuration, seed: int) -> ChooseReport:
    return CHOOSERS[Strategy.RANDOM].choose(question(*space, seed=seed))


def chosen(report: object) -> list[Configuration]:
    return [each.configuration for each in report.choices]  # type: ignore[attr-defined]


def test_the_portfolio_comes_in_its_order_without_what_the_space_lacks() -> None:
    report = from_portfolio(*SPACE, trials=2)
    assert chosen(report) == [SPACE[7], SPACE[3]]
    assert [each.why for each in report.choices] == ["good on most", "small"]


def test_a_portfolio_that_is_all_there_leaves_nothing_out() -> None:
    report = from_portfolio(*SPACE, ELSEWHERE, trials=3)
    assert chosen(report) == [entry.configuration for entry in PORTFOLIO]


@pytest.fixture
def order(make_revision: Any, source_of: Any, tmp_path: Path) -> ChooseOrder:
    task = Task.IMAGE_CLASSIFICATION
    revision = make_revision(source_of(task)[0], task)
    places = {"experience": f"{tmp_path}/experience/", "report": f"{tmp_path}/report"}
    return ChooseOrder(task=task, metric=Metric.ACCURACY, revision=revision, **places)


@pytest.mark.parametrize("strategy", [Strategy.PORTFOLIO, Strategy.RANDOM, Strategy.META_LEARNED])
def test_it_is_said_what_is_left_out_for_want_of_weights(
    order: ChooseOrder, strategy: Strategy, store: Store, tmp_path: Path
) -> None:
    def choose_with(*names: str) -> ChooseReport:
        weights = [Backbone(name=name, uri=f"s3://weights/{name}.h5", digest=f"sha256:{'0' * 64}") for name in names]
        changes = {"strategy": strategy, "trials": 10, "backbones": tuple(weights)}
        return choose.run(order.model_copy(update=changes), store, tmp_path)

    without, some, everything = choose_with(), choose_with(BACKBONES[0]), choose_with(*BACKBONES)
    assert not [each for each in chosen(without) if each.family == "image-backbone"]
    assert "35 configurations were left out: their pretrained weights are not set up" in without.basis
    assert {each.parameters.get("backbone") for each in chosen(some)} <= {None, BACKBONES[0]}
    assert "28 configurations were left out: their pretrained weights are not set up" in some.basis
    assert "pretrained" not in everything.basis


def test_a_short_portfolio_is_filled_up_from_the_space_without_repeats() -> None:
    found = chosen(from_portfolio(*SPACE, trials=10))
    assert found[:4] == [SPACE[7], SPACE[3], SPACE[0], SPACE[1]]
    assert len({each.id for each in found}) == 10


def test_random_is_the_same_for_a_seed_whatever_the_order_of_the_space() -> None:
    first = chosen(at_random(*SPACE, seed=4))
    assert first == chosen(at_random(*SPACE[::-1], seed=4))
    assert first != chosen(at_random(*SPACE, seed=5))
    assert len({each.id for each in first}) == 5


def test_random_draws_every_configuration_about_as_often() -> None:
    drawn = [each.id for seed in range(400) for each in chosen(at_random(*SPACE, seed=seed))]
    counts = [drawn.count(configuration.id) for configuration in SPACE]
    assert 60 <= min(counts) <= max(counts) <= 140


def test_a_small_space_gives_what_it_has() -> None:
    assert len(at_random(*SPACE[:3], seed=0).choices) == 3


def test_explicit_takes_each_once_in_the_order_given() -> None:
    report = CHOOSERS[Strategy.EXPLICIT].choose(question(listed=(SPACE[2], SPACE[1], SPACE[2])))
    assert chosen(report) == [SPACE[2], SPACE[1]]
    assert "duplicates left out: 1" in report.basis


def test_each_strategy_has_its_chooser() -> None:
    assert CHOOSERS.keys() == set(Strategy)


def with_winners(*previous: Configuration, trials: int = 5, strategy: Strategy = Strategy.RANDOM) -> ChooseReport:
    return CHOOSERS[strategy].choose(question(*SPACE, previous=previous, trials=trials, listed=SPACE[:2]))


def test_what_won_the_run_before_comes_first_and_the_last_choices_make_room() -> None:
    alone = with_winners()
    winners = [each for each in SPACE if each not in chosen(alone)][:2]
    report = with_winners(*winners)
    assert chosen(report) == [*winners, *chosen(alone)[:3]]
    assert [each.why for each in report.choices] == ["won the run before"] * 2 + ["drawn at random"] * 3
    assert report.basis == f"{alone.basis}; the first 2 configurations won the run before"


def test_a_winner_that_is_chosen_anyway_is_there_once_and_says_both() -> None:
    alone = with_winners()
    report = with_winners(chosen(alone)[3], chosen(alone)[3])
    assert chosen(report) == [chosen(alone)[3], *chosen(alone)[:3], chosen(alone)[4]]
    assert report.choices[0].why == "won the run before; drawn at random"
    assert report.basis.endswith("; the first configuration won the run before")


@pytest.mark.parametrize(("trials", "expected"), [(1, 1), (2, 1), (3, 1), (4, 2), (10, 2)])
def test_winners_are_at_most_half_of_the_choices(trials: int, expected: int) -> None:
    whys = [each.why for each in with_winners(ELSEWHERE, SPACE[0], trials=trials).choices]
    assert (len(whys), sum(why.startswith("won the run before") for why in whys)) == (trials, expected)


def test_winners_change_no_list() -> None:
    assert chosen(with_winners(ELSEWHERE, strategy=Strategy.EXPLICIT)) == [*SPACE[:2]]


@pytest.mark.parametrize("strategy", [Strategy.PORTFOLIO, Strategy.RANDOM, Strategy.META_LEARNED])
def test_the_step_gives_the_winners_a_place_that_can_still_be_trained(
    order: ChooseOrder, strategy: Strategy, store: Store, tmp_path: Path
) -> None:
    winner = Configuration(family="image-cnn", parameters={"width": 24, "dropout": 0.5})
    of_another_task = Configuration(family="tabular-linear")
    previous = tuple(Winner(configuration=each) for each in (of_another_task, winner))
    report = choose.run(order.model_copy(update={"strategy": strategy, "previous": previous}), store, tmp_path)
    first = report.choices[0]
    assert first.why.startswith("won the run before")
    assert first.configuration.parameters["width"] == 24
    assert sum("won the run before" in each.why for each in report.choices) == 1
