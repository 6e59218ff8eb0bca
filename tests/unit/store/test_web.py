"""Files of web servers: whole, or an error that says what was wrong and quotes nothing of the answer."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import ClassVar

import pytest

from noria.contract import ORDER_VARIABLE, SOURCE_PREFIX, ExitCode
from noria_store import pool, s3, web
from noria_store.error import StepError
from noria_store.reach import UNLIMITED, Reach
from noria_store.store import Store
from noria_store.stream import chunks

STORE = Store.from_environment(environment={})
HERE = Reach(networks=(ip_network("127.0.0.1/32"),))
"""A pod whose administrator allows the test's own server."""
STATUS = {
    "/bucket": 200,
    "/bucket/endless": 200,
    "/whole": 200,
    "/cut": 200,
    "/endless": 200,
    "/private": 403,
    "/busy": 503,
    "/odd": 599,
}


class Site(BaseHTTPRequestHandler):
    """Has one whole file; of another it sends less than it promised, a third never ends."""

    targets: ClassVar[dict[str, str]] = {}
    """Of redirects, by path."""

    def do_GET(self) -> None:
        if self.path in self.targets:
            self.send_response(302)
            self.send_header("Location", self.targets[self.path])
            self.end_headers()
            return
        if self.path == "/bucket/slow-head":
            self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Long: ")
            self.drip()
            return
        path = self.path.partition("?")[0].rstrip("/")
        self.send_response(STATUS.get(path, 404), "hidden words")
        if path in ("/endless", "/bucket", "/bucket/endless"):
            self.end_headers()
            self.drip()
            return
        self.send_header("Content-Length", "1000" if self.path == "/cut" else "5")
        self.end_headers()
        self.wfile.write(b"water")

    def drip(self) -> None:
        try:
            for _ in range(3000):
                self.wfile.write(b"drop")
                time.sleep(0.02)
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served(identity: ssl.SSLContext | None = None) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        if identity:
            server.socket = identity.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http{'s' if identity else ''}://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificate")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=here", "-days", "1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{folder}/key", "-out", f"{folder}/certificate"]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "certificate"


@pytest.fixture
def secure(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    identity = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    identity.load_cert_chain(certificate, certificate.with_name("key"))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with served(identity) as address:
        yield address


@contextmanager
def raw(answer: bytes) -> Iterator[str]:
    """A server that says this, byte by byte, whatever it is asked."""

    def talk() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                connection.recv(1000)
                for byte in answer:
                    connection.send(bytes([byte]))
                    time.sleep(0.02)
            except OSError:
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=talk)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def read(uri: str, reach: Reach = UNLIMITED, *, seconds: float = 60, most_bytes: int = 1000) -> bytes:
    with web.open(uri, reach, most_seconds=seconds, most_bytes=most_bytes) as stream:
        return b"".join(chunks(stream))


def refused(uri: str, reach: Reach = UNLIMITED, *, seconds: float = 60, most_bytes: int = 1000) -> StepError:
    with pytest.raises(StepError) as found:
        read(uri, reach, seconds=seconds, most_bytes=most_bytes)
    assert "hidden" not in found.value.message
    return found.value


def test_a_file_is_read_and_copied(site: str, tmp_path: Path) -> None:
    assert STORE.read(f"{site}/whole") == b"water"
    assert STORE.download(f"{site}/whole", tmp_path / "copy").read_bytes() == b"water"


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        pytest.param("cut", ExitCode.UNAVAILABLE, "StoreUnavailable", id="breaks off"),
        pytest.param("busy", ExitCode.UNAVAILABLE, "StoreUnavailable", id="has no time"),
        pytest.param("odd", ExitCode.UNAVAILABLE, "StoreUnavailable", id="has a status of its own"),
        pytest.param("private", ExitCode.NOT_PERMITTED, "AccessDenied", id="wants credentials"),
        pytest.param("absent", ExitCode.BAD_DATA, "NotFound", id="is not there"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_stays(
    site: str, tmp_path: Path, name: str, code: ExitCode, reason: str
) -> None:
    with pytest.raises(StepError, match=f"{site}/{name}") as found:
        STORE.download(f"{site}/{name}", tmp_path / "copy")
    assert (found.value.exit_code, found.value.reason) == (code, reason)
    assert "hidden" not in found.value.message
    assert list(tmp_path.iterdir()) == []


def test_redirects_are_followed_within_reach(secure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Site, "targets", {"/moved": "/again", "/again": f"{secure}/whole"})
    assert read(f"{secure}/moved", HERE) == b"water"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        pytest.param("https://127.0.0.2/hidden", "AddressRefused", id="another address of the machine"),
        pytest.param("https://169.254.169.254/hidden", "AddressRefused", id="the cloud's credentials"),
        pytest.param("https://[::ffff:10.0.0.7]/hidden", "AddressRefused", id="a mapped one"),
        pytest.param("http://127.0.0.1/hidden", "BadRedirect", id="http"),
        pytest.param("file:///proc/self/environ?hidden", "BadRedirect", id="a file"),
        pytest.param("/loop", "BadRedirect", id="itself"),
    ],
)
def test_a_redirect_that_leads_further_is_refused(
    secure: str, monkeypatch: pytest.MonkeyPatch, target: str, reason: str
) -> None:
    monkeypatch.setattr(Site, "targets", {"/loop": target})
    found = refused(f"{secure}/loop", HERE)
    assert found.reason == reason
    assert found.exit_code in (ExitCode.NOT_PERMITTED, ExitCode.BAD_DATA)


@pytest.mark.parametrize("answer", ["HTTP/1.1 200 OK\r\nX: " + "x" * 3000, "HTTP/1.1 200 OK\r\n\r\n" + "x" * 3000])
def test_an_answer_that_drips_ends_with_the_time_for_all_of_it(answer: str) -> None:
    began = time.monotonic()
    with raw(answer.encode()) as address:
        found = refused(f"{address}/x", seconds=1)
    assert "not read whole within 1 s" in found.message
    assert time.monotonic() - began < 30, "the server drips for longer"


def foreign(address: str) -> Store:
    """A store of a source that names its own endpoint."""
    keys = {"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "x"}
    own = {SOURCE_PREFIX + name: value for name, value in keys.items()}
    return Store.for_users(SOURCE_PREFIX, {**own, ORDER_VARIABLE: "{}", "NORIA_SOURCE_NETWORKS": "127.0.0.0/8"})


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        pytest.param(lambda store: store.read("s3://bucket/endless"), "not read whole within 1 s", id="content"),
        pytest.param(lambda store: store.read("s3://bucket/slow-head"), "cannot be reached", id="a head"),
        pytest.param(lambda store: [*store.list("s3://bucket/")], "cannot be reached", id="a list"),
    ],
)
def test_an_s3_store_of_a_source_that_drips_ends_with_its_time(
    site: str, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Store], object], words: str
) -> None:
    monkeypatch.setattr(s3, "MOST_SECONDS", 1.0)
    monkeypatch.setattr(s3, "RETRIES", 0)
    monkeypatch.setattr(pool, "ANSWER_SECONDS", 1.0)
    began = time.monotonic()
    with pytest.raises(StepError, match=words) as found:
        ask(foreign(site))
    assert found.value.reason == "StoreUnavailable"
    assert time.monotonic() - began < 30, "the server drips for longer"


def test_what_is_larger_than_the_limit_is_not_read(site: str) -> None:
    for name, most in (("whole", 4), ("endless", 20)):
        found = refused(f"{site}/{name}", most_bytes=most)
        assert (found.exit_code, found.reason) == (ExitCode.BAD_DATA, "TooLarge")


@pytest.mark.parametrize(
    "answer",
    [b"SSH-2.0-hidden\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhidden\r\n", b"\x16\x03hidden"],
)
def test_what_is_no_web_server_is_not_quoted(answer: bytes) -> None:
    with raw(answer) as address:
        found = refused(f"{address}/x")
    assert (found.exit_code, found.reason) == (ExitCode.UNAVAILABLE, "StoreUnavailable")


@pytest.mark.parametrize(
    "answer", [b"Content-Type: text/plain\r\n\r\nhidden", b"Content-Type: application/xml\r\n\r\nhidden"]
)
def test_what_is_no_s3_store_is_not_quoted(answer: bytes) -> None:
    no_s3 = pytest.raises(StepError, match="does not answer as an S3 store does")
    with raw(b"HTTP/1.0 400 hidden\r\n" + answer) as address, no_s3 as found:
        foreign(address).read("s3://bucket/key")
    assert "hidden" not in found.value.message
