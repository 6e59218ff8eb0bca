"""Small real revisions, made by the profile step itself, and orders for them. Used by the tests of steps."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from noria.contract import ProfileOrder, ProfileReport, Source, Task
from noria_trainers.steps import profile
from noria_trainers.store import Store

SECRETS = ("zaphod", "trillian", "marvin", "magrathea")
"""Names of classes, columns and categories, and a word of every file name here: none may leave the revision."""


@pytest.fixture(scope="session")
def table_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes that a number and a category tell apart, with some noise and holes."""
    rng, path = np.random.default_rng(0), tmp_path_factory.mktemp("magrathea") / "magrathea.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["size of marvin", "marvin's kind", "label"])
        for _ in range(400):
            size, kind = rng.normal(), rng.choice(["marvin-1", "marvin-2", "marvin-3"])
            label = "zaphod" if size + (kind == "marvin-2") + 0.1 * rng.normal() > 0.3 else "trillian"
            writer.writerow([f"{size:.4f}" if rng.random() > 0.05 else "", kind, label])
    return path


@pytest.fixture
def store() -> Store:
    """Files alone."""
    return Store.from_environment(environment={})


@pytest.fixture(scope="session")
def make_revision(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Profiles a source; the revision's URI."""

    def make(source: Path, task: Task, **order: object) -> str:
        folder = tmp_path_factory.mktemp("revisions")
        whole = ProfileOrder.model_validate(
            {"task": task, "source": Source(uri=str(source)), "destination": f"{folder}/", "report": f"{folder}/r"}
            | order
        )
        store = Store.from_environment(environment={})
        report = profile.run(whole, store, tmp_path_factory.mktemp("scratch"))
        assert isinstance(report, ProfileReport)
        assert report.revision, report.problems
        return f"{folder}/{report.revision}/"

    return make


@pytest.fixture(scope="session")
def table_revision(table_file: Path, make_revision: Callable[..., str]) -> str:
    """A revision of `table_file`."""
    return make_revision(table_file, Task.TABULAR_CLASSIFICATION, target="label")
