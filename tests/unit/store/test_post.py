"""Messages to a user's server: taken, or an error that says what to do and names no more than the server."""

import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path

import pytest

from noria.contract import ExitCode
from noria_store.error import StepError
from noria_store.post import post
from noria_store.reach import UNLIMITED, Reach

HERE = Reach(networks=(ip_network("127.0.0.1/32"),))


class Receiver(BaseHTTPRequestHandler):
    """Answers with the status that the path ends with, after noting what it was told."""

    taken: list[tuple[str, str | None, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append((self.path, self.headers["X-Word"], body))
        status = self.path.rpartition("/")[2]
        if status == "silence":
            time.sleep(3)
            return
        self.send_response(int(status), "hidden words")
        if status == "302":
            self.send_header("Location", "/secret/200")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def receiving(identity: ssl.SSLContext | None = None) -> Iterator[tuple[str, list[tuple[str, str | None, bytes]]]]:
    taken: list[tuple[str, str | None, bytes]] = []
    handler = type("Here", (Receiver,), {"taken": taken})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if identity:
            server.socket = identity.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http{'s' if identity else ''}://127.0.0.1:{server.server_address[1]}", taken
        server.shutdown()


def refused(uri: str, reach: Reach = UNLIMITED, seconds: float = 10) -> StepError:
    with pytest.raises(StepError) as found:
        post(uri, b"water", {"X-Word": "w"}, reach, most_seconds=seconds)
    assert "hidden" not in found.value.message
    assert "secret" not in found.value.message
    return found.value


@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_message_is_taken(status: int) -> None:
    with receiving() as (site, taken):
        post(f"{site}/secret/{status}", b"water", {"X-Word": "w"}, UNLIMITED)
    assert taken == [(f"/secret/{status}", "w", b"water")]


@pytest.mark.parametrize(
    ("path", "code", "reason"),
    [
        pytest.param("302", ExitCode.NOT_PERMITTED, "BadRedirect", id="a redirect is not followed"),
        pytest.param("400", ExitCode.NOT_PERMITTED, "ReceiverRefused", id="does not want it"),
        pytest.param("401", ExitCode.NOT_PERMITTED, "ReceiverRefused", id="does not know the key"),
        pytest.param("404", ExitCode.NOT_PERMITTED, "ReceiverRefused", id="another path"),
        pytest.param("408", ExitCode.UNAVAILABLE, "ReceiverUnavailable", id="was too slow to hear it"),
        pytest.param("429", ExitCode.UNAVAILABLE, "ReceiverUnavailable", id="hears too much"),
        pytest.param("503", ExitCode.UNAVAILABLE, "ReceiverUnavailable", id="has no time"),
        pytest.param("silence", ExitCode.UNAVAILABLE, "ReceiverUnavailable", id="does not answer"),
    ],
)
def test_what_a_server_does_not_take(path: str, code: ExitCode, reason: str) -> None:
    with receiving() as (site, taken):
        error = refused(f"{site}/secret/{path}", seconds=1)
        assert (error.exit_code, error.reason) == (code, reason)
        assert site in error.message
        assert len(taken) == 1


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        pytest.param("ftp://example.org/secret", "UnknownScheme", id="another scheme"),
        pytest.param("https:///secret", "UnknownScheme", id="no host"),
        pytest.param("https://example.org:port/secret", "BadAddress", id="no port"),
        pytest.param("https://[::1/secret", "BadAddress", id="half an address"),
        pytest.param("http://127.0.0.1:9/secret", "UnknownScheme", id="in the clear"),
        pytest.param("https://127.0.0.1:9/secret", "AddressRefused", id="the pod itself"),
        pytest.param("https://169.254.169.254/secret", "AddressRefused", id="the cloud's credentials"),
        pytest.param("https://10.96.0.1/secret", "AddressRefused", id="the API server"),
    ],
)
def test_where_a_pod_sends_nothing(uri: str, reason: str) -> None:
    assert refused(uri, Reach()).reason == reason


def test_a_server_of_an_allowed_network_is_reached_if_its_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=here", "-days", "1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{tmp_path}/key", "-out", f"{tmp_path}/own"]
    subprocess.run(command, check=True, capture_output=True)
    identity = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    identity.load_cert_chain(tmp_path / "own", tmp_path / "key")
    with receiving(identity) as (site, taken):
        assert refused(f"{site}/secret/200", HERE).reason == "UntrustedCertificate"
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own"))
        post(f"{site}/secret/200", b"water", {}, HERE)
        assert len(taken) == 1
        assert refused(f"{site}/secret/200", Reach()).reason == "AddressRefused"


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with receiving() as (site, _):
        pass
    error = refused(f"{site}/secret/200")
    assert (error.exit_code, error.reason) == (ExitCode.UNAVAILABLE, "ReceiverUnavailable")
