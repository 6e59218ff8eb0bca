"""What all ways to choose have in common."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from noria.contract import ChooseReport, ChosenConfiguration, Configuration
from noria_trainers.choice.question import Question


class Chooser(Protocol):
    """One way to choose configurations.

    Pure: it asks the question alone, and answers the same question in the same way.

        class Widest:
            def choose(self, question: Question) -> ChooseReport:
                ordered = sorted(question.space, key=lambda each: -int(each.parameters["width"]))
                chosen = [(each, "among the widest") for each in ordered[: question.trials]]
                return report("Widest", ["by width", *left_out(question)], chosen)

        question = Question(task=task, metric=Metric.ACCURACY, space=families.space(task), trials=3)
        Widest().choose(question).choices  # three configurations, each with its reason

    A way that a TrainingJob can ask for is named by a Strategy and stands in `choice.CHOOSERS`.
    """

    def choose(self, question: Question) -> ChooseReport:
        """At most `question.trials` distinct configurations, the most promising first, and what the choice rests on."""


def report(strategy: str, basis: Sequence[str], chosen: Iterable[tuple[Configuration, str]]) -> ChooseReport:
    """A report of configurations with their reasons."""
    choices = tuple(ChosenConfiguration(configuration=configuration, why=why) for configuration, why in chosen)
    return ChooseReport(strategy=strategy, basis="; ".join(basis), choices=choices)


def left_out(question: Question) -> tuple[str, ...]:
    """What the space lacks, for the basis of a choice."""
    if not question.without_weights:
        return ()
    return (f"{question.without_weights} configurations were left out: their pretrained weights are not set up",)
