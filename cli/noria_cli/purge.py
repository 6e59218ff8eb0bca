"""Delete what a deleted Dataset, TrainingJob or Model left in the bucket: the data outlives the objects by design.

    noria purge s3://noria --namespace shop --dataset clothes
    noria purge s3://noria --namespace shop --training-job clothes --yes
    noria purge s3://noria --namespace shop --training-job clothes --spare models.json

Without --yes, it only lists what would be deleted. Purging a Dataset also deletes the results of its revisions from the
shared experience, so that later choices do not learn from them; a TrainingJob that still runs on it may add some again.

What Models of the namespace may serve again is kept, and the revisions that it was trained on: without these a Model
could not start new pods, and no candidate could be compared. The cluster is asked for the Models, with your rights;
where it cannot answer, give --spare a file with them.
"""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from noria.contract import ExitCode, visible
from noria.contract.place import MANIFEST, Places
from noria_cli.cluster.option import add_cluster
from noria_cli.own_store import own_store
from noria_cli.spare import needed
from noria_store.error import StepError
from noria_store.store import Store
from noria_store.uri import is_s3
from noria_trainers.experience.keep import Experience
from noria_trainers.progress import shown
from noria_trainers.wording import counted

HELP = "delete what a deleted Dataset, TrainingJob or Model left in the bucket"
BATCH = 1000
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("bucket", metavar="s3://BUCKET", help="where Noria keeps revisions and runs")
    parser.add_argument("-n", "--namespace", required=True, help="namespace of the deleted object")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--dataset", metavar="NAME", help="delete all revisions of this Dataset")
    which.add_argument("--training-job", metavar="NAME", help="delete all runs of this TrainingJob")
    which.add_argument("--model", metavar="NAME", help="delete all proofs of this Model's versions")
    models = parser.add_mutually_exclusive_group()
    models.add_argument(
        "--spare",
        metavar="FILE",
        help="keep what these Models need: `kubectl get models -A -o json`, - for stdin (default: ask the cluster)",
    )
    models.add_argument("--spare-nothing", action="store_true", help="delete also what Models need")
    parser.add_argument("--uid", help="only the runs of the TrainingJob with this uid, not of others with its name")
    parser.add_argument("--yes", action="store_true", help="delete instead of listing")
    add_cluster(parser, namespace=False)


def main(args: argparse.Namespace) -> int:
    """Print what is there and, with --yes, delete it; the exit code."""
    folder = _folder(args)
    with own_store(args, args.bucket) as store:
        return _purged(args, folder, store)


def _purged(args: argparse.Namespace, folder: str, store: Store) -> int:
    spared = _spared(args)
    whole = list(store.list(folder))
    found = [each for each in whole if not each[0].startswith(spared)]
    size = sum(size for _, size in found)
    print(f"{folder}: {counted(len(found), 'object')}, {_in_words(size)}")
    if len(found) < len(whole):
        print(f"kept, since Models may need them: {counted(len(whole) - len(found), 'object')}")
    revisions = _revisions(folder, [uri for uri, _ in found]) if args.dataset is not None else ()
    if revisions:
        names = visible(", ".join(revisions))
        print(f"results of {counted(len(revisions), 'revision')} in the shared experience: {names}")
    if not found or not args.yes:
        if found:
            print("nothing deleted; add --yes to delete them")
        return ExitCode.DONE
    if revisions:  # first, since the files to delete name the revisions
        gone = Experience(store, Places(args.bucket).experience).forget(revisions)
        print(f"deleted {counted(gone, 'result')} from the shared experience")
    _delete(store, [uri for uri, _ in found])
    print("deleted")
    return ExitCode.DONE


def _spared(args: argparse.Namespace) -> tuple[str, ...]:
    """Folders to keep. Proofs are of the Model that is deleted, and no other needs them."""
    if args.spare_nothing or args.model is not None:
        return ()
    return needed(args, Places(args.bucket))


def _folder(args: argparse.Namespace) -> str:
    """The folder of the named object: never a bucket, a namespace or a part of a name."""
    given = (args.namespace, args.dataset, args.training_job, args.model, args.uid)
    names = [each for each in given if each is not None]
    if args.uid is not None and args.training_job is None:
        raise StepError(ExitCode.BAD_ORDER, "BadArgument", "--uid requires --training-job")
    for each in names:
        if not _NAME.fullmatch(each):
            raise StepError(ExitCode.BAD_ORDER, "BadArgument", f"{each!r} is not a valid name of a Kubernetes object")
    if not is_s3(args.bucket) and not Path(args.bucket).is_absolute():
        message = f"{args.bucket!r} is no bucket: write s3://{args.bucket}, or the absolute path of a folder"
        raise StepError(ExitCode.BAD_ORDER, "BadAddress", message)
    places = Places(args.bucket)
    if args.dataset is not None:
        return places.dataset(args.namespace, args.dataset)
    if args.model is not None:
        return places.proofs(args.namespace, args.model)
    return places.runs(args.namespace, args.training_job, uid=args.uid)


def _revisions(folder: str, uris: Sequence[str]) -> tuple[str, ...]:
    """Ids of the revisions in a Dataset's folder."""
    names = (uri.removeprefix(folder).split("/") for uri in uris)
    return tuple(sorted(parts[0] for parts in names if parts[1:] == [MANIFEST]))


def _delete(store: Store, uris: Sequence[str]) -> None:
    batches = [uris[start : start + BATCH] for start in range(0, len(uris), BATCH)]
    for batch in shown(batches, what="deleting", total=len(batches), unit="thousands"):
        store.delete(*batch)


def _in_words(size: int) -> str:
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return counted(size, "byte")
