"""The choice that is learned from results, as a report. Pure; called by `steps.choose`."""

from collections.abc import Iterable, Mapping, Sequence

from noria.contract import ChooseReport, ChosenConfiguration, Configuration, Metric
from noria_trainers.experience.choice import from_portfolio
from noria_trainers.experience.meta import Choice, Evidence, Pick, Settings, choose
from noria_trainers.experience.portfolio import Entry
from noria_trainers.experience.result import Result


def from_results(
    results: Iterable[Result],
    portfolio: Sequence[Entry],
    space: Sequence[Configuration],
    *,
    profile: Mapping[str, float],
    metric: Metric,
    trials: int,
    seed: int,
    settings: Settings,
) -> ChooseReport:
    """The configurations of `space` that are best together on datasets like the profile's, or those of the portfolio
    where too little is known of any.
    """
    listed = [entry.configuration for entry in portfolio]
    evidence = Evidence.of(results, metric)
    found = choose(profile, space, evidence, k=trials, seed=seed, settings=settings, fixed=listed)
    if found.strategy == "FixedList":
        report = from_portfolio(portfolio, space, trials=trials)
        known = f"{found.basis}: too little to learn from, which takes {settings.portfolio_from} datasets"
        return report.model_copy(update={"basis": f"{known}; {report.basis}"})
    choices = tuple(_chosen(pick, metric) for pick in found.picks)
    return ChooseReport(strategy=found.strategy, basis=_basis(found, settings), choices=choices)


def _basis(found: Choice, settings: Settings) -> str:
    if found.strategy != "GreedyPortfolio":
        return found.basis
    few = f"fewer than {settings.learned_from} datasets are known"
    why = few if found.datasets < settings.learned_from else "those for datasets like this one are expected to be worse"
    return f"{found.basis}; the same for any dataset, since {why}"


def _chosen(pick: Pick, metric: Metric) -> ChosenConfiguration:
    sign = 1 if metric.higher_is_better else -1
    return ChosenConfiguration(
        configuration=pick.configuration,
        why=pick.why,
        expected_score=None if pick.score is None else round(sign * pick.score, 4),
        spread=None if pick.spread is None else round(pick.spread, 4),
    )
