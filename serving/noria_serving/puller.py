"""Init container of a serving pod: puts one verified artifact at `destination/model/version`, complete or not at all.

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

from noria.contract import (
    ORDER_VARIABLE,
    REPORT_PATH,
    ExitCode,
    FailureReport,
    PullOrder,
    order_in,
    shown,
    termination_message,
)
from noria_store import verified
from noria_store.error import NOT_FOUND, StepError
from noria_store.log import set_up
from noria_store.store import Store

log = structlog.get_logger("noria_serving.puller")
_MODEL_FILES = ("saved_model.pb", "saved_model.pbtxt", "saved_model.cpb", "model.tflite")


def pull(order: PullOrder, environment: Mapping[str, str]) -> Path:
    """Fetch, verify and unpack the order's artifact; the version's folder. Does nothing if it is already there."""
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
        raise StepError(ExitCode.NOT_PERMITTED, "CannotWrite", f"{target}: {error}") from error
    except OSError as error:
        raise StepError(ExitCode.UNAVAILABLE, "CannotWrite", f"{target}: {error}") from error
    log.info("model in place", path=str(target), artifact=shown(order.artifact.uri), digest=order.artifact.digest)
    return target


def _fetch(order: PullOrder, folder: Path, environment: Mapping[str, str]) -> None:
    """Make `folder` the version that the order's artifact holds."""
    try:
        store = Store.for_users(environment=environment, anonymous=True, home=order.home)
        verified.unpacked(order.artifact, folder, store)
    except StepError as error:
        if error.reason != NOT_FOUND:
            raise
        raise StepError(error.exit_code, "ArtifactNotFound", error.message) from error
    if not any(folder.joinpath(name).is_file() for name in _MODEL_FILES):
        message = (
            f"{shown(order.artifact.uri)} has no saved_model.pb at its top level; pack the version's folder itself"
        )
        raise StepError(ExitCode.BAD_DATA, "NotASavedModel", message)


def _put_in_place(whole: Path, target: Path) -> None:
    whole.chmod(0o755)
    try:
        whole.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        shutil.rmtree(whole)  # another puller on this volume was faster


def main(environment: Mapping[str, str] | None = None, report: Path = Path(REPORT_PATH)) -> int:
    """Carry out the order in the environment; the exit code."""
    environment = os.environ if environment is None else environment
    try:
        pull(_order(environment), environment)
    except StepError as error:
        log.error(error.message, reason=error.reason)
        _report(FailureReport(reason=error.reason, message=error.message), report)
        return error.exit_code
    return ExitCode.DONE


def _report(failure: FailureReport, path: Path) -> None:
    try:
        path.write_text(termination_message(failure))
    except OSError as error:
        log.warning("cannot write the termination message", path=str(path), error=str(error))


def _order(environment: Mapping[str, str]) -> PullOrder:
    try:
        return PullOrder.model_validate_json(order_in(environment))
    except ValidationError as error:
        raise StepError(ExitCode.BAD_ORDER, "BadOrder", f"{ORDER_VARIABLE}: {error}") from error


if __name__ == "__main__":
    set_up(text=sys.stderr.isatty())
    sys.exit(main())
