"""A loaded version of a model: its signatures and a way to run them. Made by the catalog, used by `inference`.

Models run in a v1 session through a callable whose ops run in the calling thread: for small models that is 5 to 25
times faster than calling a signature. It is a private method of TensorFlow, so `make_callable` stands by.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
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
QUICK_SECONDS = 0.0005
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


class Servable:
    """A SavedModel in a session. Closing it is its owner's affair: `close` is the session's."""

    def __init__(self, session: Any, signatures: Mapping[str, SignatureDef]) -> None:
        self._session, self._runs = session, dict[tuple[Names, Names], Run]()
        self._signatures = {key: signature_of(key, proto) for key, proto in signatures.items()}
        self.protos = signatures
        self.close: Callable[[], None] = session.close
        self.batcher: Batcher | None = None
        self._seconds = 0.01  # of a run, a moving average

    def signature(self, name: str) -> Signature | None:
        """The signature of that name; "" is the default one."""
        return self._signatures.get(name or DEFAULT_SIGNATURE)

    def run(self, feeds: Mapping[str, Array], fetches: Names) -> Sequence[Array]:
        """The values of the fetched tensors. Raises ServingError with TensorFlow's code and words."""
        key = (tuple(feeds), fetches)
        if self.batcher and feeds:
            return self.batcher.run(key, list(feeds.values()), partial(self._run, key))
        return self._run(key, list(feeds.values()))

    @property
    def is_quick(self) -> bool:
        """Whether a run takes so little that a thread change would cost more, and never waits for other requests."""
        return self._seconds < QUICK_SECONDS and not self.batcher

    def _run(self, key: tuple[Names, Names], values: Sequence[Array]) -> Sequence[Array]:
        start = time.perf_counter()
        try:
            run = self._runs.get(key) or self._runs.setdefault(key, _runner(self._session, *key))
            return [value if type(value) is np.ndarray else _scalar(value) for value in run(*values)]
        except tf.errors.OpError as error:
            raise ServingError(Code(error.error_code), error.message) from None
        except (TypeError, ValueError) as error:
            raise invalid_argument(str(error)) from None
        finally:
            self._seconds += 0.1 * (time.perf_counter() - start - self._seconds)


def _scalar(value: object) -> Array:
    return np.array(value, object if isinstance(value, bytes) else None)


def _runner(session: Any, feeds: Names, fetches: Names) -> Run:
    """The fastest way of running this session that works; raises OpError where none does."""
    options = CallableOptions(feed=feeds, fetch=fetches)
    options.run_options.inter_op_thread_pool = CALLING_THREAD
    try:
        return session._make_callable_from_options(options)  # type: ignore[no-any-return]  # untyped
    except (AttributeError, TypeError, tf.errors.OpError):
        tensors = [session.graph.get_tensor_by_name(name) for name in (*fetches, *feeds)]
        return session.make_callable(tensors[: len(fetches)], tensors[len(fetches) :])  # type: ignore[no-any-return]


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
