"""Check all that Noria needs of a cluster, and say what to do about each fault.

    noria doctor
    noria doctor --namespace team-a
    noria doctor --output json

Looks at the cluster, the kinds, the operator, the bucket and its Secret, images, quotas, nodes, GPUs and the objects of
the namespace. Changes nothing. Exits with 1 where something does not work.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from noria.contract import ExitCode
from noria_cli.age import present
from noria_cli.cluster.option import add_cluster
from noria_cli.code import NOT_READY
from noria_cli.finding import Finding, Grade, fault, fine
from noria_cli.held import USUAL_BUCKET
from noria_cli.output import add_output, show
from noria_cli.survey import Seen, environment, survey
from noria_store.error import StepError
from noria_trainers.wording import counted

if TYPE_CHECKING:
    from noria_cli.cluster.connection import Cluster

HELP = "check the cluster, the bucket, images, quotas and GPUs"
MARKS = {Grade.OK: "ok     ", Grade.WARNING: "WARNING", Grade.FAULT: "FAULT  "}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_output(parser)
    add_cluster(parser)


def main(arguments: argparse.Namespace) -> int:
    """Check, and print what was found; the exit code."""
    from noria_cli.check import findings
    from noria_cli.cluster.connection import connect

    cluster = connect(arguments)
    seen = survey(cluster)
    found = [*findings(seen, present()), *reached(cluster, seen)]
    value = {"findings": [asdict(each) | {"grade": each.grade.value} for each in found]}
    show(arguments.output, value, lambda: told(found))
    return NOT_READY if any(each.grade is Grade.FAULT for each in found) else ExitCode.DONE


def reached(cluster: "Cluster", seen: Seen) -> list[Finding]:
    """Whether the bucket can be reached and listed with the namespace's keys."""
    from noria_cli.cluster.store import bucket

    if seen.secret is None:
        return []
    names = {environment(each).get("NORIA_BUCKET") or USUAL_BUCKET for each in seen.operators or ()} or {USUAL_BUCKET}
    found = []
    for name in sorted(names):
        try:
            with bucket(cluster) as store:
                store.children(f"s3://{name}/")
            found.append(fine("bucket", f"s3://{name} answers"))
        except StepError as error:
            found.append(fault("bucket", *_divided(error.message)))
    return found


def _divided(message: str) -> tuple[str, str]:
    """What is wrong, and what to do: the last part of the messages of stores."""
    mark = "; " if "; " in message else ": "
    what, _, cure = message.rpartition(mark)
    return what or message, cure


def told(found: Sequence[Finding]) -> str:
    """The findings for people."""
    lines = []
    for each in found:
        lines.append(f"{MARKS[each.grade]}  {each.check}: {each.message}")
        lines += [f"           what to do: {each.cure}"] if each.cure else []
    faults = sum(each.grade is Grade.FAULT for each in found)
    warnings = sum(each.grade is Grade.WARNING for each in found)
    lines += [
        "",
        f"{counted(faults, 'fault')}, {counted(warnings, 'warning')}" if faults or warnings else "all is well",
    ]
    return "\n".join(lines)
