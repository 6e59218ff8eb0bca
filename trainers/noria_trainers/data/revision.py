"""A revision as trainers read it: shards are downloaded once into scratch and streamed from there.

`data.shards` and `data.spool` write what this reads; `modality` knows which kind of shards a task has.
"""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from noria.contract import ExitCode, Severity, replaced
from noria.contract.place import MANIFEST, PROFILE
from noria_store.error import StepError
from noria_store.store import Store
from noria_store.uri import join
from noria_trainers.data.manifest import Manifest, SplitName, TableColumn
from noria_trainers.lazy import Lazy

if TYPE_CHECKING:
    import tensorflow as tf
else:
    tf = Lazy("tensorflow")

_DOWNLOADS = 4


class Revision:
    """The immutable copy of a dataset that trials train on."""

    def __init__(self, store: Store, uri: str, manifest: Manifest) -> None:
        self.uri, self.manifest, self._store = uri, manifest, store

    @classmethod
    def open(cls, store: Store, uri: str) -> "Revision":
        """The revision at `uri`; its manifest is written last, so one that opens is complete."""
        data = store.find(join(uri, MANIFEST))
        if data is None:
            cause = "it was deleted, or its profile run did not finish"
            message = f"there is no revision at {uri}: {cause}; profile the Dataset again"
            raise StepError(ExitCode.BAD_DATA, "RevisionNotFound", message)
        return cls(store, uri, Manifest.model_validate_json(data))

    def read_as(self, columns: tuple[TableColumn, ...]) -> "Revision":
        """The same examples, of which a table's rows have these columns."""
        return Revision(self._store, self.uri, replaced(self.manifest, columns=columns))

    def warnings(self) -> tuple[str, ...]:
        """What the profile found that the examples' owner should know, if it is kept."""
        data = self._store.find(join(self.uri, PROFILE))
        problems = json.loads(data)["problems"] if data else []
        return tuple(each["message"] for each in problems if each["severity"] == Severity.WARNING)

    def beside(self, name: str) -> bytes | None:
        """The content of a file in the revision's folder, if it is there."""
        return self._store.find(join(self.uri, name))

    def names_beside(self) -> Sequence[str]:
        """Names of the files in the revision's folder."""
        return self._store.children(self.uri)

    def records(self, split: SplitName, scratch: Path, *, feature: str, one_by_one: bool) -> "tf.data.Dataset":
        """Unbatched (feature string, label int64) from TFRecord shards, in a fixed order, which is random in class:
        with shards read `one_by_one` that of the revision.
        """
        layout = {feature: tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64)}

        def parse(record: "tf.Tensor") -> "tuple[tf.Tensor, tf.Tensor]":
            example = tf.io.parse_single_example(record, layout)
            return example[feature], example["label"]

        paths = [str(path) for path in self._shards(split, scratch)]
        at_once = None if one_by_one else min(len(paths), 8) or None
        records = tf.data.TFRecordDataset(paths, num_parallel_reads=at_once)
        parsed = records.map(parse, num_parallel_calls=tf.data.AUTOTUNE)
        return parsed.apply(tf.data.experimental.assert_cardinality(self.manifest.splits[split].examples))

    def table(self, split: SplitName, scratch: Path) -> pa.Table:
        """Feature columns (Numeric: float64, others: string; both with nulls) and `LABEL`, from Parquet shards."""
        return pa.concat_tables([pq.read_table(path) for path in self._shards(split, scratch)])

    def _shards(self, split: SplitName, scratch: Path) -> list[Path]:
        folder = scratch / self.manifest.revision

        def fetch(name: str) -> Path:
            path = folder / name
            return path if path.exists() else self._store.download(join(self.uri, name), path)

        with ThreadPoolExecutor(_DOWNLOADS) as pool:
            return list(pool.map(fetch, self.manifest.splits[split].shards))
