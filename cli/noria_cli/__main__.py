"""Train models from labelled examples, look after them, and ask them.

    noria upload clothes/ s3://noria/sources/clothes/ | kubectl apply -f -
    noria status --watch
    noria why trainingjob/clothes
    noria card clothes --open
    noria run --data clothes/ --task ImageClassification

`noria COMMAND --help` begins with examples. What speaks to a cluster uses the kubeconfig and reaches the bucket and
the servers through the API server; no keys are printed.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from noria.contract import STEPS, ExitCode
from noria_cli import (
    card,
    compare,
    completion,
    doctor,
    download,
    explain,
    logs,
    predict,
    promote,
    purge,
    reject,
    retrain,
    rollback,
    run,
    space,
    status,
    upload,
    why,
)
from noria_store import lean, log
from noria_store.error import StepError
from noria_trainers import __main__ as trainers

COMMANDS = (
    upload, status, why, logs, card, predict, compare, promote, reject, rollback, retrain, download, doctor,
    run, explain, space, purge, completion,
)  # fmt: skip
"""In the order in which help lists them."""
CLIENTS = {"kubernetes": "noria[cli]", "noria_client": "noria-client", "shtab": "noria[cli]", "yaml": "noria[cli]"}
"""What the images of steps do without, and what brings it."""
_EPILOG = """Exit codes: 0 done, 1 failed or not ready, 2 or 64 wrong arguments, 65 bad data or nothing of that name,
69 cluster, store or server not reachable, 75 not finished in time, 77 not permitted.
Object stores: the cluster's, or set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL and AWS_REGION."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    return _act(command_line("noria").parse_args(arguments))


def plugin(arguments: Sequence[str] | None = None) -> int:
    """The same as `kubectl noria COMMAND`."""
    return _act(command_line("kubectl noria").parse_args(arguments))


def command_line(name: str) -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = _parser(name, __doc__, _EPILOG)
    _add_commands(parser)
    return parser


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
    for module in COMMANDS:
        name = module.__name__.rpartition(".")[2]
        shape = argparse.RawDescriptionHelpFormatter
        command = commands.add_parser(name, help=module.HELP, description=module.__doc__, formatter_class=shape)
        module.add_arguments(command)
        command.set_defaults(act=module.main, parser=parser)
    return commands


def _act(found: argparse.Namespace) -> int:
    log.set_up(text=True, timed=False)
    lean.tensorflow()
    try:
        code = int(found.act(found))
        sys.stdout.flush()
        return code
    except StepError as error:
        print(f"{error.reason}: {error.message}", file=sys.stderr)
        return error.exit_code
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in CLIENTS:
            raise
        print(f"NotInstalled: this command needs {missing}: pip install '{CLIENTS[missing]}'", file=sys.stderr)
        return ExitCode.UNAVAILABLE
    except BrokenPipeError:  # whoever read the output, e.g. `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        print("stopped: run the same command again to continue", file=sys.stderr)
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
