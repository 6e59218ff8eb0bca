"""Ways to choose the configurations that are trained. Pure: space in, choice out. Called by `steps.choose`."""

import random
from collections.abc import Iterable, Sequence

from noria.contract import ChooseReport, ChosenConfiguration, Configuration, Strategy
from noria_trainers.experience.portfolio import Entry


def from_portfolio(
    portfolio: Sequence[Entry], space: Sequence[Configuration], *, trials: int, measured_on: int = 0
) -> ChooseReport:
    """The first of the portfolio that the space holds; where they run out, the rest of the space in its order.

    `measured_on`: the public datasets by whose results the portfolio is ordered.
    """
    held = {configuration.id for configuration in space}
    usable = [entry for entry in portfolio if entry.configuration.id in held]
    known = {entry.configuration.id for entry in usable}
    rest = (Entry(each, "next in the space: the portfolio is used up") for each in space if each.id not in known)
    chosen = [*usable, *rest][:trials]
    first = f"those first that did best on {measured_on} public datasets" if measured_on else "the most reliable first"
    basis = f"a fixed list of {len(portfolio)} diverse configurations, {first}"
    return _report(Strategy.PORTFOLIO, basis, ((entry.configuration, entry.why) for entry in chosen))


def at_random(space: Sequence[Configuration], *, trials: int, seed: int) -> ChooseReport:
    """Different configurations, each as likely as any other; the same for the same space and seed."""
    ordered = sorted(space, key=lambda configuration: configuration.id)
    drawn = random.Random(seed).sample(ordered, min(trials, len(ordered)))
    basis = f"drawn at random from {len(ordered)} configurations, seed {seed}"
    return _report(Strategy.RANDOM, basis, ((configuration, "drawn at random") for configuration in drawn))


def as_given(configurations: Iterable[Configuration]) -> ChooseReport:
    """Those that the TrainingJob lists, each once."""
    listed = list(configurations)
    distinct = {configuration.id: configuration for configuration in listed}
    basis = "the configurations that the TrainingJob lists"
    if len(distinct) < len(listed):
        basis += f"; {len(listed) - len(distinct)} repeated ones were left out"
    return _report(Strategy.EXPLICIT, basis, ((each, "listed in the TrainingJob") for each in distinct.values()))


def _report(strategy: Strategy, basis: str, chosen: Iterable[tuple[Configuration, str]]) -> ChooseReport:
    choices = tuple(ChosenConfiguration(configuration=configuration, why=why) for configuration, why in chosen)
    return ChooseReport(strategy=strategy, basis=basis, choices=choices)
