"""The revisions that the tests of trainers have, and a cluster, for the tests of commands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fake_api import FakeApi, fake_api
from unit.trainers.conftest import make_revision, source_of, store, table_file, table_revision

__all__ = ["make_revision", "source_of", "store", "table_file", "table_revision"]


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    """A cluster that the environment names, with nothing in it."""
    with fake_api() as running:
        monkeypatch.setenv("KUBECONFIG", str(running.kubeconfig(tmp_path)))
        yield running
