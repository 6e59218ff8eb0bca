"""Gathers concurrent requests for the same tensors into batches.

No threads of its own: the request that opens a batch leads it. It waits until the batch is full or its time over, and
until a slot is free, runs it, and hands the others their rows. So a lone request runs where it came in, at no cost.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from noria_serving.server.batching.parameters import Parameters
from noria_serving.server.batching.tensor import Arrays, divided, joined, row_count
from noria_serving.server.codec.tensor_proto import Array
from noria_serving.server.metrics import Metrics
from noria_serving.server.status import Code, ServingError, invalid_argument

Key = tuple[tuple[str, ...], tuple[str, ...]]
"""Names of the tensors fed and fetched: what can share a batch."""
Run = Callable[[Sequence[Array]], Sequence[Array]]


@dataclass
class Batch:
    """Requests that will run together. Changed under the batcher's lock; `outputs` or `error` are set before `done`."""

    requests: list[Arrays] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    full: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    outputs: list[list[Array]] = field(default_factory=list)
    error: ServingError | None = None

    @property
    def size(self) -> int:
        """Rows so far."""
        return sum(self.sizes)


class Slots:
    """How many batches of a server run at a time, shared by its models."""

    def __init__(self, count: int, name: str) -> None:
        self.name = name
        self.semaphore = threading.Semaphore(count)


class Batcher:
    """Gathers the requests of one servable."""

    def __init__(self, parameters: Parameters, slots: Slots, metrics: Metrics) -> None:
        self._parameters, self._slots, self._metrics = parameters, slots, metrics
        self._waiting: dict[Key, list[Batch]] = {}
        self._lock = threading.Lock()

    def run(self, key: Key, inputs: Arrays, run: Run) -> Sequence[Array]:
        """The outputs of these inputs, run together with those of other requests. Raises ServingError."""
        size = row_count(inputs)
        limit = self._parameters.max_batch_size
        if size > limit:
            raise invalid_argument(f"Task size {size} is larger than maximum input batch size {limit}")
        self._metrics.input_batch_size.add(size)
        arrived = time.perf_counter()
        places = self._enlist(key, inputs, size)
        for batch, _, leads in places:
            if leads:
                self._lead(key, batch, run, arrived)
        return _collected([(batch, index) for batch, index, _ in places])

    def _enlist(self, key: Key, inputs: Arrays, size: int) -> list[tuple[Batch, int, bool]]:
        """Put the request into the open batch or batches: each with its place there and whether to lead it."""
        places: list[tuple[Batch, int, bool]] = []
        most = self._parameters.max_execution_size
        with self._lock:
            waiting = self._waiting.setdefault(key, [])
            room = self._room(waiting, size)
            start = 0
            while start < size or not places:
                leads = not (room and not places)
                if leads:
                    waiting.append(Batch())
                batch = waiting[-1]
                rows = min(size - start, most - batch.size)
                batch.requests.append([array[start : start + rows] for array in inputs])
                batch.sizes.append(rows)
                if batch.size >= most:
                    batch.full.set()
                places.append((batch, len(batch.sizes) - 1, leads))
                start += rows
        return places

    def _room(self, waiting: list[Batch], size: int) -> int:
        """The rows that the last waiting batch can take of these; it is closed where it can take none.

        Raises ServingError where there would be too many batches.
        """
        most = self._parameters.max_execution_size
        room = most - waiting[-1].size if waiting else 0
        if room < size and not self._parameters.splits:
            room = 0
        needed = math.ceil((size - room) / most)
        if len(waiting) + needed > self._parameters.max_enqueued_batches and needed > 0:
            raise self._full(waiting, size)
        if waiting and needed > 0:
            waiting[-1].full.set()
        return room

    def _full(self, waiting: list[Batch], size: int) -> ServingError:
        limit, most = self._parameters.max_enqueued_batches, self._parameters.max_execution_size
        count, open_size = max(1, len(waiting)), waiting[-1].size if waiting else 0
        if self._parameters.splits:
            why = (
                f"task size is {size} but scheduling capacity is only {(limit - count) * most + most - open_size} "
                f"(num_enqueued_batches={count}, max_enqueued_batches={limit}, open_batch_size={open_size}, "
                f"max_execution_batch_size={most})"
            )
        else:
            why = f"currently {count} batches enqueued and max_enqueued_batches is {limit}"
        text = f"The batch scheduling queue to which this task was submitted is full; {why}"
        return ServingError(Code.UNAVAILABLE, text)

    def _lead(self, key: Key, batch: Batch, run: Run, arrived: float) -> None:
        if self._parameters.timeout > 0:
            batch.full.wait(self._parameters.timeout)
        with self._slots.semaphore:
            with self._lock:
                self._waiting[key].remove(batch)
            self._metrics.queuing_latency.add((time.perf_counter() - arrived) * 1e6, self._slots.name)
            try:
                self._execute(key, batch, run)
            except ServingError as error:
                batch.error = error
            except Exception as error:
                batch.error = ServingError(Code.INTERNAL, f"Batch failed: {type(error).__name__}")
                raise
            finally:
                batch.done.set()

    def _execute(self, key: Key, batch: Batch, run: Run) -> None:
        total = next((allowed for allowed in self._parameters.allowed_sizes if allowed >= batch.size), batch.size)
        filler = total - batch.size
        feeds = joined(batch.requests, filler, pads=self._parameters.pads_inputs, names=key[0])
        self._metrics.wrapped_run_count.add()
        self._metrics.processed_batch_size.add(total)
        self._metrics.padding_size.add(filler, str(total))
        batch.outputs = divided(run(feeds), batch.sizes, total)


def _collected(places: Sequence[tuple[Batch, int]]) -> Sequence[Array]:
    """The outputs of one request, once all its batches are through."""
    parts = []
    for batch, index in places:
        batch.done.wait()
        if batch.error:
            raise batch.error
        parts.append(batch.outputs[index])
    return parts[0] if len(parts) == 1 else [np.concatenate(column) for column in zip(*parts, strict=True)]
