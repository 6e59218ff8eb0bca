"""Writes a revision: immutable shards, the manifest last, so that a revision which can be opened is whole.

Called by the profile step; `data.revision` reads what this writes.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from noria_store.store import Store, join
from noria_trainers.data import tfrecord
from noria_trainers.data.manifest import LABEL, SPLITS, Manifest, Split, SplitName
from noria_trainers.data.revision import MANIFEST

SHARD_BYTES = 64 << 20
SHARD_ROWS = 1 << 20


def write(store: Store, uri: str, manifest: Manifest, shards_of: Callable[[SplitName], Iterable[Path]]) -> None:
    """Write the revision that `manifest` describes but for its shards, which are made, uploaded and deleted in turn."""
    splits: dict[SplitName, Split] = {}
    for name in SPLITS:
        shards = []
        for path in shards_of(name):
            store.upload(path, join(uri, path.name))
            shards.append(path.name)
            path.unlink()
        splits[name] = manifest.splits[name].model_copy(update={"shards": tuple(shards)})
    store.write_once(join(uri, MANIFEST), manifest.model_copy(update={"splits": splits}).to_json().encode())


class Spool:
    """The content of many small examples in one file, between the checks and the shards. Filled as a context."""

    def __init__(self, path: Path, feature: str, *, shard_bytes: int = SHARD_BYTES) -> None:
        self._path, self._feature, self._shard_bytes, self._ends = path, feature, shard_bytes, [0]

    def __enter__(self) -> "Spool":
        self._file = self._path.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def append(self, content: bytes) -> None:
        """Keep one more example."""
        self._file.write(content)
        self._ends.append(self._ends[-1] + len(content))

    @cached_property
    def _content(self) -> NDArray[np.uint8]:
        return np.memmap(self._path, np.uint8, "r")

    def read(self, index: int) -> bytes:
        """The content of the example that was appended as number `index`."""
        return self._content[self._ends[index] : self._ends[index + 1]].tobytes()

    def shards(self, name: str, chosen: NDArray[np.int64], labels: NDArray[np.int64], folder: Path) -> Iterator[Path]:
        """TFRecord files of examples with this spool's feature (bytes) and `label` (int64)."""
        for number, part in enumerate(self._parts(chosen)):
            path = folder / f"{name}-{number:05}.tfrecord"
            tfrecord.write(path, ((self.read(int(i)), int(labels[i])) for i in part), self._feature)
            yield path

    def _parts(self, chosen: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        ends = np.asarray(self._ends)
        sizes = np.cumsum((ends[1:] - ends[:-1])[chosen])
        cuts = np.searchsorted(sizes, np.arange(self._shard_bytes, int(sizes[-1]), self._shard_bytes)) + 1
        return [part for part in np.split(chosen, cuts) if len(part)]


def table_shards(
    table: pa.Table, labels: NDArray[np.generic], name: str, chosen: NDArray[np.int64], folder: Path
) -> Iterator[Path]:
    """Parquet files of the chosen rows with their labels in the column LABEL."""
    whole = table.append_column(LABEL, pa.array(labels))
    for number, start in enumerate(range(0, len(chosen), SHARD_ROWS)):
        path = folder / f"{name}-{number:05}.parquet"
        pq.write_table(whole.take(pa.array(chosen[start : start + SHARD_ROWS])), path, compression="zstd")
        yield path
