"""A revision is a copy that trainers stream: what the source holds comes out, the same content has the same address."""

import csv
import io
import json
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from noria.contract import Column, ColumnType, ExitCode, Format, ProfileOrder, ProfileReport, Source, Task
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.data.manifest import LABEL, SPLITS, SplitName
from noria_trainers.data.revision import Revision
from noria_trainers.data.spool import Spool
from noria_trainers.modality.modality import split_of
from noria_trainers.steps import profile

HERE = Store.from_environment(environment={})


def order(uri: Path | str, task: Task, destination: Path | str, **fields: Any) -> ProfileOrder:
    source = Source(uri=str(uri), format=fields.pop("format", None))
    return ProfileOrder(task=task, source=source, destination=f"{destination}/", report=f"{destination}/r", **fields)


def profiled(tmp_path: Path, uri: Path | str, task: Task, **fields: Any) -> tuple[ProfileReport, Revision]:
    report = profile.run(order(uri, task, tmp_path / "out", **fields), HERE, tmp_path / "scratch")
    assert report.revision, report.problems
    return report, Revision.open(HERE, f"{tmp_path}/out/{report.revision}")


def picture(seed: int, mode: str = "RGB", kind: str = "PNG") -> bytes:
    data = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (6 + seed % 3, 8, 3), np.uint8)
    Image.fromarray(pixels).convert(mode).save(data, kind)
    return data.getvalue()


def images(folder: Path, count: int = 60, **picture_options: str) -> dict[bytes, str]:
    found = {picture(seed, **picture_options): ("cat", "dog")[seed % 2] for seed in range(count)}
    for number, (data, label) in enumerate(found.items()):
        path = folder / label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return found


def read(revision: Revision, scratch: Path) -> dict[SplitName, list[tuple[bytes, str]]]:
    """Contents and class names by split, as a served model takes them."""
    found = {}
    for split in SPLITS:
        inputs, labels = next(split_of(revision, split, scratch).batches(1000))
        (contents,) = inputs.values()
        found[split] = [(content, revision.manifest.classes[i]) for content, i in zip(contents, labels, strict=True)]
        assert len(labels) == revision.manifest.splits[split].examples
    return found


def test_images_come_out_as_they_went_in(tmp_path: Path) -> None:
    expected = images(tmp_path / "in")
    report, revision = profiled(tmp_path, tmp_path / "in", Task.IMAGE_CLASSIFICATION)
    found = read(revision, tmp_path / "trial")
    assert dict(chain(*found.values())) == expected
    assert sum(map(len, found.values())) == report.examples == 60
    assert revision.manifest.splits["train"].class_counts.keys() == {"cat", "dog"}
    shape = revision.manifest.image
    assert shape is not None
    assert (shape.height, shape.width, shape.channels) == (7, 8, 3)


def test_classes_are_mixed_in_a_revision(tmp_path: Path) -> None:
    images(tmp_path / "in", 200)
    _, revision = profiled(tmp_path, tmp_path / "in", Task.IMAGE_CLASSIFICATION)
    labels = [label for _, label in read(revision, tmp_path / "trial")["train"]]
    assert sum(a != b for a, b in pairwise(labels)) > len(labels) / 4


def test_grey_images_are_told(tmp_path: Path) -> None:
    images(tmp_path / "in", mode="L")
    _, revision = profiled(tmp_path, tmp_path / "in", Task.IMAGE_CLASSIFICATION)
    assert revision.manifest.image is not None
    assert revision.manifest.image.channels == 1


def test_large_splits_are_several_shards(tmp_path: Path) -> None:
    contents = [bytes([i]) * (100 + i) for i in range(200)]
    with Spool(tmp_path / "spool", "image", shard_bytes=2000) as spool:
        for content in contents:
            spool.append(content)
    labels = np.arange(200) * 1000
    paths = list(spool.shards("train", np.arange(200)[::-1], labels, tmp_path))
    layout = {"image": tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64)}
    records = tf.data.TFRecordDataset([str(path) for path in paths]).map(
        lambda x: tf.io.parse_single_example(x, layout)
    )
    found = [(each["image"], each["label"]) for each in records.as_numpy_iterator()]
    assert found == list(zip(contents, labels, strict=True))[::-1]
    assert 15 < len(paths) < 30


def mails(count: int = 80) -> list[dict[str, str]]:
    return [{"text": f"Grüße, mail {i}\n{'x' * i}", "label": "spam" if i % 3 else "ham"} for i in range(count)]


@pytest.mark.parametrize("format_", [Format.JSON_LINES, Format.CSV, Format.IMAGE_FOLDER])
def test_texts_come_out_as_they_went_in(tmp_path: Path, format_: Format) -> None:
    at = tmp_path / "in"
    at.mkdir()
    for number, row in enumerate(mails()):
        (at / row["label"]).mkdir(exist_ok=True)
        (at / row["label"] / f"{number}.txt").write_text(row["text"])
    (at / "mails.jsonl").write_text("\n".join(map(json.dumps, mails())))
    with (at / "mails.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["label", "text"])
        writer.writeheader()
        writer.writerows(mails())
    where = {Format.JSON_LINES: at / "mails.jsonl", Format.CSV: at / "mails.csv"}.get(format_, at)
    _, revision = profiled(tmp_path, where, Task.TEXT_CLASSIFICATION, format=format_)
    found = read(revision, tmp_path / "trial")
    assert {(text.decode(), label) for text, label in chain(*found.values())} == {
        (row["text"], row["label"]) for row in mails()
    }


def table(path: Path, count: int = 100, target: str = "kind") -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["size", "colour", "kind", "price", "click"])
        for i in range(count):
            colour = ("red", "green", "", "NA")[i % 4]
            writer.writerow(["?" if i % 10 == 0 else i * 0.5, colour, ("b", "a")[i % 2], i * 1.5, ("no", "yes")[i % 2]])
    return path


def test_a_table_comes_out_typed(tmp_path: Path) -> None:
    path = table(tmp_path / "in.csv")
    ignored = tuple(Column(name=name, type=ColumnType.IGNORE) for name in ("price", "click"))
    _, revision = profiled(tmp_path, path, Task.TABULAR_CLASSIFICATION, target="kind", columns=ignored)
    manifest = revision.manifest
    assert [(each.name, each.type) for each in manifest.columns] == [
        ("size", ColumnType.NUMERIC),
        ("colour", ColumnType.CATEGORICAL),
    ]
    assert (manifest.classes, manifest.target) == (("a", "b"), "kind")
    rows = [row for split in SPLITS for row in revision.table(split, tmp_path / "trial").to_pylist()]
    by_size = {row["size"]: row for row in rows if row["size"] is not None}
    assert len(rows) == 100
    assert by_size[0.5] == {"size": 0.5, "colour": "green", LABEL: 0}
    assert by_size[1.0] == {"size": 1.0, "colour": None, LABEL: 1}
    assert by_size[1.5] == {"size": 1.5, "colour": None, LABEL: 0}
    assert sum(row["size"] is None for row in rows) == 10


def test_a_regression_keeps_its_values_and_has_no_classes(tmp_path: Path) -> None:
    _, revision = profiled(tmp_path, table(tmp_path / "in.csv"), Task.TABULAR_REGRESSION, target="price")
    labels = np.concatenate([revision.table(split, tmp_path / "trial")[LABEL].to_numpy() for split in SPLITS])
    assert sorted(labels) == [i * 1.5 for i in range(100)]
    assert revision.manifest.classes == ()
    assert labels.dtype == np.float64


def test_clicks_are_0_and_1_however_they_are_written(tmp_path: Path) -> None:
    _, revision = profiled(tmp_path, table(tmp_path / "in.csv"), Task.CLICK_THROUGH_RATE, target="click")
    rows = [row for split in SPLITS for row in revision.table(split, tmp_path / "trial").to_pylist()]
    assert {row["price"] / 1.5 % 2: row[LABEL] for row in rows} == {0.0: 0, 1.0: 1}
    assert revision.manifest.classes == ("0", "1")


def test_the_same_content_has_the_same_address_wherever_and_however_it_lies(object_store: Any, tmp_path: Path) -> None:
    images(tmp_path / "in")
    report, _ = profiled(tmp_path, tmp_path / "in", Task.IMAGE_CLASSIFICATION)
    store, at = Store.from_environment(environment=object_store.environment), f"s3://{object_store.bucket()}"
    for number, path in enumerate(sorted((tmp_path / "in").rglob("*.png"), reverse=True)):
        store.upload(path, f"{at}/source/{path.parent.name}/renamed-{number}.png")
    there = order(f"{at}/source", Task.IMAGE_CLASSIFICATION, f"{at}/datasets/ns/name")
    again = profile.run(there, store, tmp_path / "scratch", source=store)
    assert again.revision == report.revision
    revision = Revision.open(store, f"{at}/datasets/ns/name/{again.revision}/")
    assert sum(len(found) for found in read(revision, tmp_path / "trial").values()) == 60


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"holdout_fraction": 0.3}, id="hold-out"),
        pytest.param({"target": "click"}, id="target"),
        pytest.param({"columns": (Column(name="price", type=ColumnType.IGNORE),)}, id="columns"),
        pytest.param({"task": Task.CLICK_THROUGH_RATE, "target": "click"}, id="task"),
    ],
)
def test_what_forms_the_revision_changes_its_address(tmp_path: Path, change: dict[str, Any]) -> None:
    path = table(tmp_path / "in.csv")
    plain: dict[str, Any] = {"task": Task.TABULAR_CLASSIFICATION, "target": "kind"}
    first, _ = profiled(tmp_path, path, **plain)
    second, _ = profiled(tmp_path, path, **(plain | change))
    assert first.revision != second.revision


def test_a_changed_label_changes_the_address(tmp_path: Path) -> None:
    path = table(tmp_path / "in.csv")
    first, _ = profiled(tmp_path, path, Task.TABULAR_CLASSIFICATION, target="kind")
    path.write_text(path.read_text().replace("0.5,green,a", "0.5,green,b"))
    second, _ = profiled(tmp_path, path, Task.TABULAR_CLASSIFICATION, target="kind")
    assert first.revision != second.revision


def test_a_revision_is_written_once_and_its_manifest_last(tmp_path: Path) -> None:
    path = table(tmp_path / "in.csv")
    report, revision = profiled(tmp_path, path, Task.TABULAR_CLASSIFICATION, target="kind")
    folder = Path(revision.uri)
    before = {each: each.stat().st_mtime_ns for each in folder.iterdir()}
    assert max(before, key=before.__getitem__).name == "manifest.json"
    again, _ = profiled(tmp_path, path, Task.TABULAR_CLASSIFICATION, target="kind")
    assert again == report
    assert {each: each.stat().st_mtime_ns for each in folder.iterdir()} == before
    (folder / "manifest.json").unlink()
    profiled(tmp_path, path, Task.TABULAR_CLASSIFICATION, target="kind")
    assert (folder / "manifest.json").exists()


def test_shards_are_downloaded_once(tmp_path: Path) -> None:
    _, revision = profiled(tmp_path, table(tmp_path / "in.csv"), Task.TABULAR_CLASSIFICATION, target="kind")
    first = revision.table("train", tmp_path / "trial")
    for path in Path(revision.uri).glob("train*"):
        path.unlink()
    assert revision.table("train", tmp_path / "trial") == first


def test_a_revision_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="abc") as failure:
        Revision.open(HERE, f"{tmp_path}/abc/")
    assert (failure.value.exit_code, failure.value.reason) == (ExitCode.BAD_DATA, "RevisionNotFound")
