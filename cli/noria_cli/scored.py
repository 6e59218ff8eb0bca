"""What `predict` writes: the original columns and the answers, in a file that a stopped command continues."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from noria.contract import ExitCode
from noria_store.error import StepError

FORMS = (".csv", ".jsonl")


class Scored:
    """The file while it grows: `NAME.part`, and `NAME.progress`, which says how much of it counts."""

    def __init__(self, out: Path, about: Any) -> None:
        """`about` is all that must be the same for a command to continue another one's file."""
        self._out = out
        self._part, self._state = out.with_name(f"{out.name}.part"), out.with_name(f"{out.name}.progress")
        self._about = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
        self._names: list[str] = []
        self._file: IO[bytes] | None = None
        self.done = 0
        """Examples that have been answered."""

    def open(self, *, restart: bool) -> None:
        """Begin, or go on where a command was stopped. Raises StepError where that is not clear."""
        if self._out.suffix not in FORMS:
            message = f"{self._out.name} ends with none of {', '.join(FORMS)}: give --out such a name"
            raise StepError(ExitCode.BAD_ORDER, "UnknownFormat", message)
        if self._out.exists() and not restart:
            message = f"{self._out} exists: delete it, give another --out, or --restart"
            raise StepError(ExitCode.BAD_ORDER, "Exists", message)
        self._out.parent.mkdir(parents=True, exist_ok=True)
        state = json.loads(self._state.read_text()) if self._state.exists() and not restart else None
        if state and state["about"] != self._about:
            message = (
                f"{self._part} was begun with another input, model, version or option: give --restart to begin again"
            )
            raise StepError(ExitCode.BAD_ORDER, "OtherPredictions", message)
        if state is None:
            self._file = self._part.open("wb")
            return
        self._file = self._part.open("r+b")
        self._file.truncate(state["bytes"])
        self._file.seek(state["bytes"])
        self.done, self._names = state["done"], state["names"]

    def add(self, rows: list[Mapping[str, Any]]) -> None:
        """Write the rows of a batch; they count once all of them are written."""
        file = self._opened()
        text = io.StringIO(newline="")
        if not self._names:
            self._names = list(rows[0])
            if self._out.suffix == ".csv":
                csv.writer(text, lineterminator="\n").writerow(self._names)
        for row in rows:
            if further := [name for name in row if name not in self._names]:
                message = (
                    f"column {further[0]} is not in the rows before: have the same columns in all rows, or --out .jsonl"
                )
                if self._out.suffix == ".csv":
                    raise StepError(ExitCode.BAD_DATA, "OtherColumns", message)
            if self._out.suffix == ".csv":
                csv.writer(text, lineterminator="\n").writerow([_cell(row.get(name)) for name in self._names])
            else:
                text.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
        file.write(text.getvalue().encode())
        file.flush()
        self.done += len(rows)
        state = {"about": self._about, "bytes": file.tell(), "done": self.done, "names": self._names}
        beside = self._state.with_suffix(".progress-next")
        beside.write_text(json.dumps(state))
        beside.replace(self._state)

    def finish(self) -> None:
        """The file is whole."""
        self._opened().close()
        self._part.replace(self._out)
        self._state.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave the file to a command that continues it."""
        if self._file:
            self._file.close()

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            raise RuntimeError("open() comes first")
        return self._file


def _cell(value: Any) -> Any:
    """A value in a cell of CSV: a missing one is empty, a list or an object is JSON."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else value
