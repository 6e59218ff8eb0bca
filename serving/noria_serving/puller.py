"""Init container of a serving pod: puts one verified artifact at `destination/model/version`, whole or not at all.

Run as `python -m noria_serving.puller` with a `PullOrder` in NORIA_ORDER. A failure is reported in the termination
message and the exit code, see `noria.contract`.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import structlog
from pydantic import ValidationError

from noria.contract import ORDER_VARIABLE, REPORT_PATH, ExitCode, FailureReport, PullOrder, termination_message
from noria_serving.artifact import Digested, PullError, open_artifact
from noria_serving.log import set_up
from noria_serving.unpack import unpack

log = structlog.get_logger()
_MODEL_FILES = ("saved_model.pb", "saved_model.pbtxt", "saved_model.cpb", "model.tflite")


def pull(order: PullOrder, environment: Mapping[str, str]) -> Path:
    """Fetch, verify and unpack the order's artifact; the folder it lies in. Done already is done."""
    target = Path(order.destination, order.model, str(order.version))
    try:
        if target.is_dir():
            log.info("model already in place", path=str(target))
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{order.version}-", dir=target.parent) as scratch:
            whole = Path(scratch, "whole")
            _fetch(order, whole, environment)
            _put_in_place(whole, target)
    except PermissionError as error:
        raise PullError(ExitCode.NOT_PERMITTED, "CannotWrite", f"{target}: {error}") from error
    except OSError as error:
        raise PullError(ExitCode.UNAVAILABLE, "CannotWrite", f"{target}: {error}") from error
    log.info("model in place", path=str(target), artifact=order.artifact.uri, digest=order.artifact.digest)
    return target


def _fetch(order: PullOrder, folder: Path, environment: Mapping[str, str]) -> None:
    """Unpack into `folder` while digesting; a wrong digest explains every other fault, so it is told first."""
    folder.mkdir()
    with open_artifact(order.artifact.uri, environment) as stream:
        digested = Digested(stream, order.artifact.uri)
        fault: PullError | None = None
        try:
            unpack(digested, folder)
        except PullError as error:
            if error.code is ExitCode.UNAVAILABLE:
                raise
            fault = error
        _verify(order, digested.digest())
        if fault:
            raise fault
    if not any(folder.joinpath(name).is_file() for name in _MODEL_FILES):
        message = f"{order.artifact.uri} holds no saved_model.pb at its top level; pack the version's folder itself"
        raise PullError(ExitCode.BAD_DATA, "NotASavedModel", message)


def _verify(order: PullOrder, found: str) -> None:
    if found != order.artifact.digest:
        digests = f"expected {order.artifact.digest}, found {found}"
        message = f"{order.artifact.uri}: {digests}; the file was changed or cut: upload it again, or name its digest"
        raise PullError(ExitCode.BAD_DATA, "DigestMismatch", message)


def _put_in_place(whole: Path, target: Path) -> None:
    whole.chmod(0o755)
    try:
        whole.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        shutil.rmtree(whole)  # another puller on this volume was faster


def main(environment: Mapping[str, str] | None = None, report: Path = Path(REPORT_PATH)) -> int:
    """Obey the order in the environment; the exit code."""
    environment = os.environ if environment is None else environment
    try:
        pull(_order(environment), environment)
    except PullError as error:
        log.error(error.message, reason=error.reason)
        _report(FailureReport(reason=error.reason, message=error.message), report)
        return error.code
    return ExitCode.DONE


def _report(failure: FailureReport, path: Path) -> None:
    try:
        path.write_text(termination_message(failure))
    except OSError as error:
        log.warning("no termination message", path=str(path), error=str(error))


def _order(environment: Mapping[str, str]) -> PullOrder:
    try:
        return PullOrder.model_validate_json(environment.get(ORDER_VARIABLE, ""))
    except ValidationError as error:
        raise PullError(ExitCode.BAD_ORDER, "BadOrder", f"{ORDER_VARIABLE}: {error}") from error


if __name__ == "__main__":
    set_up()
    sys.exit(main())
