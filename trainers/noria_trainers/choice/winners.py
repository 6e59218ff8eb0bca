"""A way to choose that gives what won the last run a place among the configurations."""

from collections.abc import Sequence
from dataclasses import dataclass

from noria.contract import ChooseReport, ChosenConfiguration, Configuration, replaced
from noria_trainers.choice.chooser import Chooser
from noria_trainers.choice.question import Question

WON = "won the run before"
_MOST_WHY = 120


@dataclass(frozen=True)
class WithWinners:
    """What another way chooses, with the winners first; they replace the last of its choices, at most half of them.

    New data may change little: then the winners are still the best, and the other trials look for better ones.
    """

    chooser: Chooser

    def choose(self, question: Question) -> ChooseReport:
        """As the other way, without an effect where there was no run before."""
        report = self.chooser.choose(question)
        distinct = {each.id: each for each in question.previous}
        winners = [*distinct.values()][: max(1, question.trials // 2)]
        if not winners:
            return report
        known = {each.configuration.id: each for each in report.choices}
        others = [each for each in report.choices if each.configuration.id not in {winner.id for winner in winners}]
        choices = (*(_won(each, known.get(each.id)) for each in winners), *others)[: question.trials]
        return replaced(report, choices=choices, basis=f"{report.basis}; {_basis(winners)}")


def _won(winner: Configuration, chosen: ChosenConfiguration | None) -> ChosenConfiguration:
    """The winner as it was chosen, if it was, with both reasons where there is room."""
    if chosen is None:
        return ChosenConfiguration(configuration=winner, why=WON)
    why = f"{WON}; {chosen.why}"
    return replaced(chosen, why=why if len(why) <= _MOST_WHY else WON)


def _basis(winners: Sequence[Configuration]) -> str:
    return f"the first {'configuration' if len(winners) == 1 else f'{len(winners)} configurations'} {WON}"
