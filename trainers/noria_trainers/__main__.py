"""`noria-trainer`: the steps that the operator orders, and what a person may do without a cluster."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from noria.contract import ORDER_VARIABLE
from noria_trainers import explain, log, purge, run, space, upload
from noria_trainers.error import StepError
from noria_trainers.steps import frame

_STEPS = {
    "profile": "read a source, check it, write its revision",
    "choose": "choose the configurations to train on a revision",
    "train": "train one configuration on a revision and export it",
    "conclude": "pick the best trial, score it on the hold-out, package it",
}
_EPILOG = f"""The steps take their order as JSON from the variable {ORDER_VARIABLE} and are started by the operator.
Exit codes: 0 done, 64 bad order, 65 bad data, 77 not permitted: not tried again; 69 unavailable, 70 crashed, 75 try
again: tried again. Stores are reached with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL, AWS_REGION."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    found = _parser().parse_args(arguments)
    is_step = found.command in _STEPS
    log.set_up(text=not is_step or sys.stderr.isatty())
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # its chatter about instruction sets is no news
    if is_step:
        return frame.main(found.command, os.environ)
    try:
        return int(found.act(found))
    except StepError as error:
        print(f"{error.reason}: {error.message}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped: the same command goes on from here", file=sys.stderr)
        return 128 + signal.SIGINT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("noria-trainer", description=__doc__, epilog=_EPILOG)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (run, upload, explain, purge, space):
        name = module.__name__.rpartition(".")[2]
        command = commands.add_parser(name, help=module.HELP, description=module.__doc__)
        module.add_arguments(command)
        command.set_defaults(act=module.main)
    for step, words in _STEPS.items():
        told = f"{words.capitalize()}, as {ORDER_VARIABLE} says."
        commands.add_parser(step, help=f"(a step) {words}", description=told)
    return parser


if __name__ == "__main__":
    sys.exit(main())
