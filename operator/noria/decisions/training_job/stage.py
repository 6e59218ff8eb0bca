"""What a stage of a TrainingJob's decision is."""

from collections.abc import Callable
from dataclasses import dataclass

from noria.api.training_job import TrainingJobStatus
from noria.decision import Decision
from noria.decisions.training_job.situation import Situation

Outcome = Decision[TrainingJobStatus] | Situation
"""A decision, or the situation that the next stages look at."""


@dataclass(frozen=True)
class Stage:
    """One thing that a TrainingJob may need. Stages know nothing of each other; their order is in `STAGES`."""

    applies: Callable[[Situation], bool]
    """Whether the TrainingJob needs it."""
    decide: Callable[[Situation], Outcome]
    """What to do for it; asked only where it applies."""
