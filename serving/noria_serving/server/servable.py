"""A loaded version of a model: its signatures and a way to run them."""

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from noria_serving.server.batching.batcher import Batcher
from noria_serving.server.codec.dtype import KINDS
from noria_serving.server.codec.tensor_proto import Array, to_array
from noria_serving.server.metrics import Metrics
from noria_serving.server.status import Code, ServingError, invalid_argument

DEFAULT_SIGNATURE = "serving_default"
LONGEST_MILLISECONDS = 2**31
"""gRPC gives a deadline of centuries to a call that has none."""
QUICK_SECONDS, FAST_SECONDS = 0.0005, 0.005
Run = Callable[..., Sequence[Array]]
Names = tuple[str, ...]

logging.getLogger("tensorflow").setLevel(logging.WARNING)


class Engine(Protocol):
    """What runs a model's tensors."""

    def prepare(self, feeds: Names, fetches: Names, milliseconds: int) -> Run:
        """A way of computing some tensors from others, within a time limit if that is not 0."""

    def close(self) -> None:
        """Give memory back."""


@dataclass(frozen=True)
class Signature:
    """A signature with what every request needs of it: tensor names, types and defaults by alias, in order of alias."""

    key: str
    proto: SignatureDef
    inputs: Mapping[str, str]
    types: Mapping[str, int]
    dtypes: tuple[np.dtype, ...]
    outputs: Mapping[str, str]
    fetches: Names
    defaults: Mapping[str, Array]
    method: str | None = None
    """What the signature was exported for, where requests for anything else are to be refused."""


def signature_of(key: str, proto: SignatureDef, *, checks_method: bool = False) -> Signature:
    """The signature as requests need it."""
    types = {alias: proto.inputs[alias].dtype for alias in sorted(proto.inputs)}
    outputs = {alias: proto.outputs[alias].name for alias in sorted(proto.outputs)}
    return Signature(
        key=key,
        proto=proto,
        inputs={alias: proto.inputs[alias].name for alias in sorted(proto.inputs)},
        types=types,
        dtypes=tuple(KINDS[number].numpy if number in KINDS else np.dtype(object) for number in types.values()),
        outputs=outputs,
        fetches=tuple(outputs.values()),
        defaults={alias: to_array(value) for alias, value in proto.defaults.items()},
        method=proto.method_name if checks_method else None,
    )


class Computation:
    """Some tensors from others: how to run it, and how long that takes."""

    def __init__(self, engine: Engine, feeds: Names, fetches: Names, metrics: Metrics) -> None:
        self._engine, self._feeds, self._fetches, self._metrics = engine, feeds, fetches, metrics
        self._runs: dict[int, Run] = {}
        self._seconds = 2 * FAST_SECONDS  # of a run, a moving average

    @property
    def is_quick(self) -> bool:
        """Whether a run takes so little that a thread change would cost more."""
        return self._seconds < QUICK_SECONDS

    def run(self, values: Sequence[Array], timeout: float | None) -> Sequence[Array]:
        """The values of the fetched tensors. What has been fast is not interrupted: it would be through before."""
        limit = 0 if timeout is None or self._seconds < FAST_SECONDS else _rounded(timeout)
        start, is_through = time.perf_counter(), False
        try:
            run = self._runs.get(limit) or self._prepare(limit)
            found = [value if type(value) is np.ndarray else _scalar(value) for value in run(*values)]
            is_through = True
            return found
        except tf.errors.OpError as error:
            raise ServingError(Code(error.error_code), error.message) from None
        except (TypeError, ValueError) as error:
            raise invalid_argument(str(error)) from None
        finally:
            seconds = time.perf_counter() - start
            if is_through or seconds > self._seconds:  # that one was ended early does not make the next one fast
                self._seconds += 0.1 * (seconds - self._seconds)
            self._metrics.graph_run_time_usecs_histogram.add(seconds * 1e6)

    def _prepare(self, limit: int) -> Run:
        return self._runs.setdefault(limit, self._engine.prepare(self._feeds, self._fetches, limit))


def _scalar(value: object) -> Array:
    return np.array(value, object if isinstance(value, bytes) else None)


def _rounded(timeout: float) -> int:
    """Milliseconds, up to a power of two: a callable has its time limit for life, so there should be few."""
    return int(2 ** math.ceil(math.log2(min(max(1.0, timeout * 1000), LONGEST_MILLISECONDS))))


class Servable:
    """A model that is loaded. Closing it is its owner's affair: `close` is the engine's."""

    def __init__(
        self,
        engine: Engine,
        signatures: Mapping[str, SignatureDef],
        metrics: Metrics,
        *,
        checks_methods: bool = False,
    ) -> None:
        self._engine, self._metrics = engine, metrics
        self._computations = dict[tuple[Names, Names], Computation]()
        self._signatures = {
            key: signature_of(key, proto, checks_method=checks_methods) for key, proto in signatures.items()
        }
        self.protos = signatures
        self.close: Callable[[], None] = engine.close
        self.batcher: Batcher | None = None

    def signature(self, name: str) -> Signature | None:
        """The signature of that name; "" is the default one."""
        return self._signatures.get(name or DEFAULT_SIGNATURE)

    @property
    def is_quick(self) -> bool:
        """Whether all that was run so far takes so little that a thread change would cost more."""
        computations = list(self._computations.values())
        return bool(computations) and not self.batcher and all(found.is_quick for found in computations)

    def run(self, feeds: Mapping[str, Array], fetches: Names, timeout: float | None = None) -> Sequence[Array]:
        """The values of the fetched tensors. Raises ServingError with TensorFlow's code and words.

        `timeout` is in seconds.
        """
        if timeout is not None and timeout <= 0:
            raise ServingError(Code.DEADLINE_EXCEEDED, "The deadline was over before the run")
        key = (tuple(feeds), fetches)
        computation = self._computations.get(key)
        if computation is None:
            computation = self._computations.setdefault(key, Computation(self._engine, *key, self._metrics))
        values = list(feeds.values())
        if self.batcher and values:
            return self.batcher.run(key, values, lambda values: computation.run(values, timeout))
        return computation.run(values, timeout)
