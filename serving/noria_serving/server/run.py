"""The command: reads flags, keeps the server until a signal, drains it. Used by `noria_serving.__main__`.

Source of the texts and exit codes: tensorflow_serving/model_servers/main.cc.
"""

import os
import resource
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from types import FrameType

import structlog

from noria_serving.server.flags import BadValue, Flags, parse, usage
from noria_serving.server.workers.supervisor import follow_parent, supervise, worker_of
from noria_store import lean

log = structlog.get_logger()
FAILED = 255
MAX_FILES = 1 << 16
"""Connections and other files that are open at a time, where the system allows so many."""
LINGER_VARIABLE, LINGER_SECONDS = "NORIA_LINGER_SECONDS", 3.0
DRAIN_VARIABLE, DRAIN_SECONDS = "NORIA_DRAIN_SECONDS", 20.0
WORKERS_VARIABLE = "NORIA_WORKERS"
VARIABLES = {
    f"{WORKERS_VARIABLE}=1": "processes that serve on the same ports; each holds every model",
    f"{LINGER_VARIABLE}={LINGER_SECONDS:g}": "seconds after SIGTERM in which new connections are taken all the same",
    f"{DRAIN_VARIABLE}={DRAIN_SECONDS:g}": "seconds after that in which what is begun is answered",
    "AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY": "of base paths in s3://",
}
"""What the environment says, for `--help`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; the exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if "--help" in arguments:
        print(f"{usage('noria-server')}Environment:")
        print("\n".join(f"\t{name:<56}\t{text}" for name, text in VARIABLES.items()))
        return 0
    try:
        flags, unknown = parse(arguments)
    except BadValue as error:
        print(f"{error}\n{usage('noria-server')}", file=sys.stderr)
        return FAILED
    if flags.version:
        print(f"TensorFlow ModelServer: noria {version('noria')}\nTensorFlow Library: {_tensorflow_version()}")
        return 0
    if unknown:
        print(f"unknown argument: {unknown[0]}\n{usage('noria-server')}")
    workers = os.environ.get(WORKERS_VARIABLE, "1")
    if not workers.isdecimal():
        print(f"{WORKERS_VARIABLE} is no number of processes: {workers}", file=sys.stderr)
        return FAILED
    if worker_of(os.environ):
        follow_parent()
    elif int(workers) > 1:
        command = [sys.executable, "-m", "noria_serving", *arguments]
        return supervise(command, int(workers), (flags.port, flags.rest_api_port), os.environ)
    return serve(flags, os.environ)


def _tensorflow_version() -> str:
    try:
        return version("tensorflow")
    except PackageNotFoundError:
        return version("tensorflow-cpu")


def serve(flags: Flags, environment: Mapping[str, str]) -> int:
    """Load, listen, wait for a signal, drain; the exit code. A signal before the models are loaded ends it at once."""
    lean.tensorflow(TF_CPP_MIN_LOG_LEVEL="1")
    _name_temporary_folder()
    from noria_serving.server.assembly import Server, StartError  # takes seconds: it imports TensorFlow

    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(allowed, MAX_FILES), allowed))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    try:
        server = Server(flags)
        server.load()
        signal.signal(signal.SIGTERM, lambda number, frame: stop.set())  # before the first request that it must answer
        signal.signal(signal.SIGINT, lambda number, frame: stop.set())
        server.listen()
    except StartError as error:
        print(f"Failed to start server. Error: {error}", flush=True)
        return FAILED
    stop.wait()
    linger = float(environment.get(LINGER_VARIABLE, LINGER_SECONDS))
    server.drain(linger, float(environment.get(DRAIN_VARIABLE, DRAIN_SECONDS)))
    log.info("drained")
    return 0


def _name_temporary_folder() -> None:
    """Let TensorFlow be imported where no folder can be written: it asks for the temporary one, but does not use it."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        tempfile.tempdir = "/tmp"


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(0)  # nothing was promised to anybody yet, and a load cannot be interrupted
