"""The choice that is learned from results, as a chooser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from noria.contract import ChooseReport, ChosenConfiguration, Configuration, Metric, replaced
from noria_trainers.choice.chooser import left_out
from noria_trainers.choice.learned.choose import Choice, LearnedOptions, Pick, choose
from noria_trainers.choice.learned.duration import expected_seconds
from noria_trainers.choice.learned.evidence import Evidence
from noria_trainers.choice.learned.landmarkers import without_score
from noria_trainers.choice.portfolio import Portfolio
from noria_trainers.choice.question import Question
from noria_trainers.experience.result import Result


@dataclass(frozen=True)
class Learned:
    """Takes the configurations that are best together on datasets like the revision, by all results known."""

    portfolio: Portfolio
    """Answers where too little is known."""
    options: LearnedOptions = field(default_factory=LearnedOptions)

    def choose(self, question: Question) -> ChooseReport:
        """With `trial_seconds` those that are expected to take longer are left out."""
        known = list(question.results())
        quick = _quick(question, known, question.trial_seconds) if question.trial_seconds else question.space
        options = replace(self.options, exploration=question.exploration)
        found = choose(
            question.meta_features,
            quick,
            Evidence.of(known, question.metric),
            k=question.trials,
            seed=question.seed,
            options=options,
            fixed=[entry.configuration for entry in self.portfolio.lists[question.task]],
        )
        if found.strategy == "FixedList":
            return self._too_little(found, question)
        slow = _too_slow(len(question.space) - len(quick), question.trial_seconds)
        basis = "; ".join([_basis(found, options), *slow, *left_out(question), *_unscored(question)])
        choices = tuple(_chosen(pick, question.metric) for pick in found.picks)
        return ChooseReport(strategy=found.strategy, basis=basis, choices=choices)

    def _too_little(self, found: Choice, question: Question) -> ChooseReport:
        """The portfolio, and why."""
        little = f"{found.basis}: too few to learn from (at least {self.options.portfolio_from} datasets are needed)"
        report = self.portfolio.choose(question)
        return replaced(report, basis="; ".join([little, report.basis, *_unscored(question)]))


def _quick(question: Question, results: Sequence[Result], trial_seconds: float) -> Sequence[Configuration]:
    """The configurations that are expected to end in time, or the quickest where these are too few."""
    expected: Mapping[str, float] = expected_seconds(question.meta_features, question.space, results)
    quickest = sorted(question.space, key=lambda each: expected.get(each.id, 0.0))
    fitting = sum(expected.get(each.id, 0.0) <= trial_seconds for each in question.space)
    return quickest[: max(question.trials, fitting)]


def _basis(found: Choice, options: LearnedOptions) -> str:
    if found.strategy != "GreedyPortfolio":
        return found.basis
    few = f"fewer than {options.learned_from} datasets are known"
    why = few if found.datasets < options.learned_from else "a choice for similar datasets is expected to do worse"
    return f"{found.basis}; the same choice for every dataset, since {why}"


def _too_slow(count: int, trial_seconds: float | None) -> tuple[str, ...]:
    if not count or trial_seconds is None:
        return ()
    return (f"{count} configurations were left out for maxDuration: each would take longer than {trial_seconds:.0f} s",)


def _unscored(question: Question) -> tuple[str, ...]:
    """So that the choices of two machines can be compared."""
    names = without_score(question.task, question.meta_features)
    return (f"the profile has no quick scores of {', '.join(names)}",) if names else ()


def _chosen(pick: Pick, metric: Metric) -> ChosenConfiguration:
    sign = 1 if metric.higher_is_better else -1
    return ChosenConfiguration(
        configuration=pick.configuration,
        why=pick.why,
        expected_score=None if pick.score is None else round(sign * pick.score, 4),
        spread=None if pick.spread is None else round(pick.spread, 4),
    )
