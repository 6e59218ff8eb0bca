"""Files of web servers: whole, or an error that says what was wrong."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from noria.contract import ExitCode
from noria_store.error import StepError
from noria_store.store import Store

STORE = Store.from_environment(environment={})


class Site(BaseHTTPRequestHandler):
    """Has one whole file; of another it sends less than it promised."""

    def do_GET(self) -> None:
        self.send_response({"/whole": 200, "/cut": 200, "/private": 403, "/busy": 503}.get(self.path, 404))
        self.send_header("Content-Length", "1000" if self.path == "/cut" else "5")
        self.end_headers()
        self.wfile.write(b"water")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_file_is_read_and_copied(site: str, tmp_path: Path) -> None:
    assert STORE.read(f"{site}/whole") == b"water"
    assert STORE.download(f"{site}/whole", tmp_path / "copy").read_bytes() == b"water"


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        pytest.param("cut", ExitCode.UNAVAILABLE, "StoreUnavailable", id="breaks off"),
        pytest.param("busy", ExitCode.UNAVAILABLE, "StoreUnavailable", id="has no time"),
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
    assert list(tmp_path.iterdir()) == []
