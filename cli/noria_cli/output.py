"""What commands print: aligned columns for people, JSON or YAML for programs."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from noria.contract import visible
from noria_cli.argument import one_of


class Output(StrEnum):
    """Forms of output."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


def add_output(parser: argparse.ArgumentParser) -> None:
    """The option for the form of the output."""
    parser.add_argument(
        "-o",
        "--output",
        type=one_of(Output),
        metavar="FORM",
        default=Output.TABLE,
        help=f"{', '.join(Output)} (default: %(default)s)",
    )


def show(output: Output, value: Any, table: Callable[[], str]) -> None:
    """Print the value in this form; `table` makes the text for people."""
    tell(formed(output, value, table))


def tell(text: str) -> None:
    """Print a text, much of which is others'."""
    print(visible(text, lines=True))
    sys.stdout.flush()


def formed(output: Output, value: Any, table: Callable[[], str]) -> str:
    """The value in this form, without the last line's end."""
    if output is Output.JSON:
        return json.dumps(value, indent=2, ensure_ascii=False)
    if output is Output.YAML:
        import yaml

        return str(yaml.safe_dump(value, sort_keys=False, allow_unicode=True)).rstrip("\n")
    return table()


def columns(rows: Sequence[Sequence[str]], *, indent: int = 0) -> str:
    """The rows as columns, all to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(" " * indent + line.rstrip() for line in lines)
