"""Makes the bucket of the embedded store, so that it is there before anything is uploaded. Run by a Job of the chart.

`python -m noria_store.bucket NAME` with the AWS_* variables; it waits for the store to start.
"""

import os
import sys
import time
from collections.abc import Mapping

import structlog

from noria.contract import ExitCode
from noria_store.error import StepError
from noria_store.log import set_up
from noria_store.s3 import S3, client

WAIT_SECONDS, PAUSE_SECONDS = 300.0, 1.0
"""How long to wait for the store, and between two attempts."""
log = structlog.stdlib.get_logger(__name__)


def make_bucket(name: str, environment: Mapping[str, str], *, wait: float = WAIT_SECONDS) -> None:
    """Make the bucket unless it is there. Raises StepError if the store cannot be reached in time, or refuses."""
    store = S3(client(environment))
    deadline = time.monotonic() + wait
    while True:
        try:
            made = store.make_bucket(name)
        except StepError as error:
            if error.exit_code != ExitCode.UNAVAILABLE or time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            log.info("bucket made" if made else "bucket is there", bucket=name)
            return


def main(name: str, environment: Mapping[str, str]) -> int:
    """Entry point; the exit code."""
    try:
        make_bucket(name, environment)
    except StepError as error:
        log.error(error.message, reason=error.reason)
        return error.exit_code
    return ExitCode.DONE


if __name__ == "__main__":
    set_up(text=sys.stderr.isatty())
    sys.exit(main(sys.argv[1], os.environ))
