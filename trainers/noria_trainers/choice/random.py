"""Different configurations, each as likely as any other."""

from dataclasses import dataclass
from random import Random as Generator

from noria.contract import ChooseReport, Strategy
from noria_trainers.choice.chooser import left_out, report
from noria_trainers.choice.question import Question


@dataclass(frozen=True)
class Random:
    """Draws from the space; the same for the same space, in whatever order, and seed."""

    def choose(self, question: Question) -> ChooseReport:
        """At most as many as there are."""
        ordered = sorted(question.space, key=lambda configuration: configuration.id)
        drawn = Generator(question.seed).sample(ordered, min(question.trials, len(ordered)))
        basis = f"drawn at random from {len(ordered)} configurations, seed {question.seed}"
        chosen = ((configuration, "drawn at random") for configuration in drawn)
        return report(Strategy.RANDOM, [basis, *left_out(question)], chosen)
