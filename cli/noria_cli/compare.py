"""Show two versions of a Model side by side, with the comparison that was made before one replaced the other.

    noria compare clothes
    noria compare clothes 6 7
    noria compare clothes 7 --output json

One version is shown beside what served when it came; without any it is the newest.
"""

import argparse
import textwrap
from typing import TYPE_CHECKING, Any

from noria.api import Model
from noria.api.model import VersionStatus
from noria.contract import ExitCode
from noria.contract.place import folder_of
from noria_cli import decide
from noria_cli.cluster.option import add_cluster
from noria_cli.held import versioned
from noria_cli.named import Named
from noria_cli.output import add_output, columns, show
from noria_cli.score import told as score_told
from noria_store.error import StepError
from noria_trainers.wording import counted

if TYPE_CHECKING:
    from noria_cli.cluster.connection import Cluster
    from noria_trainers.proof.kept import Proof

HELP = "show two versions of a Model side by side"
WIDTH = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="name of the Model")
    parser.add_argument("versions", type=int, nargs="*", metavar="VERSION", help="one or two versions")
    add_output(parser)
    add_cluster(parser)


def main(arguments: argparse.Namespace) -> int:
    """Print both versions and the comparison; the exit code."""
    from noria_cli.cluster.connection import connect

    if len(arguments.versions) > 2:
        raise StepError(ExitCode.BAD_ORDER, "BadArguments", "name at most two versions")
    cluster = connect(arguments)
    model = decide.model_of(cluster, Named(Model, arguments.model))
    pair = [versioned(model, number) for number in arguments.versions] or _newest(model)
    proof = _proof(cluster, pair, model)
    if len(pair) == 1:
        pair = [versioned(model, proof.case.served), *pair] if proof and proof.case.served else pair
    pair.sort(key=lambda version: version.version)
    value = {
        "versions": [each.to_dict() for each in pair],
        "proof": proof and proof.model_dump(mode="json", exclude={"keys"}),
    }
    show(arguments.output, value, lambda: _told(model, pair, proof))
    return ExitCode.DONE


def _newest(model: Model) -> list[VersionStatus]:
    if not model.status.versions:
        message = f"Model {model.metadata.name} has no version yet: see `noria why model/{model.metadata.name}`"
        raise StepError(ExitCode.UNAVAILABLE, "NotReady", message)
    return [model.status.versions[-1]]


def _proof(cluster: "Cluster", pair: list[VersionStatus], model: Model) -> "Proof | None":
    """The comparison of these versions; of one version, the one that was made of it."""
    from noria_cli.cluster.store import bucket
    from noria_trainers.proof import kept

    numbers = {each.version for each in pair}
    uris = [uri for each in pair if (uri := _report_of(each, model))]
    if not uris:
        return None
    with bucket(cluster) as store:
        for uri in filter(store.exists, uris):
            found, _ = kept.read(folder_of(uri), store)
            if numbers <= {found.case.candidate, found.case.served, found.case.anchor}:
                return found
    return None


def _report_of(version: VersionStatus, model: Model) -> str | None:
    """Where the comparison of a candidate is."""
    candidate = model.status.candidate
    if candidate and candidate.version == version.version:
        return candidate.proof.report_uri if candidate.proof else None
    return version.verdict.report_uri if version.verdict else None


def _told(model: Model, pair: list[VersionStatus], proof: "Proof | None") -> str:
    head = (
        "",
        *(f"version {each.version}{' (served)' if each.version == model.status.served else ''}" for each in pair),
    )
    facts = [_facts(each) for each in pair]
    rows = [head, *((name, *(fact[name] for fact in facts)) for name in facts[0])]
    parts = [columns([row for row in rows if row is head or any(cell != "-" for cell in row[1:])])]
    if proof is None:
        parts.append("no comparison of these versions is kept: their scores are of different hold-out sets")
    else:
        parts.append(_of_proof(proof))
    return "\n\n".join(parts)


def _facts(version: VersionStatus) -> dict[str, str]:
    verdict = version.verdict
    return {
        "made by": version.origin or "-",
        "dataset": version.dataset or "-",
        "revision": version.revision or "-",
        "score": score_told(version.metric, version.score),
        "created": version.created_at or "-",
        "promoted": version.promoted_at or "-",
        "verdict": f"{verdict.result} ({verdict.reason}) by {verdict.by}" if verdict else "-",
    }


def _of_proof(proof: "Proof") -> str:
    from noria_trainers.proof import card

    case, report = proof.case, proof.report
    lines = [f"version {case.candidate} beside version {case.served}: {report.result} ({report.reason})"]
    lines += textwrap.wrap(report.message, WIDTH)
    if proof.seen:
        lines.append(
            f"{proof.seen:,} of {counted(proof.held_out, 'held-out example')} were seen in training and left out"
        )
    tables: list[Any] = [f"{title}:\n{columns(rows, indent=2)}" for title, rows in card.tables(proof)]
    return "\n\n".join(["\n".join(lines), *tables])
