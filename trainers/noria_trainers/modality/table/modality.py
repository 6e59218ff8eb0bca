"""Rows of a table as examples. Looked up in `modality.modality`."""

from pathlib import Path

from noria_trainers.data.format import ROWS
from noria_trainers.data.manifest import SplitName
from noria_trainers.data.revision import Revision
from noria_trainers.modality.content import FoundSource, Gathered
from noria_trainers.modality.example_name import BY_PLACE
from noria_trainers.modality.made_up import MadeUp
from noria_trainers.modality.table.reading import gather
from noria_trainers.modality.table.split import TableSplit
from noria_trainers.modality.table.typical import made_up
from noria_trainers.profile.finding import Findings


class TableModality:
    """Tables."""

    formats = ROWS
    suffixes: tuple[str, ...] = ()
    pads_empty_batches = False
    refusal = ""
    example_names = BY_PLACE

    def gather(self, source: FoundSource, findings: Findings) -> Gathered | None:
        """All rows with a label, and the columns to learn from."""
        return gather(source, findings)

    def split(self, revision: Revision, name: SplitName, scratch: Path) -> TableSplit:
        """Rows from Parquet files."""
        return TableSplit(revision, name, scratch)

    def made_up(self, revision: Revision, scratch: Path) -> MadeUp:
        """A typical row."""
        return made_up(self.split(revision, "train", scratch).table, revision.manifest.columns)
