"""Notifications: signed as the receivers' libraries expect, sent again under the same id, never under other rules."""

import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from noria.contract import (
    ORDER_VARIABLE,
    SIGNING_KEY_VARIABLE,
    ExitCode,
    Notification,
    NotificationData,
    NotificationType,
    NotifyOrder,
)
from noria_store.error import StepError
from noria_store.post import post
from noria_store.reach import UNLIMITED
from noria_store.store import Store
from noria_trainers.steps import notify

KEY = "0123456789abcdef0123456789abcdef"
STORE = Store.from_environment(environment={})
NOTIFICATION = Notification(
    id="41f4",
    source="/namespaces/shop/models/clothes",
    type=NotificationType.PROMOTED,
    subject="7",
    time="2026-11-30T07:00:00Z",
    data=NotificationData(
        kind="Model", namespace="shop", name="clothes", uid="u", version=7, reason="Better", message="accuracy 0.91"
    ),
)


def test_the_signature_is_that_of_the_specification() -> None:
    key = notify.signing_key("whsec_plJ3nmyCDGBKInavdOK15jsl")
    body = b'{"event_type":"ping","data":{"success":true}}'
    found = notify.headers("msg_loFOjxBNrRLzqYUf", body, key, now=1731705121)
    assert found["webhook-signature"] == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="
    assert (found["webhook-id"], found["webhook-timestamp"]) == ("msg_loFOjxBNrRLzqYUf", "1731705121")


@pytest.mark.parametrize("text", ["", "short", "whsec_", "whsec_c2hvcnQ=", "whsec_no base64 at all!"])
def test_a_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(StepError) as found:
        notify.signing_key(text)
    assert (found.value.exit_code, found.value.reason) == (ExitCode.BAD_ORDER, "BadKey")
    assert "signingKey in the Secret" in found.value.message


def test_a_key_may_end_with_a_line_break() -> None:
    assert notify.signing_key(f"{KEY}\n") == KEY.encode()


def test_a_notification_is_a_cloud_event() -> None:
    assert json.loads(NOTIFICATION.to_json()) == {
        "specversion": "1.0",
        "id": "41f4",
        "source": "/namespaces/shop/models/clothes",
        "type": "dev.noria.model.promoted",
        "subject": "7",
        "time": "2026-11-30T07:00:00Z",
        "datacontenttype": "application/json",
        "data": {
            "kind": "Model",
            "namespace": "shop",
            "name": "clothes",
            "uid": "u",
            "version": 7,
            "reason": "Better",
            "message": "accuracy 0.91",
        },
    }


class Receiver:
    """A server that answers with these statuses, one after the other, and keeps what it was told."""

    def __init__(self) -> None:
        self.statuses, self.taken = [200], list[tuple[dict[str, str], bytes]]()
        about = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                about.taken.append((headers, self.rfile.read(int(headers["content-length"]))))
                self.send_response(about.statuses.pop(0))
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.shutdown()
    found.server.server_close()


def send(receiver: Receiver, tmp_path: Path, *statuses: int, **environment: str) -> tuple[Any, list[float]]:
    """The report of the step, or its failure, where the server answers so; and how long it waited in between."""
    receiver.statuses, waits = [*statuses], list[float]()
    order = NotifyOrder(
        url=f"http://127.0.0.1:{receiver.server.server_port}/hook",
        notification=NOTIFICATION,
        report=f"{tmp_path}/r.json",
    )
    given = {SIGNING_KEY_VARIABLE: KEY, **environment}
    try:
        return notify.run(order, STORE, tmp_path, environment=given, sleep=waits.append), waits
    except StepError as error:
        return error, waits


def test_a_server_that_has_no_time_is_asked_again_under_the_same_id(receiver: Receiver, tmp_path: Path) -> None:
    report, waits = send(receiver, tmp_path, 503, 429, 204)
    assert (report.attempts, waits) == (3, [1.0, 5.0])
    assert {headers["webhook-id"] for headers, _ in receiver.taken} == {NOTIFICATION.id}
    for headers, body in receiver.taken:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        wanted = base64.b64encode(hmac.new(KEY.encode(), signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{wanted}"
        assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
        assert Notification.model_validate_json(body) == NOTIFICATION


@pytest.mark.parametrize(
    ("statuses", "code", "attempts"),
    [
        pytest.param([503] * 4, ExitCode.UNAVAILABLE, 4, id="never has time"),
        pytest.param([410], ExitCode.NOT_PERMITTED, 1, id="wants no more of them"),
        pytest.param([301], ExitCode.NOT_PERMITTED, 1, id="lives elsewhere"),
    ],
)
def test_attempts_are_bounded(
    receiver: Receiver, tmp_path: Path, statuses: list[int], code: ExitCode, attempts: int
) -> None:
    error, _ = send(receiver, tmp_path, *statuses)
    assert (error.exit_code, len(receiver.taken)) == (code, attempts)


def test_the_documented_receiver_takes_ours_and_nobody_else_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[3] / "docs/notifications.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/notifications.md", "exec"), names)
    monkeypatch.setattr(names["Receiver"], "log_message", lambda *_: None, raising=False)
    monkeypatch.setenv("SIGNING_KEY", KEY)
    with ThreadingHTTPServer(("127.0.0.1", 0), names["Receiver"]) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        order = NotifyOrder(url=url, notification=NOTIFICATION, report="r")
        report = notify.run(order, STORE, tmp_path, environment={SIGNING_KEY_VARIABLE: KEY})
        with pytest.raises(StepError) as forged:
            notify.run(order, STORE, tmp_path, environment={SIGNING_KEY_VARIABLE: KEY[::-1]})
        body = NOTIFICATION.to_json().encode()
        with pytest.raises(StepError) as late:
            post(url, body, notify.headers("41f4", body, KEY.encode(), now=1_700_000_000), UNLIMITED)
        server.shutdown()
    assert report.attempts == 1
    assert forged.value.reason == late.value.reason == "ReceiverRefused"
    assert capsys.readouterr().out.splitlines().count("dev.noria.model.promoted accuracy 0.91") == 1


def test_from_a_pod_nothing_goes_out_in_the_clear(receiver: Receiver, tmp_path: Path) -> None:
    error, _ = send(receiver, tmp_path, 200, **{ORDER_VARIABLE: "{}"})
    assert error.reason == "UnknownScheme"
    assert not receiver.taken
