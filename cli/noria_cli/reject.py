"""Reject a version of a Model; if it is served, the one promoted before takes its place.

    noria why model/clothes --version 7
    noria reject clothes 7

You need the ClusterRole noria-approver in the namespace, and are named as the one who decided.
"""

import argparse

from noria.api.promotion import REJECT
from noria_cli import decide

HELP = "reject a version of a Model"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    decide.add_arguments(parser, version="the version to reject")


def main(arguments: argparse.Namespace) -> int:
    """Reject; the exit code."""
    return decide.decide(arguments, REJECT, arguments.version, "was rejected")
