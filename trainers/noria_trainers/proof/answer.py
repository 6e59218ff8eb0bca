"""What an exported model answers, how fast, and how large it is. Used by `proof.compare`."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog
import tensorflow as tf
from numpy.typing import NDArray

from noria.contract import Artifact, ExitCode, Task
from noria_store import verified
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers import export
from noria_trainers.proof.examples import Batch
from noria_trainers.target.resample import Floats
from noria_trainers.target.target import target_of

WARM = 3
"""Requests before those whose time is taken."""
TIMED, MOST_SECONDS = 100, 20.0
"""Requests whose time is taken, and time for all of them."""
_FRAME = ("Graph execution error", "Detected at node", "<stack traces", "[[{{")
"""How lines begin that only say where in a graph it failed."""
_LONGEST = 200
log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True)
class Answers:
    """A model's answers to n examples."""

    scores: Floats
    """[n, k]; NaN where it gave none."""
    why: str = ""
    """What the first one says that it gave none for."""

    @property
    def given(self) -> NDArray[np.bool_]:
        """Which examples [n] it answered."""
        return np.asarray(np.isfinite(self.scores).all(axis=1))


@dataclass(frozen=True)
class Latency:
    """Of requests with one example, in milliseconds."""

    p50: float
    p95: float


class LoadedModel:
    """A SavedModel."""

    def __init__(self, folder: Path, task: Task) -> None:
        self._loaded = tf.saved_model.load(str(folder))  # the signature lives as long as what it was loaded from
        self._serve = self._loaded.signatures[export.SIGNATURE]
        self._output = target_of(task).score_output

    @property
    def parameters(self) -> int:
        """Numbers in its variables."""
        return int(sum(np.prod(each.shape.as_list(), dtype=np.int64) for each in self._serve.variables))

    def answers(self, batches: Iterable[Batch], outputs: int) -> Answers:
        """Its answers [n, outputs] to n examples in batches [b]; NaN in place of those that it cannot answer."""
        parts, why = [np.empty((0, outputs))], ""
        for batch in batches:
            found, reason = self._answered(batch, outputs)
            parts.append(found)
            why = why or reason
        return Answers(np.concatenate(parts), why)

    def ask(self, inputs: Batch) -> Floats:
        """Its answers [b, k]."""
        answer = self._serve(**{name: tf.constant(values) for name, values in inputs.items()})
        scores = np.asarray(answer[self._output].numpy(), np.float64)
        return scores.reshape(len(scores), -1)

    def _answered(self, batch: Batch, outputs: int) -> tuple[Floats, str]:
        """Example by example where the batch as a whole fails."""
        size = len(next(iter(batch.values())))
        try:
            found = self.ask(batch)
            if found.shape != (size, outputs):
                return np.full((size, outputs), np.nan), f"it answers with {found.shape[1]} numbers, not {outputs}"
            return found, "" if np.isfinite(found).all() else "it answers with NaN or infinity"
        except (tf.errors.OpError, TypeError, ValueError) as error:
            if size == 1:
                return np.full((1, outputs), np.nan), _in_words(error)
        rows = ({name: values[row : row + 1] for name, values in batch.items()} for row in range(size))
        alone = self.answers(rows, outputs)
        return alone.scores, alone.why


def load(artifact: Artifact, folder: Path, task: Task, store: Store) -> LoadedModel | str:
    """The model that an artifact holds, or why it cannot be loaded. Raises StepError where it cannot be read at all."""
    try:
        return LoadedModel(verified.unpacked(artifact, folder, store), task)
    except StepError as error:
        if error.exit_code != ExitCode.BAD_DATA or error.reason not in ("BadArtifact", "UnsafeArtifact"):
            raise
        return error.message
    except (tf.errors.OpError, OSError, KeyError, ValueError, TypeError) as error:
        log.warning("cannot be loaded", artifact=artifact.uri, error=str(error))
        return _in_words(error)


def latencies(models: Sequence[LoadedModel], examples: Sequence[Iterable[Batch]]) -> tuple[Latency, ...]:
    """How long each model takes for an example, one after the other so that both meet the same load.

    `examples` are for each model the same ones, one in each batch [1].
    """
    taken: list[list[float]] = [[] for _ in models]
    ends = time.monotonic() + MOST_SECONDS
    for number, batches in enumerate(zip(*examples, strict=True)):
        if time.monotonic() > ends:
            break
        for model, batch, times in zip(models, batches, taken, strict=True):
            began = time.perf_counter()
            model.ask(batch)
            if number >= WARM:
                times.append(1000 * (time.perf_counter() - began))
    if not all(taken):
        return ()
    return tuple(Latency(*map(float, np.quantile(times, (0.5, 0.95)))) for times in taken)


def _in_words(error: Exception) -> str:
    """The line of TensorFlow's message that says what is wrong."""
    lines = [line.strip() for line in str(error).splitlines()]
    telling = [line for line in lines if line and not line.startswith(_FRAME)]
    return f"{type(error).__name__}: {telling[0][:_LONGEST]}" if telling else type(error).__name__
