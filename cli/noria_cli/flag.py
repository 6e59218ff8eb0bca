"""Messages of the steps in a command's words: its flags in place of a Dataset's fields. Used by `run` and `upload`."""

import re
from collections.abc import Iterator, Set
from contextlib import contextmanager

from noria_store.error import StepError

_NAME = "--column NAME=TYPE"
_WORDS: tuple[tuple[str, str, str], ...] = (
    ("--data", r"\bsource\.uri\b", "--data"),
    ("--format", r"\bsource\.format\b", "--format"),
    ("--target", r"\b(set|correct) target\b", r"\1 --target"),
    ("--target", r"\bcolumn in target\b", "column in --target"),
    ("--column", r"\bin columns with type (\w+)", r"with --column NAME=\1"),
    ("--column", r"\b(types?|declared|declare their types) in columns\b", rf"\1 with {_NAME}"),
    ("--column", r"\bdeclare their types\b", f"declare their types with {_NAME}"),
    ("--column", r"\bdeclare them Ignore\b", "declare them with --column NAME=Ignore"),
    ("--task", r"\buse task (\w+)", r"use --task \1"),
    ("--metric", r"\bset metric (\w+)", r"set --metric \1"),
    ("--data", r" \(checks\.\w+\)", ""),
)
"""A flag, how a message asks for what it says, and how it asks for the flag."""


def in_flags(message: str, flags: Set[str]) -> str:
    """The message for a command that has these flags."""
    for flag, pattern, words in _WORDS:
        if flag in flags:
            message = re.sub(pattern, words, message)
    return message


@contextmanager
def failing_in_flags(flags: Set[str]) -> Iterator[None]:
    """What fails in the block fails with the command's words."""
    try:
        yield
    except StepError as error:
        raise StepError(error.exit_code, error.reason, in_flags(error.message, flags)) from error
