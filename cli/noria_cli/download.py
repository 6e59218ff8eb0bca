"""Download a model: its SavedModel, verified by its digest, ready for noria-server and TensorFlow Serving.

    noria download clothes
    noria download clothes --version 6 --out models/clothes
    noria download trainingjob/clothes --archive

It lies in a folder of the version's number, so that a server takes --model_base_path=$PWD/clothes.
"""

import argparse
from pathlib import Path

from noria.contract import ExitCode
from noria.contract.place import MODEL
from noria_cli.cluster.option import add_cluster
from noria_cli.held import held, model_or_job
from noria_cli.output import tell
from noria_store import verified
from noria_store.error import StepError

HELP = "download a model, verified by its digest"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("object", type=model_or_job, metavar="NAME", help="a Model or a TrainingJob")
    add("--version", type=int, metavar="N", help="a Model's version (default: the served one)")
    add("--out", type=Path, metavar="DIR", help="folder of versions (default: the object's name)")
    add("--archive", action="store_true", help="keep the tar file instead of its content")
    add_cluster(parser)


def main(arguments: argparse.Namespace) -> int:
    """Download; the exit code."""
    from noria_cli.cluster.connection import connect
    from noria_cli.cluster.store import bucket

    cluster = connect(arguments)
    found = held(cluster, arguments.object, version=arguments.version)
    named = arguments.object if isinstance(arguments.object, str) else arguments.object.name
    folder = (arguments.out or Path(named)) / found.name
    path = folder / MODEL if arguments.archive else folder
    if path.exists():
        raise StepError(ExitCode.BAD_ORDER, "Exists", f"{path} exists: delete it, or name another folder with --out")
    with bucket(cluster) as store:
        if arguments.archive:
            verified.download(found.artifact, path, store)
        else:
            verified.unpacked(found.artifact, path, store)
    tell(f"{path}: version {found.name}, {found.artifact.digest}")
    return ExitCode.DONE
