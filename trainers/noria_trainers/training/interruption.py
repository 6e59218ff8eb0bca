"""SIGTERM as a question that the loop asks between batches. Used by `steps.train`."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def interruption() -> Iterator[Callable[[], bool]]:
    """Whether SIGTERM has arrived since; outside of the main thread it cannot be handled."""
    told = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield told.is_set
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: told.set())
    try:
        yield told.is_set
    finally:
        signal.signal(signal.SIGTERM, before)
