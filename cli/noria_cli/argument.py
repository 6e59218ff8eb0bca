"""Arguments that several commands take."""

import argparse
import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from noria.api.duration import seconds
from noria.contract import HOLDOUT_FRACTION

V = TypeVar("V", bound=StrEnum)


def one_of(values: Iterable[V]) -> Callable[[str], V]:
    """An argparse type for one of these values: a wrong one is refused with the list of them."""
    known = {value.value: value for value in values}

    def parse(text: str) -> V:
        if text not in known:
            raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(known)}")
        return known[text]

    return parse


def add_trials(parser: argparse.ArgumentParser, what: str) -> None:
    """The option for the number of `what`."""
    number = range(1, 11)
    parser.add_argument(
        "--trials", type=int, choices=number, default=5, metavar="N", help=f"number of {what} (default: %(default)s)"
    )


def add_holdout(parser: argparse.ArgumentParser, kind: Callable[[str], object] = Path) -> None:
    """The options that say what is held out; `kind` reads a path."""
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--holdout", type=kind, metavar="PATH", help="examples to hold out, in the format of the others")
    one.add_argument(
        "--holdout-column", metavar="NAME", help="column that says train, validation or test; rows of test are held out"
    )
    one.add_argument(
        "--holdout-fraction",
        type=_fraction,
        metavar="SHARE",
        help=f"share of the examples to hold out, 0.05 to 0.5 (default: {HOLDOUT_FRACTION})",
    )


def _fraction(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0.05 <= share <= 0.5:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0.05 to 0.5")
    return share


def duration(text: str) -> float:
    """An argparse type for a time span such as `90s` or `1h30m`, in seconds."""
    if not re.fullmatch(r"(?=.)(\d+h)?(\d+m)?(\d+s)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no time span such as 90s, 15m or 1h30m")
    return float(seconds(text))
