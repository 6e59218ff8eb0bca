"""A hold-out that people already have: a column of the rows, or examples that lie elsewhere. It is never divided."""

import csv
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from noria.contract import Column, ColumnType, ProfileOrder, ProfileReport, Severity, Source, Task
from noria_store.store import Store
from noria_trainers.data.manifest import Manifest
from noria_trainers.data.revision import Revision
from noria_trainers.modality.modality import split_of
from noria_trainers.steps import profile

HERE = Store.from_environment(environment={})
IMAGES, TEXTS, ROWS = Task.IMAGE_CLASSIFICATION, Task.TEXT_CLASSIFICATION, Task.TABULAR_CLASSIFICATION
Look = Callable[..., tuple[ProfileReport, Manifest | None]]
HEAD = ("x", "z", "label")


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Profiles a source; report and manifest."""

    def run(path: Path, task: Task = ROWS, **fields: Any) -> tuple[ProfileReport, Manifest | None]:
        out = f"{tmp_path}/out/"
        fields.setdefault("target", None if task is IMAGES else "label")
        order = ProfileOrder(task=task, source=Source(uri=str(path)), destination=out, report=f"{out}r", **fields)
        report = profile.run(order, HERE, tmp_path / "scratch")
        return report, Revision.open(HERE, f"{out}{report.revision}").manifest if report.revision else None

    return run


def table(path: Path, rows: Sequence[Sequence[object]], head: Sequence[str] = HEAD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def rows(count: int, start: int = 0) -> list[tuple[object, ...]]:
    return [(i / 7, i * 37 % 101 / 3, ("no", "yes")[i % 2]) for i in range(start, start + count)]


def images(folder: Path, count: int, seed: int = 0) -> Path:
    for number in range(count):
        path = folder / ("cat", "dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed + number).integers(0, 256, (8, 8), np.uint8)
        Image.fromarray(pixels).save(path)
    return folder


def packed(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as made:
        for file in folder.rglob("*.png"):
            made.write(file, file.relative_to(folder.parent))
    return path


def sizes(manifest: Manifest | None) -> dict[str, int]:
    assert manifest
    return {name: split.examples for name, split in manifest.splits.items()}


@pytest.mark.parametrize("as_archive", [False, True], ids=["a folder", "an archive"])
def test_images_of_another_folder_are_the_holdout(look: Look, tmp_path: Path, *, as_archive: bool) -> None:
    train, test = images(tmp_path / "train", 100), images(tmp_path / "test", 30, seed=1000)
    report, manifest = look(train, IMAGES, holdout_uri=str(packed(test) if as_archive else test))
    assert report.problems == ()
    assert report.examples == 130
    found = sizes(manifest)
    assert found["holdout"] == 30
    assert found["validation"] == pytest.approx(20, abs=8)
    revision = Revision.open(HERE, f"{tmp_path}/out/{report.revision}")
    ((inputs, _),) = split_of(revision, "holdout", tmp_path / "r").batches(1000)
    (contents,) = inputs.values()
    assert set(contents.tolist()) == {path.read_bytes() for path in test.rglob("*.png")}


def test_a_holdout_inside_the_source_is_no_part_of_the_rest(look: Look, tmp_path: Path) -> None:
    images(tmp_path / "in" / "train", 100)
    images(tmp_path / "in" / "test", 30, seed=1000)
    report, manifest = look(tmp_path / "in", IMAGES, holdout_uri=f"{tmp_path}/in/test/")
    assert report.problems == ()
    assert report.classes == ("cat", "dog")
    assert sizes(manifest)["holdout"] == 30


def test_images_that_occur_in_both_are_held_out_only(look: Look, tmp_path: Path) -> None:
    train, test = images(tmp_path / "train", 100), images(tmp_path / "test", 30)
    report, manifest = look(train, IMAGES, holdout_uri=str(test))
    (warning,) = report.problems
    assert (warning.reason, warning.severity, warning.count) == ("AlsoInHoldout", Severity.WARNING, 30)
    assert "cat/0.png = hold-out cat/0.png" in warning.names
    assert report.examples == sum(sizes(manifest).values()) == 100
    assert sizes(manifest)["holdout"] == 30


@pytest.mark.parametrize("task", [ROWS, TEXTS])
def test_rows_of_another_file_are_the_holdout(look: Look, tmp_path: Path, task: Task) -> None:
    def worded(found: Sequence[Sequence[object]]) -> list[tuple[object, ...]]:
        return [(f"mail {x}", z, y) for x, z, y in found] if task is TEXTS else [*map(tuple, found)]

    train = table(tmp_path / "data.csv", worded(rows(200)))
    test = table(tmp_path / "test" / "data.csv", worded([*rows(50, 1000), *rows(10)]))
    columns = (Column(name="z", type=ColumnType.IGNORE),)
    report, manifest = look(train, task, holdout_uri=str(test), columns=columns)
    (warning,) = report.problems
    assert (warning.reason, warning.count) == ("AlsoInHoldout", 10)
    assert "line 2 = hold-out line 52" in warning.names
    assert sizes(manifest)["holdout"] == 60
    assert report.examples == sum(sizes(manifest).values()) == 250


def test_rows_of_few_combinations_may_be_in_both(look: Look, tmp_path: Path) -> None:
    few = [(i % 3, i // 3 % 2, ("no", "yes")[i % 2]) for i in range(300)]
    report, manifest = look(table(tmp_path / "a.csv", few), holdout_uri=str(table(tmp_path / "b.csv", few[:60])))
    (warning,) = report.problems
    assert (warning.reason, warning.count) == ("AlsoInHoldout", 300)
    assert "stay in both" in warning.message
    assert manifest
    assert manifest.duplicates == "divided"
    assert sizes(manifest)["holdout"] == 60
    assert sizes(manifest)["validation"] == pytest.approx(60, abs=25)


@pytest.mark.parametrize(
    ("names", "validates"),
    [
        pytest.param(("train", "validation", "test"), True, id="in full"),
        pytest.param(("TRAIN", "VALIDATE", "TEST"), True, id="in capitals"),
        pytest.param(("training", "val", "holdout"), True, id="other words"),
        pytest.param((" Train", "dev ", "Hold-out"), True, id="with spaces"),
        pytest.param(("train", "train", "test"), False, id="without validation"),
        pytest.param(("", "", "test"), False, id="the others empty"),
    ],
)
def test_a_column_says_which_rows_are_held_out(
    look: Look, tmp_path: Path, names: tuple[str, ...], *, validates: bool
) -> None:
    said = [(*row, names[min(2, i // 2 % 5 // 2)]) for i, row in enumerate(rows(400))]
    report, manifest = look(table(tmp_path / "x.csv", said, (*HEAD, "part")), holdout_column="part")
    assert report.problems == ()
    assert manifest
    assert [column.name for column in manifest.columns] == ["x", "z"]
    found = sizes(manifest)
    assert found["holdout"] == 80
    assert found["validation"] == (160 if validates else pytest.approx(64, abs=20))


def test_the_holdout_stays_when_the_rest_grows(look: Look, tmp_path: Path) -> None:
    test = table(tmp_path / "test.csv", rows(40, 5000))
    columns = (Column(name="x", type=ColumnType.TIME),)
    first = look(table(tmp_path / "x.csv", rows(200)), holdout_uri=str(test))[1]
    second = look(table(tmp_path / "x.csv", rows(400)), holdout_uri=str(test))[1]
    timed = look(table(tmp_path / "x.csv", rows(400)), holdout_uri=str(test), columns=columns)[1]
    assert [sizes(each)["holdout"] for each in (first, second, timed)] == [40, 40, 40]
    assert sizes(timed)["validation"] == 80


@pytest.mark.parametrize(
    ("values", "reason", "words"),
    [
        pytest.param(["train", "test", "1"], "HoldoutColumn", ("train, validation or test", "1: 80"), id="a number"),
        pytest.param(["train", "val", "val"], "HoldoutColumn", ("no row is held out", "val: "), id="no test"),
        pytest.param(None, "ColumnMissing", ("holdout.column is part", "x, z, label"), id="no such column"),
    ],
)
def test_a_column_that_does_not_say_it(
    look: Look, tmp_path: Path, values: list[str] | None, reason: str, words: Sequence[str]
) -> None:
    said = [(*row, *([values[min(2, i // 2 % 5 // 2)]] if values else [])) for i, row in enumerate(rows(400))]
    head = (*HEAD, "part") if values else HEAD
    report, _ = look(table(tmp_path / "x.csv", said, head), holdout_column="part")
    (error,) = [each for each in report.problems if each.severity is Severity.ERROR]
    assert error.reason == reason
    assert all(word in error.message for word in words), error.message


def test_a_column_needs_rows(look: Look, tmp_path: Path) -> None:
    report, _ = look(images(tmp_path / "train", 60), IMAGES, holdout_column="part")
    assert [each.reason for each in report.problems] == ["HoldoutColumn"]
    assert "holdout.uri" in report.problems[0].message


@pytest.mark.parametrize(
    ("test", "reason", "words"),
    [
        pytest.param(lambda folder: folder / "none", "NoHoldout", "does not exist or is empty", id="nothing there"),
        pytest.param(
            lambda folder: table(folder / "test.csv", [(1, 2, "")] * 5),
            "NoHoldout",
            "no labelled example",
            id="no labels",
        ),
        pytest.param(
            lambda folder: table(folder / "test.csv", rows(20), ("X", "Z", "label")),
            "HoldoutColumns",
            "has none of the features (x, z)",
            id="other columns",
        ),
        pytest.param(lambda folder: table(folder / "test.csv", []), "NoExamples", "no rows: add rows", id="no rows"),
        pytest.param(
            lambda folder: table(folder / "test.csv", [], ()),
            "NoExamples",
            "or correct holdout.uri",
            id="an empty file",
        ),
        pytest.param(
            lambda folder: table(folder / "test.tsv.parquet", rows(20)), "HoldoutFormat", "Parquet", id="another format"
        ),
        pytest.param(
            lambda folder: table(folder / "test.csv", [*rows(20), (1, 2, "maybe")] * 3),
            "TooFewPerSplit",
            "maybe: 0 in training",
            id="a class of its own",
        ),
    ],
)
def test_a_holdout_that_cannot_score(
    look: Look, tmp_path: Path, test: Callable[[Path], Path], reason: str, words: str
) -> None:
    report, _ = look(
        table(tmp_path / "x.csv", rows(200)), holdout_uri=str(test(tmp_path)), checks={"min_examples_per_class": 2}
    )
    (error,) = [each for each in report.problems if each.severity is Severity.ERROR]
    assert (error.reason, words in error.message) == (reason, True), error.message


def test_a_holdout_of_other_columns_is_read_by_those_of_the_source(look: Look, tmp_path: Path) -> None:
    other = table(tmp_path / "test.csv", [(x, 7, y) for x, _, y in rows(40, 900)], ("x", "new", "label"))
    report, manifest = look(table(tmp_path / "x.csv", rows(200)), holdout_uri=str(other))
    assert [(each.reason, each.names) for each in report.problems] == [
        ("HoldoutColumns", ("z",)),
        ("HoldoutColumns", ("new",)),
    ]
    assert manifest
    assert [column.name for column in manifest.columns] == ["x", "z"]
    assert sizes(manifest)["holdout"] == 40


def test_a_holdout_without_the_target_says_so(look: Look, tmp_path: Path) -> None:
    kaggle = table(tmp_path / "test.csv", [row[:2] for row in rows(40, 900)], ("x", "z"))
    report, _ = look(table(tmp_path / "x.csv", rows(200)), holdout_uri=str(kaggle))
    assert {each.reason for each in report.problems} == {"NoHoldout", "HoldoutColumns", "Unlabelled"}
    assert any("lacks columns: label" in each.message for each in report.problems)


def test_all_of_a_source_cannot_be_held_out(look: Look, tmp_path: Path) -> None:
    path = table(tmp_path / "x.csv", rows(200))
    report, _ = look(path, holdout_uri=str(path))
    (error,) = report.problems
    assert (error.reason, "are held out" in error.message) == ("NoExamples", True)


@pytest.mark.parametrize(("first", "shared"), [(0, 50), (200, 0)], ids=["the same patients", "others"])
def test_groups_of_both_are_said(look: Look, tmp_path: Path, first: int, shared: int) -> None:
    def visits(count: int, start: int, patient: int) -> list[tuple[object, ...]]:
        return [(*row, f"p{patient + i // 5}") for i, row in enumerate(rows(count, start))]

    head, columns = (*HEAD, "patient"), (Column(name="patient", type=ColumnType.GROUP),)
    test = table(tmp_path / "test.csv", visits(50, 900, first), head)
    train = table(tmp_path / "x.csv", visits(200, 0, 0), head)
    report, manifest = look(train, holdout_uri=str(test), columns=columns)
    assert [(each.reason, each.count) for each in report.problems] == [("GroupsInHoldout", shared)] * bool(shared)
    assert sizes(manifest)["holdout"] == 50


def test_a_class_without_holdout_examples_is_said(look: Look, tmp_path: Path) -> None:
    test = table(tmp_path / "test.csv", [row for row in rows(60, 900) if row[-1] == "yes"])
    report, manifest = look(table(tmp_path / "x.csv", rows(200)), holdout_uri=str(test))
    (warning,) = report.problems
    assert (warning.reason, warning.names) == ("ClassesNotHeldOut", ("no",))
    assert sizes(manifest)["holdout"] == 30
