"""The choice that is learned from results, as a report. Pure; called by `steps.choose`."""

from collections.abc import Iterable, Mapping, Sequence

from noria.contract import ChooseReport, ChosenConfiguration, Configuration, Metric
from noria_trainers.experience.choice import from_portfolio
from noria_trainers.experience.duration import expected_seconds
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
    trial_seconds: float | None = None,
    measured_on: int = 0,
) -> ChooseReport:
    """The configurations of `space` that are best together on datasets like the profile's, or those of the portfolio
    where too little is known of any. With `trial_seconds` those that are expected to take longer are left out.
    """
    listed = [entry.configuration for entry in portfolio]
    known = list(results)
    quick = _quick(profile, space, known, trials, trial_seconds) if trial_seconds else space
    evidence = Evidence.of(known, metric)
    found = choose(profile, quick, evidence, k=trials, seed=seed, settings=settings, fixed=listed)
    if found.strategy == "FixedList":
        report = from_portfolio(portfolio, space, trials=trials, measured_on=measured_on)
        little = f"{found.basis}: too little to learn from, which takes {settings.portfolio_from} datasets"
        return report.model_copy(update={"basis": f"{little}; {report.basis}"})
    choices = tuple(_chosen(pick, metric) for pick in found.picks)
    basis = _basis(found, settings)
    if len(quick) < len(space):
        left_out = f"{len(space) - len(quick)} that would take longer than {trial_seconds:.0f} s each were left out"
        basis = f"{basis}; {left_out} for maxDuration"
    return ChooseReport(strategy=found.strategy, basis=basis, choices=choices)


def _quick(
    profile: Mapping[str, float],
    space: Sequence[Configuration],
    results: Sequence[Result],
    trials: int,
    trial_seconds: float,
) -> Sequence[Configuration]:
    """The configurations that are expected to end in time, or the quickest where these are too few."""
    expected = expected_seconds(profile, space, results)
    quickest = sorted(space, key=lambda each: expected.get(each.id, 0.0))
    fitting = sum(expected.get(each.id, 0.0) <= trial_seconds for each in space)
    return quickest[: max(trials, fitting)]


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
