"""A loaded version of a model: its signatures and a way to run them. Made by the catalog, used by `inference`.

Models run in a v1 session through a callable whose ops run in the calling thread: for small models that is 5 to 25
times faster than calling a signature. It is a private method of TensorFlow, so `make_callable` stands by.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.config_pb2 import CallableOptions, ConfigProto
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef
from tensorflow.python.saved_model import loader_impl

from noria_serving.server.batching.batcher import Batcher
from noria_serving.server.codec.dtype import KINDS
from noria_serving.server.codec.tensor_proto import Array, to_array
from noria_serving.server.status import Code, ServingError, invalid_argument, not_found

DEFAULT_SIGNATURE = "serving_default"
LONGEST_MILLISECONDS = 2**31
"""gRPC gives a deadline of centuries to a call that has none."""
QUICK_SECONDS, FAST_SECONDS = 0.0005, 0.005
CALLING_THREAD = -1
"""Value of RunOptions.inter_op_thread_pool that keeps ops in the thread that calls."""
Run = Callable[..., Sequence[Array]]
Names = tuple[str, ...]

logging.getLogger("tensorflow").setLevel(logging.WARNING)


@dataclass(frozen=True)
class SessionSettings:
    """How sessions are made: TensorFlow's own options and the tags of the graph to load."""

    config: ConfigProto
    tags: tuple[str, ...] = ("serve",)


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


def signature_of(key: str, proto: SignatureDef) -> Signature:
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
    )


class Computation:
    """Some tensors from others, in a session: how to run it, and how long that takes."""

    def __init__(self, session: Any, feeds: Names, fetches: Names) -> None:
        self._session, self._feeds, self._fetches = session, feeds, fetches
        self._runs: dict[int, Run] = {}
        self._seconds = 2 * FAST_SECONDS  # of a run, a moving average

    @property
    def is_quick(self) -> bool:
        """Whether a run takes so little that a thread change would cost more."""
        return self._seconds < QUICK_SECONDS

    def run(self, values: Sequence[Array], timeout: float | None) -> Sequence[Array]:
        """The values of the fetched tensors. What has been fast is not interrupted: it would be through before."""
        limit = 0 if timeout is None or self._seconds < FAST_SECONDS else _rounded(timeout)
        start = time.perf_counter()
        try:
            run = self._runs.get(limit) or self._prepare(limit)
            return [value if type(value) is np.ndarray else _scalar(value) for value in run(*values)]
        except tf.errors.OpError as error:
            raise ServingError(Code(error.error_code), error.message) from None
        except (TypeError, ValueError) as error:
            raise invalid_argument(str(error)) from None
        finally:
            self._seconds += 0.1 * (time.perf_counter() - start - self._seconds)

    def _prepare(self, limit: int) -> Run:
        """The fastest way of running this that works; raises OpError where none does.

        With a limit, in milliseconds, ops run in TensorFlow's threads, since the calling one must wait for the time.
        """
        options = CallableOptions(feed=self._feeds, fetch=self._fetches)
        if limit:
            options.run_options.timeout_in_ms = limit
        else:
            options.run_options.inter_op_thread_pool = CALLING_THREAD
        try:
            run = self._session._make_callable_from_options(options)
        except (AttributeError, TypeError, tf.errors.OpError):
            tensor = self._session.graph.get_tensor_by_name
            run = self._session.make_callable(list(map(tensor, self._fetches)), list(map(tensor, self._feeds)))
        return self._runs.setdefault(limit, run)


def _scalar(value: object) -> Array:
    return np.array(value, object if isinstance(value, bytes) else None)


def _rounded(timeout: float) -> int:
    """Milliseconds, up to a power of two: a callable has its time limit for life, so there should be few."""
    return int(2 ** math.ceil(math.log2(min(max(1.0, timeout * 1000), LONGEST_MILLISECONDS))))


class Servable:
    """A SavedModel in a session. Closing it is its owner's affair: `close` is the session's."""

    def __init__(self, session: Any, signatures: Mapping[str, SignatureDef]) -> None:
        self._session, self._computations = session, dict[tuple[Names, Names], Computation]()
        self._signatures = {key: signature_of(key, proto) for key, proto in signatures.items()}
        self.protos = signatures
        self.close: Callable[[], None] = session.close
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
            computation = self._computations.setdefault(key, Computation(self._session, *key))
        values = list(feeds.values())
        if self.batcher and values:
            return self.batcher.run(key, values, lambda values: computation.run(values, timeout))
        return computation.run(values, timeout)


def load(path: Path, settings: SessionSettings) -> Servable:
    """The SavedModel in a version's folder, with its variables, tables and signatures. Raises ServingError."""
    session = tf.compat.v1.Session(graph=tf.Graph(), config=settings.config)
    try:
        with session.graph.as_default():
            meta_graph = loader_impl.SavedModelLoader(str(path)).load(session, list(settings.tags))
        session.graph.finalize()
        return Servable(session, dict(meta_graph.signature_def))
    except Exception as error:
        session.close()
        raise _load_error(error, path, settings) from error


def _load_error(error: Exception, path: Path, settings: SessionSettings) -> ServingError:
    match error:
        case tf.errors.OpError():
            return ServingError(Code(error.error_code), error.message)
        case OSError() if "does not exist" in str(error):
            text = f"Could not find SavedModel .pb or .pbtxt at supplied export directory path: {path}. Check that the"
            return not_found(f"{text} directory exists and that you have the right permissions for accessing it.")
        case OSError():
            return ServingError(Code.DATA_LOSS, f"Can't parse {path}/saved_model.pb as binary proto")
        case RuntimeError():
            text = f"Could not find meta graph def matching supplied tags: {{ {' '.join(settings.tags)} }}."
            hint = "To inspect available tag-sets in the SavedModel, please use the SavedModel CLI: `saved_model_cli`"
            return not_found(f"{text} {hint}")
    return ServingError(Code.INTERNAL, f"{path}: {error}")
