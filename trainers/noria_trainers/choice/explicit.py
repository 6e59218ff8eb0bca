"""The configurations that the TrainingJob lists."""

from dataclasses import dataclass

from noria.contract import ChooseReport, Strategy
from noria_trainers.choice.chooser import report
from noria_trainers.choice.question import Question


@dataclass(frozen=True)
class Explicit:
    """Takes each listed configuration once, in the order given, however many."""

    def choose(self, question: Question) -> ChooseReport:
        """All of them."""
        distinct = {configuration.id: configuration for configuration in question.listed}
        basis = ["the configurations that the TrainingJob lists"]
        if len(distinct) < len(question.listed):
            basis.append(f"duplicates left out: {len(question.listed) - len(distinct)}")
        return report(Strategy.EXPLICIT, basis, ((each, "listed in the TrainingJob") for each in distinct.values()))
