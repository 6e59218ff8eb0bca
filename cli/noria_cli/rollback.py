"""Serve an earlier version of a Model, until that is undone or a person promotes a newer one.

    noria rollback clothes
    noria rollback clothes 5 --watch
    noria rollback clothes --undo

Without a version it is the one that was promoted before. Candidates are still compared, and promoted for later.
You need the ClusterRole noria-approver in the namespace, and are named as the one who decided.
"""

import argparse

from noria.api import Model
from noria.api.promotion import SERVE
from noria.contract import ExitCode, Verdict
from noria_cli import decide
from noria_cli.named import Named
from noria_cli.output import tell
from noria_store.error import StepError

HELP = "serve an earlier version of a Model"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    decide.add_arguments(parser, version="the version to serve (default: the one before)", nargs="?")
    parser.add_argument("--undo", action="store_true", help="serve what is promoted again")


def main(arguments: argparse.Namespace) -> int:
    """Roll back, or undo that; the exit code."""
    from noria_cli.cluster.connection import connect

    cluster, wanted = connect(arguments), Named(Model, arguments.model)
    if arguments.undo:
        decide.unpin(cluster, wanted)
        tell(f"{wanted}: what is promoted serves again")
        return decide.watched(cluster, wanted) if arguments.watch else ExitCode.DONE
    version = arguments.version
    if version is None:
        version = before(decide.model_of(cluster, wanted))
    return decide.decide(arguments, SERVE, version, "serves until `--undo`, chosen")


def before(model: Model) -> int:
    """The version that was promoted before the one that is served. Raises StepError where there is none."""
    served = next((each for each in model.status.versions if each.version == model.status.served), None)
    promoted = [
        each
        for each in model.status.versions
        if each.promoted_at and each is not served and (each.verdict is None or each.verdict.result is Verdict.PROMOTED)
    ]
    earlier = [each for each in promoted if not served or (each.promoted_at or "") < (served.promoted_at or "~")]
    if not earlier:
        message = (
            f"Model {model.metadata.name} has no version that was promoted before: `noria status` lists its versions"
        )
        raise StepError(ExitCode.BAD_ORDER, "NotFound", message)
    return max(earlier, key=lambda each: each.promoted_at or "").version
