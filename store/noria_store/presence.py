"""Says which of the objects that the operator asks for are absent. Run by a pod in their namespace, with its keys.

`python -m noria_store.presence` with a `PresenceOrder` in NORIA_ORDER; the answer is the termination message. Where the
store cannot be asked there is no answer, so that an outage is never taken for a loss.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import structlog
from pydantic import ValidationError

from noria.contract import REPORT_PATH, ExitCode, PresenceOrder, PresenceReport, order_in
from noria_store.error import StepError
from noria_store.log import set_up
from noria_store.store import Store

log = structlog.stdlib.get_logger(__name__)


def absent(order: PresenceOrder, store: Store) -> PresenceReport:
    """The order's absent objects. Raises StepError if the store cannot be asked."""
    return PresenceReport(absent=tuple(number for number, uri in enumerate(order.uris) if not store.exists(uri)))


def main(environment: Mapping[str, str], report: Path = Path(REPORT_PATH)) -> int:
    """Entry point; the exit code."""
    try:
        order = PresenceOrder.model_validate_json(order_in(environment))
        found = absent(order, Store.from_environment(environment=environment))
    except ValidationError as error:
        log.error("the order cannot be read", error=str(error))
        return ExitCode.BAD_ORDER
    except StepError as error:
        log.error(error.message, reason=error.reason)
        return error.exit_code
    report.write_text(found.to_json())
    log.info("looked", objects=len(order.uris), absent=len(found.absent))
    return ExitCode.DONE


if __name__ == "__main__":
    set_up(text=sys.stderr.isatty())
    sys.exit(main(os.environ))
