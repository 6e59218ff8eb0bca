"""The first configurations of a fixed list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from noria.contract import ChooseReport, Strategy, Task
from noria_trainers.choice.chooser import left_out, report
from noria_trainers.choice.committed import Entry
from noria_trainers.choice.question import Question


@dataclass(frozen=True)
class Portfolio:
    """The first of the task's list that the space holds; after those, the rest of the space in its order."""

    lists: Mapping[Task, Sequence[Entry]]
    measured_on: Mapping[Task, int] = field(default_factory=dict)
    """Public datasets by whose results a task's list is ordered."""

    def choose(self, question: Question) -> ChooseReport:
        """At most as many as there are."""
        entries, held = self.lists[question.task], {configuration.id for configuration in question.space}
        usable = [entry for entry in entries if entry.configuration.id in held]
        known = {entry.configuration.id for entry in usable}
        others = (each for each in question.space if each.id not in known)
        rest = (Entry(each, "next in the space: the portfolio is exhausted") for each in others)
        basis = f"a fixed list of {len(entries)} diverse configurations, {self._order(question.task)}"
        return report(Strategy.PORTFOLIO, [basis, *left_out(question)], [*usable, *rest][: question.trials])

    def _order(self, task: Task) -> str:
        datasets = self.measured_on.get(task, 0)
        return f"ordered by their results on {datasets} public datasets" if datasets else "the most reliable first"
