"""Downloads a source from https://. Called by `data.source`."""

import http.client
import shutil
import ssl
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

from noria.contract import ExitCode
from noria_store.error import StepError

TIMEOUT_SECONDS = 15.0
"""For each answer and each piece of a download, not for the whole."""


def download(uri: str, path: Path) -> Path:
    """Copy what `uri` answers with to a file; the file's path."""
    request = urllib.request.Request(uri, headers={"User-Agent": "noria-trainer"})
    try:
        with closing(urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)) as answer, path.open("wb") as file:
            shutil.copyfileobj(answer, file, 1 << 20)
            if answer.length:  # what http.client still waits for
                raise http.client.IncompleteRead(b"", answer.length)
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(uri, error) from error
    except (OSError, http.client.HTTPException) as error:
        raise _failure(uri, error) from error
    return path


def _refusal(uri: str, error: urllib.error.HTTPError) -> StepError:
    if error.code in (401, 403, 407):
        words = f"{uri} needs credentials ({error}): make it public, or copy it to an S3 bucket"
        return StepError(ExitCode.NOT_PERMITTED, "AccessDenied", words)
    if error.code in (404, 410):
        return StepError(ExitCode.BAD_DATA, "NotFound", f"{uri} does not exist ({error}): check the path")
    return StepError(ExitCode.UNAVAILABLE, "SourceUnavailable", f"{uri}: {error}")


def _failure(uri: str, error: Exception) -> StepError:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLError):
        words = f"{uri} has an untrusted certificate: {reason}; copy the file to an S3 bucket"
        return StepError(ExitCode.NOT_PERMITTED, "UntrustedCertificate", words)
    return StepError(
        ExitCode.UNAVAILABLE, "SourceUnavailable", f"{uri} cannot be read: {reason}; check the host's name"
    )
