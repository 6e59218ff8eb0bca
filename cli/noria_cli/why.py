"""Say why an object is as it is, in plain words and with what to do; or judge a Model's candidate once more.

    noria why dataset/clothes
    noria why trainingjob/clothes
    noria why model/clothes --version 7
    noria why s3://noria/proofs/shop/clothes/6f3d/7/proof.json
    noria why s3://noria --namespace shop --model clothes

The first three ask the cluster for conditions, the choice of configurations, the verdict on a version. The last two
read a proof in the bucket and judge it once more: a verdict's reportURI, or the proof of the latest version.
"""

import argparse
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from noria.contract import ExitCode, visible
from noria.contract.place import PROOF, Places, best, folder_of, unreported
from noria_cli.cluster.option import add_cluster
from noria_cli.named import WORDS, Named, named, read
from noria_cli.own_store import own_store
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.wording import counted

if TYPE_CHECKING:
    from noria_trainers.proof.kept import Proof

HELP = "say why an object is as it is, and what to do"
WIDTH = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add(
        "proof",
        type=_wanted,
        metavar="KIND/NAME|URI",
        help="an object; or a verdict's reportURI, or s3://BUCKET with --namespace and --model",
    )
    add("--model", metavar="NAME", help="with s3://BUCKET: the Model")
    add("--version", type=int, metavar="N", help="the Model's version (default: the latest)")
    add_cluster(parser)


def main(arguments: argparse.Namespace) -> int:
    """Print the account of an object, or judge a proof once more; the exit code."""
    if isinstance(arguments.proof, Named):
        from noria_cli.account import account
        from noria_cli.cluster.connection import connect

        body = read(connect(arguments), arguments.proof)
        print(account(body, version=arguments.version))
        return ExitCode.DONE
    return _judge(arguments)


def _wanted(text: str) -> Named | str:
    """An argparse type: an object, or the place of a proof."""
    return named(text) if text.count("/") == 1 and text.partition("/")[0].lower() in WORDS else text


def _judge(arguments: argparse.Namespace) -> int:
    """Print the verdict with its figures, and whether the kept answers lead to it."""
    from noria_trainers.proof import kept  # the statistics take a second to import

    with own_store(arguments, arguments.proof) as store:
        proof, compared = kept.read(_folder(arguments, store), store)
        lines = [*_told(proof), *_failures(proof, store)]
    found = kept.judged(proof.case, compared)
    print(visible("\n".join(lines), lines=True))
    verdict = f"{found.finding.result} ({found.finding.reason})"
    if kept.is_same(proof, found):
        print(f"\nJudged once more from {counted(proof.examples, 'example')}: the same, {verdict}.")
        return ExitCode.DONE
    print(f"\nJudged once more from {counted(proof.examples, 'example')}: {verdict}, which differs from the report.")
    return ExitCode.BAD_DATA


def _folder(arguments: argparse.Namespace, store: Store) -> str:
    """The proof's folder. Raises StepError where there is none, or where it is not clear which one is meant."""
    if arguments.model is None and arguments.namespace is None:
        uri = arguments.proof if "://" in arguments.proof else str(Path(arguments.proof).resolve())
        return folder_of(uri) if uri.endswith(PROOF) else uri
    if not (arguments.model and arguments.namespace):
        raise StepError(ExitCode.BAD_ORDER, "BadArguments", "give --namespace together with --model")
    place = Places(arguments.proof).proofs(arguments.namespace, arguments.model)
    folders = [folder_of(uri) for uri, _ in store.list(place) if uri.endswith(f"/{PROOF}")]
    versions = {folder: int(folder.rstrip("/").rpartition("/")[2]) for folder in folders}
    wanted = arguments.version if arguments.version is not None else max(versions.values(), default=None)
    chosen = [folder for folder, version in versions.items() if version == wanted]
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        message = f"Models of this name had several proofs of version {wanted}: name one of {', '.join(chosen)}"
        raise StepError(ExitCode.BAD_ORDER, "Ambiguous", message)
    known = ", ".join(str(version) for version in sorted(set(versions.values()))) or "none"
    message = f"there is no such proof below {place}: versions with a proof are {known}"
    raise StepError(ExitCode.BAD_DATA, "NotFound", message)


def _told(proof: "Proof") -> Iterator[str]:
    from noria_trainers.proof import card

    case, report = proof.case, proof.report
    yield f"version {case.candidate} beside version {case.served}: {report.result} ({report.reason})"
    yield from textwrap.wrap(report.message, WIDTH)
    if proof.seen:
        yield f"{proof.seen:,} of {counted(proof.held_out, 'held-out example')} were seen in training and left out"
    for title, rows in card.tables(proof):
        yield ""
        yield f"{title}:"
        yield from _aligned(rows)


def _failures(proof: "Proof", store: Store) -> Iterator[str]:
    """Where the logs of those trials of the candidate's run are that failed; none for what no run made."""
    run = folder_of(folder_of(proof.artifact).rstrip("/"))
    if folder_of(proof.artifact) != best(run):
        return
    logs = unreported(uri for uri, _ in store.list(run))
    if logs:
        yield ""
        yield "Logs of trials of the candidate's run that failed:"
        yield from (f"  {uri}" for uri in logs)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The rows as columns, the first to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join([f"  {first.ljust(widths[0])}", *cells]).rstrip()
