"""Portfolio, Random and Explicit: distinct configurations, each with its reason, and what the choice rests on."""

from noria.contract import Configuration
from noria_trainers.experience import choice
from noria_trainers.experience.portfolio import Entry

SPACE = tuple(Configuration(family="f", parameters={"width": width}) for width in range(20))
ELSEWHERE = Configuration(family="pretrained", parameters={"backbone": "B"})
PORTFOLIO = (Entry(SPACE[7], "good on most"), Entry(ELSEWHERE, "good on photographs"), Entry(SPACE[3], "small"))


def chosen(report: object) -> list[Configuration]:
    return [each.configuration for each in report.choices]  # type: ignore[attr-defined]


def test_the_portfolio_comes_in_its_order_and_says_what_it_left_out() -> None:
    report = choice.from_portfolio(PORTFOLIO, SPACE, trials=2)
    assert chosen(report) == [SPACE[7], SPACE[3]]
    assert [each.why for each in report.choices] == ["good on most", "small"]
    assert "1 of them need pretrained weights" in report.basis


def test_a_portfolio_that_is_all_there_leaves_nothing_out() -> None:
    report = choice.from_portfolio(PORTFOLIO, (*SPACE, ELSEWHERE), trials=3)
    assert chosen(report) == [entry.configuration for entry in PORTFOLIO]
    assert "left out" not in report.basis


def test_a_short_portfolio_is_filled_up_from_the_space_without_repeats() -> None:
    found = chosen(choice.from_portfolio(PORTFOLIO, SPACE, trials=10))
    assert found[:4] == [SPACE[7], SPACE[3], SPACE[0], SPACE[1]]
    assert len({each.id for each in found}) == 10


def test_random_is_the_same_for_a_seed_whatever_the_order_of_the_space() -> None:
    first = chosen(choice.at_random(SPACE, trials=5, seed=4))
    assert first == chosen(choice.at_random(SPACE[::-1], trials=5, seed=4))
    assert first != chosen(choice.at_random(SPACE, trials=5, seed=5))
    assert len({each.id for each in first}) == 5


def test_random_draws_every_configuration_about_as_often() -> None:
    drawn = [each.id for seed in range(400) for each in chosen(choice.at_random(SPACE, trials=5, seed=seed))]
    counts = [drawn.count(configuration.id) for configuration in SPACE]
    assert 60 <= min(counts) <= max(counts) <= 140


def test_a_small_space_gives_what_it_has() -> None:
    assert len(choice.at_random(SPACE[:3], trials=5, seed=0).choices) == 3


def test_explicit_takes_each_once_in_the_order_given() -> None:
    report = choice.as_given([SPACE[2], SPACE[1], SPACE[2]])
    assert chosen(report) == [SPACE[2], SPACE[1]]
    assert "1 repeated" in report.basis
