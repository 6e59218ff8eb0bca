"""Small real revisions, made by the profile step itself, and orders for them."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from noria.contract import ProfileOrder, ProfileReport, Source, Task
from noria_store.store import Store
from noria_trainers.steps import profile

SECRETS = ("zaphod", "trillian", "marvin", "magrathea")


@pytest.fixture
def secrets() -> tuple[str, ...]:
    """Names of classes, columns and categories, and a word of every file name here: none may leave the revision."""
    return SECRETS


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


@pytest.fixture(scope="session")
def source_of(table_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Task], tuple[Path, str | None]]:
    """Path and target column of a small source for a task."""
    folder = tmp_path_factory.mktemp("sources")

    def make(task: Task) -> tuple[Path, str | None]:
        match task:
            case Task.IMAGE_CLASSIFICATION:
                return _images(folder / "images"), None
            case Task.TEXT_CLASSIFICATION:
                return _texts(folder / "texts.jsonl"), "label"
            case Task.TABULAR_CLASSIFICATION:
                return table_file, "label"
            case _:
                return _numbers(folder / f"{task}.csv", clicks=task is Task.CLICK_THROUGH_RATE), "label"

    return make


def _images(folder: Path) -> Path:
    """Bright above or bright below, with noise."""
    rng = np.random.default_rng(0)
    for name, upper in (("zaphod", True), ("trillian", False)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(60):
            pixels = rng.integers(0, 120, (12, 12), np.uint8)
            half = slice(0, 6) if upper else slice(6, 12)
            pixels[half] += 120
            Image.fromarray(pixels).save(folder / name / f"magrathea-{number}.png")
    return folder


def _texts(path: Path) -> Path:
    rng = np.random.default_rng(0)
    words = {"zaphod": ["president", "heads", "party", "ship"], "trillian": ["science", "earth", "mice", "party"]}
    lines = (
        json.dumps({"text": " ".join(rng.choice(words[label], 6)) + f" {number}", "label": label})
        for number in range(80)
        for label in words
    )
    path.write_text("\n".join(lines))
    return path


def _numbers(path: Path, *, clicks: bool) -> Path:
    rng = np.random.default_rng(0)
    drawn = ((rng.normal(), int(rng.integers(3))) for _ in range(400))
    rows = ((x, kind, 3 * x + kind + 0.1 * rng.normal()) for x, kind in drawn)
    lines = (f"{x:.4f},marvin-{kind},{int(y > 1) if clicks else round(y, 3)}" for x, kind, y in rows)
    path.write_text("size,kind,label\n" + "\n".join(lines))
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
