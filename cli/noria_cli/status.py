"""Show Datasets, TrainingJobs and Models, how far they are, and what became of them.

    noria status
    noria status trainingjob/clothes --watch
    noria status --all-namespaces --output json

With --watch it goes on until everything shown is ready or needs a person. Exits with 1 unless all is ready.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from noria.api import KINDS
from noria.contract import ExitCode
from noria.runtime.resource_type import TYPES
from noria_cli import detail
from noria_cli.age import present, span
from noria_cli.argument import duration
from noria_cli.cluster.option import add_cluster
from noria_cli.code import NOT_READY
from noria_cli.named import Named, named, read
from noria_cli.output import Output, add_output, columns, show, tell
from noria_cli.row import HEAD, Row, row
from noria_store.error import StepError

if TYPE_CHECKING:
    from noria_cli.cluster.connection import Body, Cluster

HELP = "show Datasets, TrainingJobs and Models, with progress"
PAUSE_SECONDS = 1.0
OUTAGE_SECONDS = 60.0
"""How long a cluster that has answered before may be away."""
CLEAR = "\x1b[H\x1b[J"
Found = TypeVar("Found")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("object", nargs="?", type=named, metavar="KIND/NAME", help="one object, with its trials or versions")
    add("-A", "--all-namespaces", action="store_true", help="those of all namespaces")
    add("-w", "--watch", action="store_true", help="go on until all is ready or needs a person")
    add("--timeout", type=duration, metavar="SPAN", help="with --watch: give up after this time, e.g. 30m")
    add_output(parser)
    add_cluster(parser)


def main(arguments: argparse.Namespace) -> int:
    """Print, and with --watch go on; the exit code."""
    from noria_cli.cluster.connection import connect

    cluster = connect(arguments)
    wanted: Named | None = arguments.object
    if arguments.watch:
        if arguments.output is not Output.TABLE:
            message = "--watch prints lines for people: leave out --output, or --watch"
            raise StepError(ExitCode.BAD_ORDER, "BadArguments", message)
        found = watch(cluster, wanted, timeout=arguments.timeout, everywhere=arguments.all_namespaces)
        return code(found)
    bodies = gathered(cluster, wanted, everywhere=arguments.all_namespaces)
    found = rows(bodies)
    if wanted:
        value = found[0].to_dict() | {"status": bodies[0].get("status", {})}
        show(arguments.output, value, lambda: detail.told(bodies[0], found[0], present()))
    else:
        value = {"items": [each.to_dict() for each in found]}
        show(arguments.output, value, lambda: table(found, everywhere=arguments.all_namespaces))
    return code(found)


def code(found: Sequence[Row]) -> int:
    """The exit code that says whether all is ready."""
    return ExitCode.DONE if all(each.ready == "True" for each in found) else NOT_READY


def gathered(cluster: "Cluster", wanted: Named | None, *, everywhere: bool = False) -> "list[Body]":
    """The object, or all of ours. Raises StepError where the cluster does not know the kinds."""
    if wanted:
        return [read(cluster, wanted)]
    return list(_all(cluster, None if everywhere else cluster.namespace))


def _all(cluster: "Cluster", namespace: str | None) -> "Iterator[Body]":
    from noria_cli.cluster.connection import Missing

    for kind in KINDS:
        try:
            for body in cluster.items(TYPES[kind.kind].path(namespace)):
                yield body | {"kind": kind.kind}
        except Missing:
            message = (
                f"the cluster at {cluster.address} has no Noria: install it with Helm, or choose another --context"
            )
            raise StepError(ExitCode.UNAVAILABLE, "NotInstalled", message) from None


def rows(bodies: "Sequence[Body]") -> list[Row]:
    """A line for each object."""
    kinds = {kind.kind: kind for kind in KINDS}
    now = present()
    return [row(kinds[body["kind"]].model_validate(body), now) for body in bodies]


def table(found: Sequence[Row], *, everywhere: bool = False) -> str:
    """The lines as a table."""
    if not found:
        return "no Datasets, TrainingJobs or Models: `noria upload --help` says how to begin"
    lines = [HEAD, *(each.cells for each in found)]
    if everywhere:
        lines = [("NAMESPACE", *HEAD), *((each.namespace, *each.cells) for each in found)]
    return columns(lines)


def watch(
    cluster: "Cluster", wanted: Named | None, *, timeout: float | None = None, everywhere: bool = False
) -> list[Row]:
    """Show the objects until nothing more happens by itself; how they are then. Raises StepError after `timeout`."""
    end = None if timeout is None else time.monotonic() + timeout
    before: Mapping[str, str] = {}
    found = rows(gathered(cluster, wanted, everywhere=everywhere))
    while True:
        before = _shown(found, before, everywhere=everywhere)
        if all(each.is_settled for each in found):
            return found
        if end is not None and time.monotonic() > end:
            waits = ", ".join(each.key for each in found if not each.is_settled)
            message = f"after {span(timeout)} there is still work on {waits}: watch longer, or see `noria why`"
            raise StepError(ExitCode.TRY_AGAIN, "TimedOut", message)
        time.sleep(PAUSE_SECONDS)
        found = patiently(lambda: rows(gathered(cluster, wanted, everywhere=everywhere)))


def patiently(read: Callable[[], Found]) -> Found:
    """What is read, also where the cluster does not answer for a while. Raises StepError where that lasts."""
    end = time.monotonic() + OUTAGE_SECONDS
    while True:
        try:
            return read()
        except StepError as error:
            if error.exit_code != ExitCode.UNAVAILABLE or time.monotonic() > end:
                raise
        time.sleep(PAUSE_SECONDS)


def _shown(found: Sequence[Row], before: Mapping[str, str], *, everywhere: bool) -> Mapping[str, str]:
    """Show the table again on a terminal, elsewhere a line for what has changed; what was shown of each object."""
    if sys.stdout.isatty():
        sys.stdout.write(CLEAR)
        tell(table(found, everywhere=everywhere))
        return {}
    said = {f"{each.namespace}/{each.key}": _line(each) for each in found}
    for key, line in said.items():
        if before.get(key) != line:
            tell(line)
    return said


def _line(found: Row) -> str:
    parts = [found.key, "ready" if found.ready == "True" else "not ready", found.reason, found.progress]
    if found.eta:
        parts.append(f"about {span(found.eta)} left")
    return "  ".join(part for part in [*parts, found.result] if part)
