"""Arguments that several commands take."""

import argparse
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeVar

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
