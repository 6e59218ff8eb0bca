"""An end to whatever is read from sockets for too long, whether it is a handshake, headers or a drip of content."""

import os
import socket
import threading
from contextlib import suppress


class Alarm:
    """Shuts down the sockets that it watches after so many seconds, unless the context was left before.

    Timeouts of single reads do not end an answer that comes byte by byte.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.rang = seconds, False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True

    def watch(self, connected: socket.socket) -> None:
        """Watch the connection, also when its socket is wrapped in TLS later."""
        with self._lock:
            self._sockets.append(socket.socket(fileno=os.dup(connected.fileno())))  # TLS cannot dup()
            if self.rang:
                self._end()

    def __enter__(self) -> "Alarm":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()

    def _ring(self) -> None:
        with self._lock:
            self.rang = True
            self._end()

    def _end(self) -> None:
        for each in self._sockets:
            with suppress(OSError):  # ended by itself
                each.shutdown(socket.SHUT_RDWR)
