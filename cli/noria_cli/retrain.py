"""Have a TrainingJob train once more, on the newest revision of its Dataset.

    noria retrain clothes
    noria retrain clothes --watch

The annotation that asks for it changes nothing in the spec. A run that is in progress ends first.
"""

import argparse
import time
from datetime import datetime
from typing import TYPE_CHECKING

from noria.api import TrainingJob
from noria.api.kind import REQUESTED_AT
from noria.contract import ExitCode
from noria_cli import status
from noria_cli.age import present
from noria_cli.cluster.option import add_cluster
from noria_cli.named import Named, read
from noria_cli.output import tell
from noria_store.error import StepError

if TYPE_CHECKING:
    from noria_cli.cluster.connection import Cluster

HELP = "train once more, on the newest examples"
START_SECONDS = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("job", metavar="JOB", help="a TrainingJob")
    parser.add_argument("-w", "--watch", action="store_true", help="go on until the run has ended")
    add_cluster(parser)


def main(arguments: argparse.Namespace) -> int:
    """Ask for the run; the exit code."""
    from noria_cli.cluster.connection import connect

    cluster, wanted = connect(arguments), Named(TrainingJob, arguments.job)
    job = TrainingJob.model_validate(read(cluster, wanted))
    ask(cluster, job, present())
    if not arguments.watch:
        tell(f"asked {wanted} to train again: follow it with `noria status {wanted} --watch`")
        return ExitCode.DONE
    _wait_for_start(cluster, wanted)
    return status.code(status.watch(cluster, wanted))


def ask(cluster: "Cluster", job: TrainingJob, now: datetime) -> None:
    """Set the annotation that requests a run."""
    metadata = {"annotations": {REQUESTED_AT: now.isoformat()}}
    cluster.merge(Named(TrainingJob, job.metadata.name).path(cluster.namespace), {"metadata": metadata})


def _wait_for_start(cluster: "Cluster", wanted: Named) -> None:
    """Return once the run that was asked for has begun, or an earlier one goes on."""
    from noria.decisions.training_job.cause import request_of

    end = time.monotonic() + START_SECONDS
    while True:
        job = TrainingJob.model_validate(status.patiently(lambda: read(cluster, wanted)))
        run = job.status.run
        if run and (run.request == request_of(job) or run.finished_at is None):
            return
        if time.monotonic() > end:
            message = f"no run has begun after {START_SECONDS:.0f} s: see `noria why {wanted}` and `noria doctor`"
            raise StepError(ExitCode.TRY_AGAIN, "TimedOut", message)
        time.sleep(1)
