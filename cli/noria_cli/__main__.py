"""Train models from labelled examples, and manage the data of Datasets and TrainingJobs.

    noria run --data clothes/ --task ImageClassification
    noria upload clothes/ s3://noria/sources/clothes/ | kubectl apply -f -
    noria explain s3://noria/datasets/shop/clothes/0123456789abcdef/

`noria COMMAND --help` shows the arguments of a command.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from noria.contract import STEPS
from noria_cli import explain, purge, run, space, upload, why
from noria_store import log
from noria_store.error import StepError
from noria_trainers import __main__ as trainers

_EPILOG = """Exit codes: 0 done, 2 or 64 wrong arguments, 65 bad data, 69 unavailable, 77 not permitted.
Object stores: set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL and AWS_REGION."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    parser = _parser("noria", __doc__, _EPILOG)
    _add_commands(parser)
    return _act(parser.parse_args(arguments))


def trainer(arguments: Sequence[str] | None = None) -> int:
    """The commands of `noria`, and the steps that the operator runs."""
    parser = _parser("noria-trainer", trainer.__doc__, trainers.EPILOG)
    trainers.add_steps(_add_commands(parser))
    found = parser.parse_args(arguments)
    return trainers.run(found.command) if found.command in STEPS else _act(found)


def _parser(name: str, description: str | None, epilog: str) -> argparse.ArgumentParser:
    shape = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(name, description=description, epilog=epilog, formatter_class=shape)


def _add_commands(parser: argparse.ArgumentParser) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (run, upload, explain, why, purge, space):
        name = module.__name__.rpartition(".")[2]
        shape = argparse.RawDescriptionHelpFormatter
        command = commands.add_parser(name, help=module.HELP, description=module.__doc__, formatter_class=shape)
        module.add_arguments(command)
        command.set_defaults(act=module.main)
    return commands


def _act(found: argparse.Namespace) -> int:
    log.set_up(text=True, timed=False)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # hides messages about instruction sets
    try:
        code = int(found.act(found))
        sys.stdout.flush()
        return code
    except StepError as error:
        print(f"{error.reason}: {error.message}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # whoever read the output, e.g. `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        print("stopped: run the same command again to continue", file=sys.stderr)
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
