"""The experience in the object store: one immutable object per result. Called by `steps.conclude`.

A result's path follows from what it is a result of, so that repeats and crashes neither double nor lose one.
"""

from collections.abc import Iterator

from noria.contract import Task
from noria_trainers.experience.result import Result
from noria_trainers.store import Store, join


class Experience:
    """All results below one URI."""

    def __init__(self, store: Store, uri: str) -> None:
        self._store, self._uri = store, uri

    def record(self, result: Result) -> bool:
        """Keep a result; False where it is known already."""
        return self._store.write_once(join(self._uri, result.key), result.to_json().encode())

    def results(self, task: Task) -> Iterator[Result]:
        """Every result of a task, ordered by revision, protocol and configuration."""
        for uri, _ in self._store.list(join(self._uri, task, "")):
            yield Result.model_validate_json(self._store.read(uri))
