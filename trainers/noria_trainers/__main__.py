"""Run one step, as the operator orders it: `python -m noria_trainers STEP`."""

import argparse
import os
import sys
from collections.abc import Sequence

from noria.contract import ORDER_VARIABLE, STEPS
from noria_store import lean, log
from noria_trainers.steps import frame

EPILOG = f"""The operator starts the steps and passes the order as JSON in {ORDER_VARIABLE}.
Exit codes: 0 done, 64 bad order, 65 bad data, 77 not permitted (not retried), 69 unavailable, 70 crashed, 75 try again
(retried). Object stores: set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL and AWS_REGION."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step; the exit code."""
    parser = argparse.ArgumentParser("python -m noria_trainers", description=__doc__, epilog=EPILOG)
    commands = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    add_steps(commands)
    return run(parser.parse_args(arguments).step)


def add_steps(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """One command for each step."""
    for name, step in STEPS.items():
        description = f"{step.help.capitalize()}, as ordered in {ORDER_VARIABLE}."
        commands.add_parser(name, help=f"step: {step.help}", description=description)


def run(step: str) -> int:
    """Carry out the step's order; the exit code."""
    log.set_up(text=sys.stderr.isatty())
    lean.tensorflow()
    return frame.main(step, os.environ)


if __name__ == "__main__":
    sys.exit(main())
