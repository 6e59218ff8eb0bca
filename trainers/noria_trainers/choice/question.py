"""What a chooser is asked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from noria.contract import Configuration, Metric, Task
from noria_trainers.experience.result import Result


@dataclass(frozen=True)
class Question:
    """Which configurations to train on a revision."""

    task: Task
    metric: Metric
    space: Sequence[Configuration]
    """What may be chosen."""
    trials: int = 5
    """Configurations wanted."""
    seed: int = 0
    listed: Sequence[Configuration] = ()
    """Those that the TrainingJob lists, complete."""
    meta_features: Mapping[str, float] = field(default_factory=dict)
    """Of the revision."""
    results: Callable[[], Iterable[Result]] = tuple
    """Reads the task's results; called by who learns from them only."""
    exploration: float = 0.0
    """How often, from 0 to 1, the last configuration is one of which little is known."""
    trial_seconds: float | None = None
    """What each trial may take."""
    without_weights: int = 0
    """Configurations that the space lacks because their pretrained weights are not set up."""
