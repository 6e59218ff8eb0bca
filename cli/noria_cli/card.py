"""Show a model card: scores, trials, limits, and how to call the model.

    noria card clothes
    noria card clothes --open
    noria card trainingjob/clothes --out card/

Of a Model it is the card of the version that is served; --version names another one.
"""

import argparse
import tempfile
import webbrowser
from pathlib import Path

from noria.contract import ExitCode
from noria.contract.place import CARD, CARD_PAGE, folder_of
from noria_cli.cluster.option import add_cluster
from noria_cli.held import held, model_or_job
from noria_cli.output import tell
from noria_store.error import StepError
from noria_store.store import Store

HELP = "show a model card, or open it in the browser"
PARTS = frozenset({".png", *(Path(name).suffix for name in (CARD, CARD_PAGE))})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("object", type=model_or_job, metavar="NAME", help="a Model or a TrainingJob")
    add("--version", type=int, metavar="N", help="a Model's version (default: the served one)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--open", action="store_true", help="open it in the browser, with its pictures")
    where.add_argument("--out", type=Path, metavar="DIR", help="write it and its pictures into this folder")
    add_cluster(parser)


def main(arguments: argparse.Namespace) -> int:
    """Print, write or open the card; the exit code."""
    from noria_cli.cluster.connection import connect
    from noria_cli.cluster.store import bucket

    cluster = connect(arguments)
    uri = held(cluster, arguments.object, version=arguments.version).card
    with bucket(cluster) as store:
        if arguments.open or arguments.out:
            folder = arguments.out or Path(tempfile.mkdtemp(prefix="noria-card-"))
            page = written(store, uri, folder)
            tell(str(page))
        else:
            tell(store.read(uri).decode("utf-8", "replace").rstrip("\n"))
    if arguments.open and not webbrowser.open(page.as_uri()):
        message = f"no browser could be opened: open {page} yourself, or set BROWSER"
        raise StepError(ExitCode.UNAVAILABLE, "NoBrowser", message)
    return ExitCode.DONE


def written(store: Store, uri: str, folder: Path) -> Path:
    """Write the card and what belongs to it into a folder; the page to open, or the card's text."""
    beside = folder_of(uri)
    for name in store.children(beside):
        if Path(name).suffix in PARTS:
            store.download(beside + name, folder / name)
    page = folder / CARD_PAGE
    card = page if page.exists() else folder / CARD
    if not card.exists():
        raise StepError(
            ExitCode.BAD_DATA, "NotFound", f"there is no card at {uri}: its version was not trained by Noria"
        )
    return card.resolve()
