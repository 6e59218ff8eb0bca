"""tensorflow.ProfilerService: what TensorFlow does for some time, for TensorBoard. Registered by `rpc.listener`.

Source: tsl/profiler/protobuf/profiler_service.proto and xla/tsl/profiler/rpc/profiler_service_impl.cc. The package
leaves out the messages; those fields are defined here that are read. XSpaces pass as the bytes that they are.
"""

import threading
import time
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.python.profiler.internal import _pywrap_profiler
from tensorflow.tsl.profiler.protobuf.profiler_options_pb2 import ProfileOptions

from noria_serving.server.codec.dtype import varint
from noria_serving.server.extra_protos import messages
from noria_serving.server.status import Code, ServingError, invalid_argument

HOSTNAMES = 4
"""Field of XSpace."""
_PROTOS = messages(
    "noria_serving.profiler",
    ProfileRequest={
        "duration_ms": (1, "uint64"),
        "opts": (4, "bytes"),
        "repository_root": (5, "string"),
        "session_id": (6, "string"),
        "host_name": (7, "string"),
        "emit_xspace": (9, "bool"),
    },
    ProfileResponse={"empty_trace": (7, "bool"), "xspace": (8, "bytes")},
    TerminateRequest={"session_id": (1, "string")},
    MonitorRequest={},
)
ProfileRequest, ProfileResponse = _PROTOS["ProfileRequest"], _PROTOS["ProfileResponse"]
TerminateRequest, MonitorRequest = _PROTOS["TerminateRequest"], _PROTOS["MonitorRequest"]


class Profiler:
    """The methods of the service; each returns a serialized message. All raise ServingError."""

    def __init__(self) -> None:
        self._stops: dict[str, threading.Event] = {}

    def profile(self, request: Any, timeout: float | None) -> bytes:
        """A ProfileResponse, once the time is over; the trace is in it, or in a file below `repository_root`."""
        try:
            options = ProfileOptions.FromString(request.opts)
        except DecodeError:
            raise invalid_argument("Malformed ProfileOptions") from None
        milliseconds = options.duration_ms or request.duration_ms
        wait = milliseconds / 1000 if timeout is None else min(milliseconds / 1000, timeout)
        trace = self._trace(request.session_id, options, wait)
        response = ProfileResponse(empty_trace=not trace)
        if host := request.host_name.encode():
            trace += bytes((HOSTNAMES << 3 | 2,)) + varint(len(host)) + host
        if request.emit_xspace:
            response.xspace = trace
        elif request.repository_root:
            _save(request.repository_root, request.session_id, request.host_name, trace)
        return bytes(response.SerializeToString())

    def _trace(self, session_id: str, options: ProfileOptions, seconds: float) -> bytes:
        stop = self._stops.setdefault(session_id, threading.Event())
        levels = ("host_tracer_level", "device_tracer_level", "python_tracer_level")
        session = _pywrap_profiler.ProfilerSession()
        try:
            given = {level: getattr(options, level) for level in levels} if options.version else {}
            session.start("", given)
            stop.wait(min(seconds, threading.TIMEOUT_MAX))
            return bytes(session.stop())
        except tf.errors.OpError as error:
            raise ServingError(Code.INTERNAL, error.message) from None
        finally:
            self._stops.pop(session_id, None)

    def terminate(self, request: Any, timeout: float | None) -> bytes:
        """A TerminateResponse; the session, if it runs, ends at once with what it has."""
        if stop := self._stops.get(request.session_id):
            stop.set()
        return b""

    def monitor(self, request: Any, timeout: float | None) -> bytes:
        """As in the original, there is none."""
        raise ServingError(Code.UNIMPLEMENTED, "unimplemented.")


def _save(root: str, session_id: str, host: str, trace: bytes) -> None:
    """Write where TensorBoard looks for it; names are taken as names, not as paths."""
    run = Path(session_id).name or time.strftime("%Y_%m_%d_%H_%M_%S")
    name = f"{Path(host.replace(':', '_')).name or 'localhost'}.xplane.pb"
    try:
        folder = Path(root, run)
        folder.mkdir(parents=True, exist_ok=True)
        folder.joinpath(name).write_bytes(trace)
    except OSError as error:
        raise ServingError(Code.INTERNAL, f"{root}: {error.strerror}") from None
