"""Writes a revision: immutable shards, the manifest last, so that a revision which can be opened is whole."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from noria.contract import replaced
from noria.contract.place import MANIFEST
from noria_store.store import Store
from noria_store.uri import join
from noria_trainers.data.label_column import with_labels
from noria_trainers.data.manifest import SPLITS, Manifest, Split, SplitName

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
        splits[name] = replaced(manifest.splits[name], shards=tuple(shards))
    store.write_once(join(uri, MANIFEST), replaced(manifest, splits=splits).to_json().encode())


def table_shards(
    table: pa.Table, labels: NDArray[np.generic], name: str, chosen: NDArray[np.int64], folder: Path
) -> Iterator[Path]:
    """Parquet files of the chosen rows with their labels [n] or [n, k] in the column LABEL; `chosen` are indices."""
    whole = with_labels(table, labels)
    for number, start in enumerate(range(0, len(chosen), SHARD_ROWS)):
        path = folder / f"{name}-{number:05}.parquet"
        pq.write_table(whole.take(pa.array(chosen[start : start + SHARD_ROWS])), path, compression="zstd")
        yield path
