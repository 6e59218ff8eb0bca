"""The notify step: sends a notification to a user's server, signed as Standard Webhooks are. Started by `frame`.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""

import base64
import binascii
import hashlib
import hmac
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from noria.contract import SIGNING_KEY, SIGNING_KEY_VARIABLE, ExitCode, NotifyOrder, NotifyReport
from noria_store.error import StepError
from noria_store.post import post
from noria_store.reach import Reach
from noria_store.store import Store

BACKOFF = (1.0, 5.0, 15.0)
"""Seconds before each further attempt."""
_PREFIX = "whsec_"
_LEAST_KEY = 16
"""Bytes of a key that nobody guesses."""
log = structlog.stdlib.get_logger(__name__)


def run(
    order: NotifyOrder,
    store: Store,
    scratch: Path,
    *,
    environment: Mapping[str, str] = os.environ,
    sleep: Callable[[float], None] = time.sleep,
) -> NotifyReport:
    """Send the order's notification, some times if the server has no time for it. Raises StepError."""
    key, reach = signing_key(environment.get(SIGNING_KEY_VARIABLE, "")), Reach.from_environment(environment)
    body = order.notification.to_json().encode()
    for attempt, wait in enumerate((*BACKOFF, None), 1):
        try:
            post(order.url, body, headers(order.notification.id, body, key, now=int(time.time())), reach)
        except StepError as error:
            if error.exit_code != ExitCode.UNAVAILABLE or wait is None:
                raise
            log.info("not taken", attempt=attempt, reason=error.reason, message=error.message)
            sleep(wait)
        else:
            break
    log.info("sent", id=order.notification.id, attempt=attempt)
    return NotifyReport(attempts=attempt)


def headers(id: str, body: bytes, key: bytes, *, now: int) -> dict[str, str]:
    """The headers of a signed CloudEvent; `now` is in seconds since 1970."""
    signed = hmac.new(key, f"{id}.{now}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "webhook-id": id,
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def signing_key(text: str) -> bytes:
    """The key that a Secret holds: `whsec_` and base64, or any other text as it is. Raises StepError."""
    text = text.strip()
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True) if text.startswith(_PREFIX) else text.encode()
    except binascii.Error as error:
        words = f"{SIGNING_KEY} in the Secret begins with {_PREFIX}, but what follows is not base64: correct it"
        raise StepError(ExitCode.BAD_ORDER, "BadKey", words) from error
    if len(key) < _LEAST_KEY:
        words = (
            f"{SIGNING_KEY} in the Secret has {len(key)} bytes: use at least {_LEAST_KEY}, e.g. openssl rand -hex 32"
        )
        raise StepError(ExitCode.BAD_ORDER, "BadKey", words)
    return key
