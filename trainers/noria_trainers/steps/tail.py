"""The end of a step's log, kept beside its report: pods and their logs go, and a trial may be killed at any moment.

Used by `frame`, and without a cluster by `noria_cli.in_process`.
"""

import logging
import threading
from collections import deque
from types import TracebackType
from typing import Self

from noria.contract import visible
from noria_store.error import StepError
from noria_store.log import text_formatter
from noria_store.store import Store

LINES, LINE_CHARACTERS = 100, 1000
"""What is kept: so many lines, each cut at this length."""
FIRST_SECONDS, PAUSE_SECONDS = 2.0, 10.0
"""From the start of the work to the first write, and from each write to the next if there is more to write."""
log = logging.getLogger(__name__)


class Tail(logging.Handler):
    """Takes the last lines of all logs while its block runs; `follow` says where to keep them."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(text_formatter())
        self._lines: deque[str] = deque(maxlen=LINES)
        self._is_dirty = False
        self._kept: tuple[Store, str] | None = None
        self._ended = threading.Event()
        self._writer = threading.Thread(target=self._write_at_intervals, name="tail", daemon=True)

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Write what is left."""
        logging.getLogger().removeHandler(self)
        self._ended.set()
        if self._kept:
            self._writer.join()
            self._write()

    def follow(self, store: Store, uri: str) -> None:
        """Keep the lines at the URI from this moment on: of a process that is killed, those of some seconds before."""
        self._kept = store, uri
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record; a traceback is several lines."""
        try:
            lines = self.format(record).splitlines()
        except Exception:
            self.handleError(record)
            return
        self._lines.extend(visible(line[:LINE_CHARACTERS]) for line in lines[-LINES:])
        self._is_dirty = True

    def _write_at_intervals(self) -> None:
        pause = FIRST_SECONDS
        while not self._ended.wait(pause):
            self._write()
            pause = PAUSE_SECONDS

    def _write(self) -> None:
        """Write the lines if there are new ones. A store that fails must not change how the step ends."""
        if not self._is_dirty or not self._kept:
            return
        self.acquire()
        text, self._is_dirty = "\n".join([*self._lines, ""]), False
        self.release()
        store, uri = self._kept
        try:
            store.write(uri, text.encode("utf-8", "replace"))
        except StepError as error:
            log.debug("the log cannot be kept: %s", error.message)
