"""The experience in an object store: one immutable object per result.

A result's path follows from what it is a result of, so that repeats and crashes neither double nor lose one. Beside
the objects lies for each task a Parquet file of most of them, which saves reading each. The objects are what counts:
of the file only those rows are believed whose objects are there, so whoever writes it, and when, loses nothing.
"""

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor

import structlog
from pydantic import ValidationError

from noria.contract import Task
from noria_store.store import Store
from noria_store.uri import join
from noria_trainers.experience.pack import from_parquet, to_parquet
from noria_trainers.experience.result import Result

MANY = 200
"""Objects missing in the Parquet file from which on it is rewritten."""
_READERS = 8
_OBJECT = ".json"
log = structlog.stdlib.get_logger(__name__)


class Experience:
    """All results below one URI."""

    def __init__(self, store: Store, uri: str) -> None:
        self._store, self._uri = store, uri

    def record(self, result: Result) -> bool:
        """Keep a result; False where it is known already."""
        return self._store.write_once(join(self._uri, result.key), result.to_json().encode())

    def results(self, task: Task) -> list[Result]:
        """Every result of a task, by revision, protocol and configuration. Unreadable ones are ignored."""
        return list(self.by_key(task).values())

    def by_key(self, task: Task) -> dict[str, Result]:
        """The same by their keys, which take two digests each to compute again."""
        return self._known(task)[0]

    def compact(self, task: Task, *, least: int = MANY) -> bool:
        """Rewrite the task's Parquet file where it lacks at least this many objects; whether that was done."""
        known, lacking = self._known(task)
        if lacking < least:
            return False
        place = self._file(task)
        self._store.write(place, to_parquet(known.values()))
        if not known.keys() <= self._keys(task):  # a dataset was forgotten meanwhile
            self._store.delete(place)
        log.info("compacted", task=task, results=len(known))
        return True

    def forget(self, revisions: Collection[str]) -> int:
        """Delete every result of these revisions, also out of the Parquet files; how many there were."""
        forgotten = {task: [uri for each in revisions for uri in self._objects(join(task, each))] for task in Task}
        for task, uris in forgotten.items():
            self._store.delete(*uris)
            if uris:
                self._store.delete(self._file(task))
        return sum(map(len, forgotten.values()))

    def _known(self, task: Task) -> tuple[dict[str, Result], int]:
        """The results by key, in order, and how many of them the Parquet file has not."""
        keys = self._keys(task)
        compacted = {key: result for key, result in self._compacted(task).items() if key in keys}
        lacking = sorted(keys - compacted.keys())
        with ThreadPoolExecutor(_READERS) as pool:
            loose = zip(lacking, pool.map(self._read, lacking), strict=True)
            whole = {**compacted, **{key: result for key, result in loose if result is not None}}
        return dict(sorted(whole.items())), len(lacking)

    def _compacted(self, task: Task) -> dict[str, Result]:
        data = self._store.find(self._file(task))
        try:
            return from_parquet(data) if data else {}
        except (ValueError, KeyError) as error:  # of another version, or not ours; the objects are there
            log.warning("the compacted results cannot be read", task=task, error=str(error))
            return {}

    def _read(self, key: str) -> Result | None:
        data = self._store.find(join(self._uri, key))
        if data is None:  # forgotten since it was listed
            return None
        try:
            return Result.model_validate_json(data)
        except ValidationError as error:
            log.warning("a result cannot be read", key=key, errors=error.error_count())
            return None

    def _keys(self, task: Task) -> set[str]:
        start = len(join(self._uri, ""))
        return {uri[start:] for uri in self._objects(task)}

    def _objects(self, folder: str) -> Iterable[str]:
        return (uri for uri, _ in self._store.list(join(self._uri, folder, "")) if uri.endswith(_OBJECT))

    def _file(self, task: Task) -> str:
        return join(self._uri, "compacted", f"{task}.parquet")
