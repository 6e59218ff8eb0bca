"""Deletes what a deleted Dataset or TrainingJob left in the bucket, which outlives the objects by design.

    noria-trainer purge s3://noria --namespace shop --dataset clothes
    noria-trainer purge s3://noria --namespace shop --training-job clothes --yes

Without --yes it only tells what would go. A Model that serves a version of the job can start no new pods afterwards.
"""

import argparse
import re
from collections.abc import Sequence

from noria.contract import ExitCode
from noria_trainers.error import StepError
from noria_trainers.profile.finding import counted
from noria_trainers.progress import shown
from noria_trainers.store import Store, join

HELP = "delete what a deleted Dataset or TrainingJob left in the bucket"
BATCH = 1000
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("bucket", metavar="s3://BUCKET", help="where Noria keeps revisions and runs")
    parser.add_argument("--namespace", required=True, help="of the deleted object")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--dataset", metavar="NAME", help="delete all revisions of this Dataset")
    which.add_argument("--training-job", metavar="NAME", help="delete all runs of this TrainingJob")
    parser.add_argument("--uid", help="only the runs of the TrainingJob that had this uid, not of its namesakes")
    parser.add_argument("--yes", action="store_true", help="really delete")


def main(args: argparse.Namespace) -> int:
    """Tell what is there and, if wanted, delete it; the exit code."""
    folder = _folder(args)
    store = Store.from_environment()
    found = list(store.list(folder))
    size = sum(size for _, size in found)
    print(f"{folder}: {counted(len(found), 'object')}, {_in_words(size)}")
    if not found or not args.yes:
        if found:
            print("nothing was deleted; add --yes to delete them")
        return ExitCode.DONE
    _delete(store, [uri for uri, _ in found])
    print("deleted")
    return ExitCode.DONE


def _folder(args: argparse.Namespace) -> str:
    """The folder of the named object: never a bucket, a namespace or a part of a name."""
    kind, name = ("datasets", args.dataset) if args.dataset is not None else ("runs", args.training_job)
    names = [args.namespace, name] + ([args.uid] if args.uid is not None else [])
    if args.uid is not None and args.dataset is not None:
        raise StepError(ExitCode.BAD_ORDER, "BadArgument", "--uid goes with --training-job only")
    for each in names:
        if not _NAME.fullmatch(each):
            raise StepError(ExitCode.BAD_ORDER, "BadArgument", f"{each!r} is no name of a Kubernetes object")
    return join(args.bucket, kind, *names, "")


def _delete(store: Store, uris: Sequence[str]) -> None:
    batches = [uris[start : start + BATCH] for start in range(0, len(uris), BATCH)]
    for batch in shown(batches, what="deleting", total=len(batches), unit="thousands"):
        store.delete(*batch)


def _in_words(size: int) -> str:
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return counted(size, "byte")
