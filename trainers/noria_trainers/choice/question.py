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
    previous: Sequence[Configuration] = ()
    """Those that won the TrainingJob's last run, complete, the best first."""
    meta_features: Mapping[str, float] = field(default_factory=dict)
    """Of the revision."""
    results: Callable[[], Iterable[Result]] = tuple
    """Reads the task's results; called only by choosers that learn from them."""
    exploration: float = 0.0
    """Probability, from 0 to 1, that the last configuration is a little-known one."""
    trial_seconds: float | None = None
    """Seconds that each trial may take."""
    without_weights: int = 0
    """Configurations that the space lacks because their pretrained weights are not set up."""
