"""The state of a fit, so that an interrupted one resumes where it was. Written and read by `training.loop`."""

import io
import json
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from noria.contract import Metric
from noria_trainers.training.cross_fit import CrossFit

Arrays = list[NDArray[np.generic]]


@dataclass(frozen=True)
class Epoch:
    """What is known after an epoch."""

    train_loss: float
    validation_loss: float
    score: float
    """By the order's metric, on the validation split."""
    seconds: float

    def beats(self, other: "Epoch", metric: Metric) -> bool:
        """Whether its score is the better one or, where scores are the same, its validation loss."""
        if self.score == other.score:
            return self.validation_loss < other.validation_loss
        return (self.score > other.score) is metric.higher_is_better


@dataclass
class State:
    """Finished epochs, the batches done of the one after them, and the weights of the best epoch."""

    history: list[Epoch] = field(default_factory=list)
    batches: int = 0
    loss: float = 0.0
    """Sum over the batches done."""
    seconds: float = 0.0
    """Spent on the unfinished epoch."""
    best: int = -1
    """Index of the best epoch; -1 before the first one ends."""
    best_weights: Arrays = field(default_factory=list)
    cross_fit: CrossFit = field(default_factory=CrossFit)

    def finish(self, epoch: Epoch, weights: Arrays, metric: Metric) -> None:
        """Add an epoch, and remember its weights if it is the best one.

        `weights` [variables], each shaped as its variable.
        """
        if self.best < 0 or epoch.beats(self.history[self.best], metric):
            self.best, self.best_weights = len(self.history), weights
        self.history.append(epoch)
        self.batches, self.loss, self.seconds = 0, 0.0, 0.0


def pack(identity: str, state: State, variables: Arrays) -> bytes:
    """State and variables (network's and optimizer's, so random state too) of the fit named by `identity`.

    `variables` [variables], each of its own shape.
    """
    facts = {
        "identity": identity,
        "history": [vars(epoch) for epoch in state.history],
        "best_of_halves": state.cross_fit.best,
        **{name: getattr(state, name) for name in ("batches", "loss", "seconds", "best")},
    }
    named = {"cross_fit": state.cross_fit.predictions} | {f"best{i}": each for i, each in enumerate(state.best_weights)}
    named |= {f"variable{i}": each for i, each in enumerate(variables)}
    file = io.BytesIO()
    np.savez(file, facts=np.frombuffer(json.dumps(facts).encode(), np.uint8), **named)  # type: ignore[arg-type]  # names are no options
    return file.getvalue()


def unpack(data: bytes, identity: str) -> tuple[State, Arrays] | None:
    """What `pack` wrote; none if that was of another fit. Arrays [variables], each of its own shape."""
    with np.load(io.BytesIO(data)) as file:
        facts = json.loads(file["facts"].tobytes())
        if facts.pop("identity") != identity:
            return None
        facts["history"] = [Epoch(**epoch) for epoch in facts["history"]]
        cross_fit = CrossFit(facts.pop("best_of_halves"), file["cross_fit"])
        names = set(file.files)
        best, variables = ([file[f"{kind}{i}"] for i in range(_count(names, kind))] for kind in ("best", "variable"))
        return State(**facts, best_weights=best, cross_fit=cross_fit), variables


def _count(names: set[str], kind: str) -> int:
    return sum(name.startswith(kind) for name in names)
