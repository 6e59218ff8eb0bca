"""Keeps the worker processes of one server alive.

Workers share the ports (SO_REUSEPORT), so the kernel spreads connections over them. A worker that dies takes its own
connections with it; another one replaces it. This process loads no TensorFlow and sees no request.
"""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger()
FOLDER_VARIABLE, NUMBER_VARIABLE = "NORIA_WORKERS_FOLDER", "NORIA_WORKER"
"""What a worker is told: where the sockets of all workers lie, and which of them it is."""
LOOK_SECONDS = 0.1
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before a worker that died is replaced: twice as many each time, unless it lived for long."""


@dataclass
class Worker:
    """One process and its replacements."""

    number: int
    process: "subprocess.Popen[bytes]"
    has_served: bool = False
    pause: float = FIRST_PAUSE
    started: float = field(default_factory=time.monotonic)
    due: float | None = None
    """When to start it again, if it is not running."""


def socket_of(folder: Path, number: int) -> Path:
    """Where a worker listens for the others, once it serves."""
    return folder / f"{number}.sock"


class Supervisor:
    """Starts `count` processes of a command and ends with them."""

    def __init__(self, command: Sequence[str], count: int, environment: Mapping[str, str]) -> None:
        self._command, self._count, self._environment = command, count, environment
        self._stop = threading.Event()

    def stop(self) -> None:
        """Let every worker drain, then end."""
        self._stop.set()

    def run(self) -> int:
        """Serve until stopped; the exit code: a worker's own where it could not start the first time, else 0."""
        with tempfile.TemporaryDirectory(prefix="noria-workers-") as name:
            folder = Path(name)
            workers = [Worker(number, self._spawn(folder, number)) for number in range(self._count)]
            code = 0
            while not code and not self._stop.wait(LOOK_SECONDS):
                code = next((found for worker in workers if (found := self._look_after(folder, worker))), 0)
            _end(workers)
            return code

    def _spawn(self, folder: Path, number: int) -> "subprocess.Popen[bytes]":
        socket_of(folder, number).unlink(missing_ok=True)
        own = {FOLDER_VARIABLE: str(folder), NUMBER_VARIABLE: str(number)}
        return subprocess.Popen(self._command, env={**self._environment, **own})

    def _look_after(self, folder: Path, worker: Worker) -> int:
        """Replace a worker that died; the exit code of one that never served."""
        now = time.monotonic()
        if worker.due is not None:
            if now >= worker.due:
                worker.process, worker.started, worker.due = self._spawn(folder, worker.number), now, None
            return 0
        code = worker.process.poll()
        if code is None:
            worker.has_served = worker.has_served or socket_of(folder, worker.number).exists()
            return 0
        if not worker.has_served:
            return code if code > 0 else 128 - code
        lived = now - worker.started
        worker.pause = FIRST_PAUSE if lived > LONGEST_PAUSE else min(2 * worker.pause, LONGEST_PAUSE)
        worker.due = now + worker.pause
        log.error("worker died", worker=worker.number, code=code, lived=round(lived), starts_in=worker.pause)
        return 0


def _end(workers: Sequence[Worker]) -> None:
    for worker in workers:
        if worker.process.poll() is None:
            worker.process.send_signal(signal.SIGTERM)
    for worker in workers:
        worker.process.wait()


@contextlib.contextmanager
def reserved(*ports: int) -> Iterator[None]:
    """Hold the ports for our workers. Raises OSError where somebody else has one."""
    with contextlib.ExitStack() as held:
        for port in filter(None, ports):
            family = socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("", port))
            holder = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            holder.bind(("", port))
        yield


def supervise(command: Sequence[str], count: int, ports: Sequence[int], environment: Mapping[str, str]) -> int:
    """Serve with `count` workers until SIGTERM or SIGINT; the exit code."""
    supervisor = Supervisor(command, count, environment)
    signal.signal(signal.SIGTERM, lambda number, frame: supervisor.stop())
    signal.signal(signal.SIGINT, lambda number, frame: supervisor.stop())
    try:
        with reserved(*ports):
            return supervisor.run()
    except OSError as error:
        print(f"Failed to start server. Error: {error}", flush=True)
        return 255


def worker_of(environment: Mapping[str, str]) -> tuple[Path, int] | None:
    """The folder of the workers and the number of this one, if it is one."""
    folder = environment.get(FOLDER_VARIABLE)
    return (Path(folder), int(environment[NUMBER_VARIABLE])) if folder else None


def follow_parent() -> None:
    """End when the supervisor ends, however that happens."""
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
    if os.getppid() == 1:
        os._exit(1)
