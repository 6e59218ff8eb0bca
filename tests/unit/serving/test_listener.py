"""Clients that let a request, an answer or a connection lie do not keep it for ever."""

import socket
import time
from collections.abc import Iterator

import pytest

from noria_serving.server.rest.connection import Limits
from noria_serving.server.rest.listener import Listener
from noria_serving.server.rest.message import Head, Response

LARGE = 50_000_000


class Application:
    """Gives bodies back; much to those who ask for much."""

    def answer(self, head: Head, body: bytes) -> Response:
        return Response(200, b"x" * LARGE if head.target == "/much" else body)

    def is_quick(self, head: Head, size: int) -> bool:
        return True


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener(Application(), 0, 1, limits=Limits(body=1000, request=3.0, idle=4.0))
    listener.start()
    yield listener
    listener.drain(0)


@pytest.fixture
def wire(listener: Listener) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", listener.port), 60) as connection:
        yield connection


def everything(wire: socket.socket) -> bytes:
    """What comes until the connection ends."""
    data = b""
    while more := wire.recv(65536):
        data += more
    return data


@pytest.mark.parametrize("data", [b"POST / HTTP/1.1\r\nHo", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"])
def test_a_request_that_stops_in_the_middle_is_answered_408(wire: socket.socket, data: bytes) -> None:
    wire.sendall(data)
    answer = everything(wire)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"Connection: close" in answer


def test_headers_that_come_a_byte_at_a_time_are_late_all_the_same(wire: socket.socket) -> None:
    def drip() -> None:
        for _ in range(100):
            wire.sendall(b"P")
            time.sleep(0.1)

    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        drip()


def test_a_body_that_comes_slowly_is_taken(wire: socket.socket) -> None:
    wire.sendall(b"POST / HTTP/1.1\r\nContent-Length: 8\r\nConnection: close\r\n\r\n")
    for byte in b"abcdefgh":
        time.sleep(0.5)
        wire.sendall(bytes((byte,)))
    assert everything(wire).endswith(b"\r\n\r\nabcdefgh")


def test_a_body_over_the_limit_is_refused_before_it_comes(wire: socket.socket) -> None:
    wire.sendall(b"POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n")
    assert everything(wire).startswith(b"HTTP/1.1 413 ")


def test_an_idle_connection_is_closed_without_a_word(wire: socket.socket) -> None:
    wire.sendall(b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\na")
    assert everything(wire).endswith(b"\r\n\r\na")


def test_an_answer_that_is_not_read_is_given_up(listener: Listener, wire: socket.socket) -> None:
    wire.sendall(b"POST /much HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
    for is_there in (True, False):
        while bool(listener.connections) is not is_there:
            time.sleep(0.05)
    assert len(everything(wire)) < LARGE
