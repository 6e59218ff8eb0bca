"""Loads versions in threads, and tries again what fails."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from noria_serving.server.model import Version
from noria_serving.server.servable import Servable
from noria_serving.server.status import Code, ServingError

log = structlog.get_logger()
Loader = Callable[[str, Version], Servable]
"""Takes the model's name and the version."""
Outcome = Servable | ServingError
FIRST_THREADS = 4 * (os.cpu_count() or 1)


class Loads:
    """Threads that load: many for what is configured at the start, few beside requests."""

    def __init__(self, load: Loader, *, threads: int, retries: int, retry_interval: float) -> None:
        self._load, self._retries, self._interval = load, retries, max(0.0, retry_interval)
        self._first = ThreadPoolExecutor(FIRST_THREADS, "first-load")
        self._later = ThreadPoolExecutor(max(1, threads), "load")
        self._pool = self._first

    def end_first(self) -> None:
        """From here on requests are answered."""
        self._pool = self._later
        self._first.shutdown(wait=False)

    def stop(self) -> None:
        """Begin nothing any more."""
        self._first.shutdown(wait=False, cancel_futures=True)
        self._later.shutdown(wait=False, cancel_futures=True)

    def begin(self, name: str, version: Version, done: Callable[[Outcome, float], None]) -> None:
        """Load a version of the model `name`; `done` gets the outcome and the seconds, in the thread that loaded."""
        self._pool.submit(self._try, name, version, done)

    def _try(self, name: str, version: Version, done: Callable[[Outcome, float], None]) -> None:
        start = time.monotonic()
        outcome: Outcome = ServingError(Code.CANCELLED, "no longer wanted")
        for attempt in range(self._retries + 1):
            if attempt and version.unwanted.wait(self._interval):
                break
            try:
                outcome = self._load(name, version)
                break
            except ServingError as error:
                outcome = error
            except Exception as error:
                outcome = ServingError(Code.INTERNAL, f"{type(error).__name__}: {error}")
            log.error("load failed", model=name, version=version.number, error=str(outcome), attempt=attempt + 1)
        done(outcome, round(time.monotonic() - start, 3))
