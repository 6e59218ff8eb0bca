"""Promote a version of a Model, whatever a comparison says of it.

    noria compare clothes 6 7
    noria promote clothes 7
    noria promote clothes 7 --watch

You need the ClusterRole noria-approver in the namespace, and are named as the one who decided.
"""

import argparse

from noria.api.promotion import PROMOTE
from noria_cli import decide

HELP = "promote a version of a Model"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    decide.add_arguments(parser, version="the version to promote")


def main(arguments: argparse.Namespace) -> int:
    """Promote; the exit code."""
    return decide.decide(arguments, PROMOTE, arguments.version, "was promoted")
