"""Show the logs of a TrainingJob's trials, also of failed ones, whose pods are gone.

    noria logs clothes
    noria logs clothes --trial t2 --tail 20
    noria logs clothes --step conclude
    noria logs dataset/clothes

Of a pod that runs, its log so far; of one that has ended, its last 100 lines, which are kept in the bucket.
"""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from noria.api import Dataset, TrainingJob
from noria.api.training_job import TrialState, TrialStatus
from noria.contract import ExitCode, place
from noria.contract.place import Places
from noria.resources.labels import RUN, STEP, TRAINING_JOB, TRIAL
from noria.runtime.resource_type import POD, TYPES
from noria_cli.cluster.option import add_cluster
from noria_cli.code import NOT_READY
from noria_cli.held import job_or_dataset, root_of
from noria_cli.named import read
from noria_cli.output import tell
from noria_store.error import StepError

if TYPE_CHECKING:
    from noria_cli.cluster.connection import Cluster
    from noria_store.store import Store

HELP = "show the logs of trials and steps, also of failed ones"
STEPS = ("choose", "train", "conclude")
NO_LOG = "no log: it has not begun, or was killed before it could keep one"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add(
        "object", type=job_or_dataset, metavar="JOB", help="a TrainingJob; dataset/NAME shows what its profile run said"
    )
    add("--trial", metavar="NAME", help="only this trial, such as t2 (default: all)")
    add("--step", choices=STEPS, default="train", metavar="STEP", help=f"{', '.join(STEPS)} (default: %(default)s)")
    add("--tail", type=int, default=100, metavar="N", help="last lines of each log (default: %(default)s)")
    add_cluster(parser)


def main(arguments: argparse.Namespace) -> int:
    """Print the logs; the exit code."""
    from noria_cli.cluster.connection import connect
    from noria_cli.cluster.store import bucket

    cluster = connect(arguments)
    body = read(cluster, arguments.object)
    with bucket(cluster) as store:
        if arguments.object.kind is TrainingJob:
            logs = _of_job(cluster, TrainingJob.model_validate(body), store, arguments)
        elif arguments.object.kind is Dataset:
            logs = _of_dataset(Dataset.model_validate(body), store)
        else:
            message = f"{arguments.object} has no logs of its own: name its TrainingJob"
            raise StepError(ExitCode.BAD_ORDER, "BadArguments", message)
        found = [_shown(title, text, arguments.tail) for title, text in logs]
    return ExitCode.DONE if any(found) else NOT_READY


Logs = Iterator[tuple[str, str]]
"""A title and a log, empty where there is none."""


def _shown(title: str, text: str, most: int) -> bool:
    """Print a log; whether there is one."""
    lines = text.splitlines()[-most:] if most > 0 else []
    tell("\n".join([f"==> {title} <==", *(lines or [NO_LOG])]))
    return bool(lines)


def _of_dataset(found: Dataset, store: "Store") -> Logs:
    status, metadata = found.status, found.metadata
    folder = Places(root_of([status.to_dict()])).dataset(metadata.namespace, metadata.name)
    report = place.profile_report(folder, uid=metadata.uid, number=status.profile_number)
    yield f"profile {status.profile_number}", _text(store, place.log(report))


def _of_job(cluster: "Cluster", job: TrainingJob, store: "Store", arguments: argparse.Namespace) -> Logs:
    if job.status.run is None:
        message = f"TrainingJob {job.metadata.name} has not begun: see `noria why trainingjob/{job.metadata.name}`"
        raise StepError(ExitCode.UNAVAILABLE, "NotReady", message)
    run = _folder(cluster, job)
    if arguments.step == "choose":
        yield "choose", _last(store, run, "choose") or _of_pod(cluster, job, "choose")
    elif arguments.step == "conclude":
        yield "conclude", _last(store, place.best(run), "log") or _of_pod(cluster, job, "conclude")
    else:
        yield from _of_trials(cluster, job, store, arguments.trial)


def _of_trials(cluster: "Cluster", job: TrainingJob, store: "Store", name: str | None) -> Logs:
    trials = job.status.trials
    wanted = [each for each in trials if name is None or each.name in (name, f"t{name}")]
    if not wanted:
        known = ", ".join(each.name for each in trials) or "none yet"
        message = f"TrainingJob {job.metadata.name} has no trial {name}: known are {known}"
        raise StepError(ExitCode.BAD_DATA, "NotFound", message)
    run = _folder(cluster, job)
    for trial in wanted:
        ending = f"{trial.state}: {trial.failure}" if trial.failure else trial.state.value
        kept = _text(store, trial.log_uri) if trial.log_uri else _last(store, place.trial(run, trial.name), "log")
        newer = _of_pod(cluster, job, "train", trial.name) if _asks_pod(trial, kept) else ""
        yield f"{trial.name}, {ending}", newer or kept


def _asks_pod(trial: TrialStatus, kept: str) -> bool:
    """What runs has its newest log in its pod, and what was killed before it could keep one has its only one there."""
    return trial.state is TrialState.RUNNING or (not kept and trial.state is not TrialState.PENDING)


def _folder(cluster: "Cluster", job: TrainingJob) -> str:
    """The folder of the job's run."""
    metadata, number = job.metadata, job.status.run.number if job.status.run else 0
    dataset = cluster.find(TYPES["Dataset"].path(metadata.namespace, job.spec.dataset_ref.name)) or {}
    root = root_of([job.status.to_dict(), dataset.get("status")])
    return place.run(Places(root).runs(metadata.namespace, metadata.name, uid=metadata.uid), number)


def _of_pod(cluster: "Cluster", job: TrainingJob, step: str, trial: str | None = None) -> str:
    """The log of the step's newest pod; empty where there is none that has begun."""
    run = job.status.run.number if job.status.run else 0
    labels = {TRAINING_JOB: job.metadata.name, RUN: str(run), STEP: step} | ({TRIAL: trial} if trial else {})
    selector = ",".join(f"{key}={value}" for key, value in labels.items())
    pods = list(cluster.items(POD.path(cluster.namespace), labelSelector=selector))
    begun = [pod for pod in pods if pod.get("status", {}).get("phase") not in (None, "Pending")]
    if not begun:
        return ""
    newest = max(begun, key=lambda pod: str(pod["metadata"]["creationTimestamp"]))
    return cluster.text("GET", POD.path(cluster.namespace, newest["metadata"]["name"], "log"))


def _last(store: "Store", folder: str, start: str) -> str:
    """The log of the last attempt that wrote into the folder; `start` is what the names of such logs begin with."""
    names = [name for name in store.children(folder) if name.startswith(start) and name.endswith(".txt")]
    return _text(store, folder + max(names, key=lambda name: (len(name), name))) if names else ""


def _text(store: "Store", uri: str) -> str:
    return (store.find(uri) or b"").decode("utf-8", "replace")
