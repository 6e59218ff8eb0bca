"""The content of examples between checking and writing, on disk. Filled where images and texts are read."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noria_trainers.data import tfrecord

SHARD_BYTES = 64 << 20


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
        """TFRecord files of the chosen examples with this spool's feature (bytes) and `label` (int64 [n])."""
        for number, part in enumerate(self._parts(chosen)):
            path = folder / f"{name}-{number:05}.tfrecord"
            tfrecord.write(path, ((self.read(int(i)), int(labels[i])) for i in part), self._feature)
            yield path

    def _parts(self, chosen: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        ends = np.asarray(self._ends)
        sizes = np.cumsum((ends[1:] - ends[:-1])[chosen])
        cuts = np.searchsorted(sizes, np.arange(self._shard_bytes, int(sizes[-1]), self._shard_bytes)) + 1
        return [part for part in np.split(chosen, cuts) if len(part)]
