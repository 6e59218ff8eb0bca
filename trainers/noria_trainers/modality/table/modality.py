"""Rows of a table as examples. Looked up in `modality.modality`."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path

from noria_trainers.data.format import ROWS
from noria_trainers.data.manifest import SplitName
from noria_trainers.data.revision import Revision
from noria_trainers.modality.content import FoundSource, Gathered
from noria_trainers.modality.table.reading import gather
from noria_trainers.modality.table.split import TableSplit
from noria_trainers.profile.finding import Findings


class TableModality:
    """Tables."""

    formats = ROWS
    suffixes: tuple[str, ...] = ()
    pads_empty_batches = False

    def gather(self, source: FoundSource, findings: Findings) -> Gathered | None:
        """All rows with a label, and the columns to learn from."""
        return gather(source, findings)

    def split(self, revision: Revision, name: SplitName, scratch: Path) -> TableSplit:
        """Rows from Parquet files."""
        return TableSplit(revision, name, scratch)

    def request(self, inputs: Mapping[str, str]) -> str:
        """A shell command that prints a request with a row."""
        row = {name: 0.5 if kind == "float" else "text" for name, kind in inputs.items()}
        return "printf %s " + shlex.quote(json.dumps({"instances": [row]}, ensure_ascii=False))
