"""Datasets of the public table that packages ship, and what of them must be said for the encodings to be the same."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from noria.contract import Column, ColumnType, ProfileOrder, Source, Task
from noria_store.store import Store
from noria_trainers.data.manifest import TableColumn
from noria_trainers.examine import examine
from public_data import lay_out

TASK = Task.TABULAR_CLASSIFICATION


@dataclass(frozen=True)
class Subject:
    """A dataset that is in the table and in a package."""

    openml: int
    """Its id at OpenML, and in the table."""
    name: str
    """OpenML's."""
    source: str
    """Its name for `public_data.lay_out`."""
    categorical: tuple[str, ...] = ()
    """Categories written as numbers."""
    ignored: tuple[str, ...] = ()

    def rows(self, folder: Path, *, training: bool = False) -> tuple[tuple[TableColumn, ...], pa.Table]:
        """Every row with its label, or those of the training split, and the columns, as the profile reads them."""
        if not (folder / "data").exists():
            lay_out(self.source, folder / "data")
        order = ProfileOrder(
            task=TASK,
            source=Source(uri=str((folder / "data").resolve())),
            target="label",
            columns=(
                *self._columns(self.categorical, ColumnType.CATEGORICAL),
                *self._columns(self.ignored, ColumnType.IGNORE),
            ),
            destination="",
            report="",
        )
        divided = examine(order, Store.from_environment(), folder).divided
        assert divided, self.source
        content = divided.gathered.content
        chosen = divided.chosen("train") if training else np.arange(len(divided.gathered.examples))
        rows = content.rows(chosen)
        assert rows is not None, self.source
        return content.columns, rows

    @staticmethod
    def _columns(names: tuple[str, ...], kind: ColumnType) -> tuple[Column, ...]:
        return tuple(Column(name=name, type=kind) for name in names)


SUBJECTS = (
    Subject(61, "iris", "sklearn:iris"),
    Subject(187, "wine", "sklearn:wine"),
    Subject(40, "sonar", "keel:sonar"),
    Subject(53, "heart-statlog", "keel:heart"),
    Subject(1005, "glass, binary", "keel:glass1"),
    Subject(329, "hayes-roth", "keel:hayes-roth"),
    Subject(48, "tae", "keel:tae", categorical=("x1", "x4")),
    Subject(43, "haberman", "keel:haberman", categorical=("x2",)),
    Subject(23499, "breast-cancer", "keel:breast", categorical=("x6",)),
    Subject(40496, "LED display", "keel:led7digit"),
    Subject(59, "ionosphere", "keel:ionosphere"),
    Subject(1498, "sa-heart", "keel:saheart"),
    Subject(1510, "wdbc", "sklearn:breast_cancer"),
    Subject(37, "diabetes (pima)", "keel:pima"),
    Subject(50, "tic-tac-toe", "keel:tic-tac-toe"),
    Subject(994, "vehicle, binary", "keel:vehicle2"),
    Subject(40704, "titanic", "keel:titanic"),
    Subject(31, "credit-g", "keel:german"),
    Subject(54, "vehicle", "keel:vehicle"),
    Subject(23, "cmc", "keel:contraceptive", categorical=("x2", "x3", "x5", "x6", "x7", "x8", "x9")),
    Subject(307, "vowel", "keel:vowel", categorical=("x2", "x3"), ignored=("x1",)),
    Subject(36, "segment", "keel:segment"),
)
"""The cheapest first."""
