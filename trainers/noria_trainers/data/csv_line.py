"""Physical lines of a CSV file, which can be read again. Used by `csv_file` and `csv_record`."""

import io
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import TextIO

from noria.contract import ExitCode
from noria_store.error import StepError
from noria_trainers.data.file_rows import LONGEST

BLOCK_CHARACTERS = 1 << 18
"""Read at a time."""
MOST_LINES = 10_000
"""Taken at a time, so of one record."""
SAMPLE_LINES = 2_000
"""By which a file's dialect is known."""


class Lines:
    """The physical lines of a file, which remembers those of the record being read and takes them back."""

    def __init__(self, file: TextIO, name: str) -> None:
        self._file, self._name, self._again = file, name, deque[str]()
        self.taken: list[str] = []
        self.number = 1
        """Of the first line taken, from 1."""
        self._characters = 0

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES or self._characters > LONGEST:
            raise StopIteration
        line = self._again.popleft() if self._again else self._file.readline(LONGEST + 1)
        if not line:
            raise StopIteration
        self._check([line])
        self.taken.append(line)
        self._characters += len(line)
        return line

    def sample(self) -> list[str]:
        """The first lines, which are read again."""
        first = list(islice(self, SAMPLE_LINES))
        self.give_back(0)
        return first

    def block(self) -> list[str]:
        """The next lines, all at once."""
        if self._again:
            self.taken, self._again = list(self._again), deque[str]()
        else:
            text = self._file.read(BLOCK_CHARACTERS)
            if text and not text.endswith("\n"):  # a return may be half of a line's end
                text += self._file.readline(LONGEST + 1)
            self.taken = io.StringIO(text, newline="").readlines()
        self._check(self.taken)
        return self.taken

    def _check(self, lines: Sequence[str]) -> None:
        if any(len(line) > LONGEST for line in lines):
            message = f"{self._name} has a line of more than {LONGEST >> 20} MiB, below line {self.number}"
            raise StepError(ExitCode.BAD_DATA, "LongLine", f"{message}: is it a table?")

    def skip(self, count: int) -> None:
        """Go past the next lines."""
        for _ in range(count):
            next(self, None)
            self.settle()

    def settle(self) -> None:
        """The lines taken are done with."""
        self.number += len(self.taken)
        self.taken.clear()
        self._characters = 0

    def give_back(self, kept: int) -> None:
        """Of the lines taken, all but the first `kept` are read again."""
        self._again.extendleft(reversed(self.taken[kept:]))
        del self.taken[kept:]
        self._characters = sum(map(len, self.taken))
