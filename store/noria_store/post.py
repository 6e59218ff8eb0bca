"""Messages to web servers that a user names, under the rules by which their files are read. Used by `steps.notify`.

Redirects are not followed, and nothing of an answer is read but its status. Messages name the server alone: the path of
such a URL is often a password.
"""

import ssl
from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError, LocationValueError

from noria.contract import ExitCode
from noria_store import web
from noria_store.alarm import Alarm
from noria_store.error import StepError
from noria_store.reach import Reach

MOST_SECONDS = 15.0
"""Until the answer, connecting included."""
_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


def post(
    uri: str, body: bytes, headers: Mapping[str, str], reach: Reach, *, most_seconds: float = MOST_SECONDS
) -> None:
    """Send the body; any answer of 2xx says that it was taken. Raises StepError."""
    server = _server(uri, reach)
    with Alarm(most_seconds) as alarm:
        try:
            answer = web.pools(uri, reach, alarm).urlopen(
                "POST",
                uri,
                body=body,
                headers={"User-Agent": "noria", **headers},
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
            )
        except (OSError, HTTPError, ValueError) as error:
            raise _slow(server, alarm) if alarm.rang else _failure(server, error) from error
        with closing(answer):
            if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
                raise _refusal(server, answer.status)


def _server(uri: str, reach: Reach) -> str:
    """Scheme and host of the URL. Raises StepError for what is none, and for plain HTTP out of a pod."""
    try:
        parts = urlsplit(uri)
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise StepError(ExitCode.BAD_ORDER, "BadAddress", "the URL is not valid: correct it") from error
    if parts.scheme not in (("https", "http") if reach.is_unlimited else ("https",)) or not parts.hostname:
        raise StepError(ExitCode.BAD_ORDER, "UnknownScheme", "messages go to https:// URLs only: correct the URL")
    return f"{parts.scheme}://{parts.hostname}{port}"


def _refusal(server: str, status: int) -> StepError:
    if status < HTTPStatus.BAD_REQUEST:
        words = f"{server} redirects (HTTP {status}), which is not followed: give the URL that it leads to"
        return StepError(ExitCode.NOT_PERMITTED, "BadRedirect", words)
    if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return StepError(ExitCode.UNAVAILABLE, "ReceiverUnavailable", f"{server} answered with HTTP {status}")
    words = f"{server} does not take the message (HTTP {status}): check the URL and the key"
    return StepError(ExitCode.NOT_PERMITTED, "ReceiverRefused", words)


def _slow(server: str, alarm: Alarm) -> StepError:
    words = f"{server} did not answer within {alarm.seconds:.0f} s"
    return StepError(ExitCode.UNAVAILABLE, "ReceiverUnavailable", words)


def _failure(server: str, error: Exception) -> StepError:
    if isinstance(error, LocationValueError):
        return StepError(ExitCode.BAD_ORDER, "BadAddress", f"{server} is not a valid address: correct the URL")
    cause = web.cause_of(error)
    if isinstance(cause, ssl.SSLError):
        words = f"{server} has an untrusted certificate: {cause}"
        return StepError(ExitCode.NOT_PERMITTED, "UntrustedCertificate", words)
    words = str(cause) if cause else "its answer is not that of a web server"
    return StepError(ExitCode.UNAVAILABLE, "ReceiverUnavailable", f"{server} cannot be reached: {words}")
