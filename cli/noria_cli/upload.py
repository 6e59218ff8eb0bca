"""Check local examples as the operator would, upload them, and print the Dataset's YAML or apply it.

    noria upload clothes/ s3://noria/sources/clothes/ --task ImageClassification | kubectl apply -f -
    noria upload rows.csv s3://noria/sources/rows.csv --task TabularRegression --target price --serve
    noria upload more/ s3://noria/sources/clothes/ --now

A folder is uploaded below the URI, a file becomes the object at the URI. Problems are printed to standard error
before anything is uploaded. The bucket is the cluster's, unless AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
AWS_ENDPOINT_URL and AWS_REGION name another one.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from noria.contract import HOLDOUT_FRACTION, Column, ColumnType, ExitCode, ProfileOrder, Severity, Source, Task, visible
from noria.runtime.resource_type import TYPES
from noria_cli import apply, look
from noria_cli.age import present
from noria_cli.argument import add_holdout, one_of
from noria_cli.cluster.option import add_cluster
from noria_cli.flag import in_flags
from noria_cli.own_store import own_store
from noria_store.error import StepError
from noria_store.store import Store
from noria_store.uri import is_s3, join
from noria_trainers.data import source
from noria_trainers.data.format import infer_format
from noria_trainers.data.parallel import in_order
from noria_trainers.data.source import File
from noria_trainers.examine import Examined, examine
from noria_trainers.modality.modality import modality_of, told_by
from noria_trainers.progress import shown
from noria_trainers.wording import counted, listed

HELP = "check local examples, upload them, and make a Dataset of them"
LONGEST_NAME = 40
FLAGS = frozenset({"--task", "--target", "--column"})
"""That say what fields of a Dataset do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "source", type=Path, metavar="DIR|FILE", help="folder with a subfolder per class, archive of one, or table"
    )
    parser.add_argument("uri", metavar="s3://BUCKET/PATH", help="where to upload it")
    parser.add_argument(
        "--task",
        type=one_of(Task),
        metavar="TASK",
        help=f"{', '.join(Task)}; default: inferred from the files in a folder",
    )
    parser.add_argument("--target", help="column to predict, for tables and texts in files")
    parser.add_argument(
        "--column", action="append", default=[], metavar="NAME=TYPE", help=f"type of a column: {', '.join(ColumnType)}"
    )
    add_holdout(parser)
    parser.add_argument("--name", help="name of the Dataset (default: derived from the source's name)")
    parser.add_argument("--now", action="store_true", help="have the Datasets that read this place look again at once")
    then = parser.add_mutually_exclusive_group()
    then.add_argument("--apply", action="store_true", help="make the Dataset instead of printing it")
    then.add_argument("--train", action="store_true", help="make it, and a TrainingJob of its name")
    then.add_argument("--serve", action="store_true", help="make both, and a Model of their name")
    parser.add_argument(
        "--trials", type=int, choices=range(1, 11), metavar="N", help="configurations to train (default: the kind's)"
    )
    add_cluster(parser)


def main(args: argparse.Namespace) -> int:
    """Check, upload, print; the exit code. Raises StepError where the source or the store cannot be used."""
    if not is_s3(args.uri):
        raise StepError(ExitCode.BAD_ORDER, "BadAddress", f"{args.uri} is not of the form s3://BUCKET/PATH")
    for path in filter(None, (args.source, args.holdout)):
        if not path.exists():
            raise StepError(ExitCode.BAD_DATA, "NotFound", f"{path} does not exist: check the path")
    with own_store(args, args.uri) as store:
        return _checked_and_uploaded(args, store)


def _checked_and_uploaded(args: argparse.Namespace, store: Store) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        local = Source(uri=args.source.resolve().as_posix())
        files = source.find(local, store, Path(scratch))
        uri = _destination(args)
        dataset = _dataset(args, files, uri)
        known = _known(store, uri)
        others = _others(known, uri, files) if args.source.is_dir() else []
        examined = examine(_order(args, dataset["spec"]["task"], local), store, Path(scratch))
        held = source.find(Source(uri=args.holdout.resolve().as_posix()), store, Path(scratch)) if args.holdout else []
    _tell(examined, others)
    if examined.accepted is None:
        return ExitCode.BAD_DATA
    _upload(store, files, uri)
    apart = [file for file in held if file.uri not in {each.uri for each in files}]
    if apart:
        _upload(store, apart, dataset["spec"]["holdout"]["uri"])
    if args.apply or args.train or args.serve:
        apply.apply(args, dataset)
    else:
        yaml.safe_dump(dataset, sys.stdout, sort_keys=False, allow_unicode=True)
        sys.stdout.flush()
    _notify(args, dataset, was_there=bool(known))
    return ExitCode.DONE


def _notify(args: argparse.Namespace, dataset: dict[str, Any], *, was_there: bool) -> None:
    """Have the Datasets that read what was uploaded look again, or say how; a new place has none."""
    spec, metadata = dataset["spec"], dataset["metadata"]
    if args.now:
        uris = [part["uri"] for part in (spec["source"], spec.get("holdout", {})) if "uri" in part]
        names = look.ask(apply.cluster(args), uris, present())
        words = f"asked to look again: {listed(names)}" if names else "no Dataset reads this place yet: apply the YAML"
        print(words, file=sys.stderr)
    elif was_there:
        words = "if a Dataset reads this place already, have it look again (or upload with --now)"
        print(f"{words}: {look.command(metadata['name'], args.namespace)}", file=sys.stderr)


def _order(args: argparse.Namespace, task: Task, local: Source) -> ProfileOrder:
    """What a profile of the local files would be asked."""
    return ProfileOrder(
        task=task,
        source=local,
        target=args.target,
        columns=_columns(args.column),
        holdout_fraction=args.holdout_fraction or HOLDOUT_FRACTION,
        holdout_column=args.holdout_column,
        holdout_uri=args.holdout.resolve().as_posix() if args.holdout else None,
        destination="",
        report="",
    )


def _holdout(args: argparse.Namespace, uri: str) -> dict[str, Any]:
    """The Dataset's hold-out. Its files lie beside the others at `uri`, unless they are in the same folder."""
    if args.holdout_column:
        return {"column": args.holdout_column}
    if args.holdout_fraction:
        return {"fraction": args.holdout_fraction}
    if args.holdout is None:
        return {}
    path, whole = args.holdout.resolve(), args.source.resolve()
    if path.is_relative_to(whole):
        return {"uri": uri + path.relative_to(whole).as_posix() + "/" * path.is_dir()}
    folder, _, name = uri.rstrip("/").rpartition("/")
    _, dot, suffix = path.name.partition(".")
    return {"uri": f"{folder}/{name.partition('.')[0]}-holdout" + ("/" if path.is_dir() else dot + suffix)}


def _destination(args: argparse.Namespace) -> str:
    uri: str = args.uri
    if args.source.is_dir():
        return join(uri, "")
    return uri + args.source.name if uri.endswith("/") else uri


def _dataset(args: argparse.Namespace, files: Sequence[File], uri: str) -> dict[str, Any]:
    task = Task(args.task) if args.task else _task(args.source, files)
    spec: dict[str, Any] = {"task": task.value, "source": {"uri": uri}}
    found = infer_format(Source(uri=args.source.as_posix()), modality_of(task).formats, files)
    spec["source"]["format"] = found.value
    if args.target:
        spec["target"] = args.target
    if args.column:
        spec["columns"] = [{"name": each.name, "type": each.type.value} for each in _columns(args.column)]
    if holdout := _holdout(args, uri):
        spec["holdout"] = holdout
    metadata = {"name": args.name or _name(args.source)}
    if args.namespace:
        metadata["namespace"] = args.namespace
    return {"apiVersion": TYPES["Dataset"].api_version, "kind": "Dataset", "metadata": metadata, "spec": spec}


def _task(path: Path, files: Sequence[File]) -> Task:
    """The only task that a folder's files fit; a table fits several."""
    task = told_by([file.name for file in files])
    if task is not None:
        return task
    words = f"cannot infer the task of {path}: add --task, one of {', '.join(Task)}"
    raise StepError(ExitCode.BAD_ORDER, "NoTask", words)


def _name(path: Path) -> str:
    """A name that Kubernetes takes, from the source's."""
    stem = path.resolve().name.partition(".")[0].lower()
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-0123456789")[:LONGEST_NAME].rstrip("-") or "dataset"


def _columns(arguments: Sequence[str]) -> tuple[Column, ...]:
    columns = []
    for argument in arguments:
        name, _, kind = argument.rpartition("=")
        if not name or kind not in [*ColumnType]:
            words = f"--column {argument}: expected NAME=TYPE, where TYPE is one of {', '.join(ColumnType)}"
            raise StepError(ExitCode.BAD_ORDER, "BadColumn", words)
        columns.append(Column(name=name, type=ColumnType(kind)))
    return tuple(columns)


def _known(store: Store, uri: str) -> list[str]:
    """What lies at the URI already; the first request, so wrong keys fail at once."""
    if uri.endswith("/"):
        return [found for found, _ in store.list(uri)]
    return [uri] if store.exists(uri) else []


def _others(known: Sequence[str], uri: str, files: Sequence[File]) -> list[str]:
    """Files below the URI that are not replaced."""
    names = {file.name for file in files}
    return [name for found in known if (name := found.removeprefix(uri)) not in names]


def _tell(examined: Examined, others: Sequence[str]) -> None:
    for finding in examined.findings.all():
        print(f"{finding.severity}: {in_flags(finding.message, FLAGS)}", file=sys.stderr)
    if others:
        words = (
            f"{counted(len(others), 'file')} already at the destination will be part of the dataset: {listed(others)}"
        )
        print(f"{Severity.WARNING}: {visible(words)}; delete them if this is not intended", file=sys.stderr)
    examples = examined.examples
    if examples is not None:
        classes = f" of {counted(len(examples.classes), 'class')}" if examples.classes else ""
        print(f"{counted(examined.count, 'example')}{classes}", file=sys.stderr)


def _upload(store: Store, files: Sequence[File], uri: str) -> None:
    def put(file: File) -> None:
        store.upload(Path(file.uri), uri + file.name if uri.endswith("/") else uri)

    for _ in shown(in_order(put, files), what="uploading", total=len(files), unit="files"):
        pass
    print(f"uploaded {counted(len(files), 'file')} to {uri}", file=sys.stderr)
