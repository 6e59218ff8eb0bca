"""The puller against servers over real sockets: an S3 store's answers, https-like downloads that break off."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from noria.contract import Artifact, ExitCode, FailureReport, PullOrder, parse_report
from noria_serving.puller import main

NOBODY = "sha256:" + "0" * 64

REFUSALS = {
    "denied": (403, "AccessDenied"),
    "badkey": (403, "InvalidAccessKeyId"),
    "unpaid": (400, "AccountProblem"),
    "unknown": (401, "WordsOfThisStoreAlone"),
    "empty": (404, "NoSuchKey"),
}
TOKENS: list[str | None] = []
"""The session tokens that the store was shown."""


class Store(BaseHTTPRequestHandler):
    """Answers as S3 does: by the bucket's name, with an error document or a body shorter than promised."""

    def do_GET(self) -> None:
        TOKENS.append(self.headers.get("X-Amz-Security-Token"))
        bucket = self.path.split("/")[1]
        if bucket == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"x" * 10)
            self.close_connection = True
            return
        code, name = REFUSALS.get(bucket, (404, "NoSuchBucket"))
        body = f"<?xml version='1.0'?><Error><Code>{name}</Code><Message>words</Message></Error>".encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def pull(tmp_path: Path, uri: str, endpoint: str, **further: str) -> tuple[int, FailureReport]:
    order = PullOrder(artifact=Artifact(uri=uri, digest=NOBODY), model="m", version=1, destination=str(tmp_path / "m"))
    environment = {
        "NORIA_ORDER": order.to_json(),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        **further,
    }
    code = main(environment, tmp_path / "report")
    report = parse_report((tmp_path / "report").read_text())
    assert isinstance(report, FailureReport)
    return code, report


@pytest.mark.parametrize(
    ("uri", "code", "reason"),
    [
        ("s3://absent/model.tar", ExitCode.UNAVAILABLE, "NoSuchBucket"),
        ("s3://empty/model.tar", ExitCode.BAD_DATA, "ArtifactNotFound"),
        ("s3://denied/model.tar", ExitCode.NOT_PERMITTED, "AccessDenied"),
        ("s3://badkey/model.tar", ExitCode.NOT_PERMITTED, "AccessDenied"),
        ("s3://unpaid/model.tar", ExitCode.NOT_PERMITTED, "AccessDenied"),
        ("s3://unknown/model.tar", ExitCode.NOT_PERMITTED, "AccessDenied"),
        ("s3://cut/model.tar", ExitCode.UNAVAILABLE, "StoreUnavailable"),
    ],
)
def test_a_stores_refusal_is_told(tmp_path: Path, endpoint: str, uri: str, code: ExitCode, reason: str) -> None:
    found, report = pull(tmp_path, uri, endpoint)
    assert (found, report.reason) == (code, reason), report.message
    assert uri in report.message


def test_a_store_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    code, report = pull(tmp_path, "s3://bucket/model.tar", "http://127.0.0.1:1")
    assert (code, report.reason) == (ExitCode.UNAVAILABLE, "StoreUnavailable")


def test_settings_that_cannot_be_used_are_told(tmp_path: Path, endpoint: str) -> None:
    code, report = pull(tmp_path, "s3://bucket/model.tar", endpoint, AWS_SECRET_ACCESS_KEY="")
    assert (code, report.reason) == (ExitCode.UNAVAILABLE, "StoreUnavailable")
    assert "AWS_SECRET_ACCESS_KEY" in report.message


def test_a_session_token_is_shown(tmp_path: Path, endpoint: str) -> None:
    pull(tmp_path, "s3://empty/model.tar", endpoint, AWS_SESSION_TOKEN="for an hour")
    assert TOKENS[-1] == "for an hour"
