"""`noria`: what a person may do with examples and models. `noria-trainer` is the same with the operator's steps."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from noria.contract import STEPS
from noria_cli import explain, purge, run, space, upload
from noria_store import log
from noria_store.error import StepError
from noria_trainers import __main__ as trainers

_EPILOG = """Exit codes: 0 done, 64 bad order, 65 bad data, 69 unavailable, 77 not permitted.
Stores are reached with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL, AWS_REGION."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    parser = argparse.ArgumentParser("noria", description=__doc__, epilog=_EPILOG)
    _add_commands(parser)
    return _act(parser.parse_args(arguments))


def trainer(arguments: Sequence[str] | None = None) -> int:
    """`noria-trainer`: the same commands, and the steps."""
    parser = argparse.ArgumentParser("noria-trainer", description=trainer.__doc__, epilog=trainers.EPILOG)
    trainers.add_steps(_add_commands(parser))
    found = parser.parse_args(arguments)
    return trainers.run(found.command) if found.command in STEPS else _act(found)


def _add_commands(parser: argparse.ArgumentParser) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (run, upload, explain, purge, space):
        name = module.__name__.rpartition(".")[2]
        command = commands.add_parser(name, help=module.HELP, description=module.__doc__)
        module.add_arguments(command)
        command.set_defaults(act=module.main)
    return commands


def _act(found: argparse.Namespace) -> int:
    log.set_up(text=True, timed=False)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # its chatter about instruction sets is no news
    try:
        return int(found.act(found))
    except StepError as error:
        print(f"{error.reason}: {error.message}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped: the same command goes on from here", file=sys.stderr)
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
