"""The HTTP listener against clients of every manner: eager, slow, huge, broken."""

import contextlib
import resource
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusRequest
from tensorflow_serving.apis.model_service_pb2_grpc import ModelServiceStub

PATH = "/v1/models/half_plus_two"
BODY = b'{"instances": [1]}'
GOOD = b'"predictions": [2.5'


@pytest.fixture
def wire(server: Any) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.rest), 30) as connection:
        yield connection


def post(body: bytes = BODY, *headers: str, version: str = "HTTP/1.1") -> bytes:
    lines = [f"POST {PATH}:predict {version}", "Host: x", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answers(wire: socket.socket, count: int = 1) -> list[bytes]:
    """The next answers, each head and body."""
    data = b""
    found: list[bytes] = []
    while len(found) < count:
        while b"\r\n\r\n" not in data:
            more = wire.recv(65536)
            assert more, (found, data)
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 100"):
            found.append(head)
            data = rest
            continue
        size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        while len(rest) < size:
            more = wire.recv(65536)
            assert more
            rest += more
        found.append(head + b"\r\n\r\n" + rest[:size])
        data = rest[size:]
    assert not data
    return found


def is_closed(wire: socket.socket) -> bool:
    try:
        return wire.recv(1) == b""
    except ConnectionResetError:
        return True


def test_a_connection_serves_many_requests(wire: socket.socket) -> None:
    for _ in range(3):
        wire.sendall(post())
        assert GOOD in answers(wire)[0]


def test_pipelined_requests_are_answered_in_order(wire: socket.socket) -> None:
    slow = b'{"instances": [' + b",".join([b"1"] * 20_000) + b"]}"
    wire.sendall(post() + post(slow) + f"GET {PATH} HTTP/1.1\r\n\r\n".encode() + post())
    first, second, third, fourth = answers(wire, 4)
    assert GOOD in first
    assert second.count(b"2.5") == 20_000
    assert b"AVAILABLE" in third
    assert GOOD in fourth


def test_a_request_may_come_byte_by_byte(wire: socket.socket) -> None:
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in post():
        wire.sendall(bytes((byte,)))
    assert GOOD in answers(wire)[0]


@pytest.mark.parametrize("trailer", [b"", b"X-Check: 1\r\n"])
def test_a_body_may_come_in_chunks(wire: socket.socket, trailer: bytes) -> None:
    head = f"POST {PATH}:predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    chunks = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in (BODY[:5], BODY[5:]))
    wire.sendall(head + chunks + b"0\r\n" + trailer + b"\r\n" + post())
    first, second = answers(wire, 2)
    assert GOOD in first
    assert GOOD in second


def test_a_client_may_ask_before_it_sends(wire: socket.socket) -> None:
    head, _, body = post(BODY, "Expect: 100-continue").partition(b"\r\n\r\n")
    wire.sendall(head + b"\r\n\r\n")
    assert answers(wire)[0].startswith(b"HTTP/1.1 100 Continue")
    wire.sendall(body)
    assert GOOD in answers(wire)[0]


@pytest.mark.parametrize(
    ("request_bytes", "closes"),
    [
        (post(BODY, "Connection: close"), True),
        (post(BODY, version="HTTP/1.0"), True),
        (post(BODY, "Connection: Keep-Alive", version="HTTP/1.0"), False),
        (post(BODY, "Connection: Keep-Alive"), False),
    ],
)
def test_the_client_says_whether_the_connection_stays(wire: socket.socket, request_bytes: bytes, closes: bool) -> None:
    wire.sendall(request_bytes)
    answer = answers(wire)[0]
    version = b"HTTP/1.0" if b"HTTP/1.0" in request_bytes else b"HTTP/1.1"
    assert answer.startswith(version + b" 200 OK\r\n")
    assert (b"Connection: close" in answer) == closes
    assert (b"Connection: keep-alive" in answer) == (version == b"HTTP/1.0" and not closes)
    if closes:
        assert is_closed(wire)
    else:
        wire.sendall(post())
        assert GOOD in answers(wire)[0]


@pytest.mark.parametrize("origin", ["http://x", "HTTPS://x:8501", "//x"])
def test_a_request_line_may_name_the_server(wire: socket.socket, origin: str) -> None:
    wire.sendall(post().replace(PATH.encode(), f"{origin}{PATH}".encode(), 1))
    assert GOOD in answers(wire)[0]
    wire.sendall(f"GET {origin} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert answers(wire)[0].startswith(b"HTTP/1.1 404 ")


def test_head_answers_without_a_body(wire: socket.socket) -> None:
    wire.sendall(b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n")
    data = b""
    while more := wire.recv(65536):
        data += more
    assert data.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert data.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"BREW / HTTP/1.1\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n folded: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000, 431),
    ],
)
def test_what_is_no_request_is_refused_and_the_connection_ends(
    server: Any, wire: socket.socket, data: bytes, status: int
) -> None:
    wire.sendall(data)
    assert answers(wire)[0].startswith(f"HTTP/1.1 {status} ".encode())
    assert is_closed(wire)
    assert server.get(PATH).status == 200


def test_a_client_that_leaves_in_the_middle_harms_nobody(server: Any) -> None:
    for data in (b"POST", post()[:-3], post(), post(b"[" * 40_000)):
        with socket.create_connection(("127.0.0.1", server.rest), 30) as wire:
            wire.sendall(data)
    assert server.post(f"{PATH}:predict", BODY).status == 200


def test_a_client_that_does_not_read_does_not_hold_up_the_others(server: Any) -> None:
    large = b'{"instances": [' + b",".join([b"0.123"] * 200_000) + b"]}"
    with socket.create_connection(("127.0.0.1", server.rest), 30) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.sendall(post(large))
        for _ in range(5):
            assert server.post(f"{PATH}:predict", BODY).status == 200


@pytest.mark.parametrize("port", ["rest", "rpc"])
def test_ten_thousand_idle_connections_leave_room_for_others(server: Any, port: str) -> None:
    wanted = 10_000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * wanted:
        wanted = hard // 4
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with contextlib.ExitStack() as stack:
            for index in range(wanted):
                address = (f"127.0.{index // 20_000 + 1}.1", getattr(server, port))
                stack.enter_context(socket.create_connection(address, 30))
            assert is_serving(server)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert is_serving(server)


def is_serving(server: Any) -> bool:
    """Whether new clients are answered on both ports."""
    request = GetModelStatusRequest(model_spec={"name": "half_plus_two"})
    with server.channel() as channel:
        answer = ModelServiceStub(channel).GetModelStatus(request, timeout=60)
    return bool(answer.model_version_status) and server.post(f"{PATH}:predict", BODY).status == 200
