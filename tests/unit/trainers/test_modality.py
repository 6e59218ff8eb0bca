"""What an example is: training and serving read the same of its shards, and its files tell its task."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from noria.contract import Format, ProfileOrder, Source, Task
from noria_store.store import Store
from noria_trainers.data.manifest import SPLITS
from noria_trainers.data.revision import Revision
from noria_trainers.modality.modality import MODALITIES, modality_of, split_of, told_by
from noria_trainers.modality.stored import StoredSplit
from noria_trainers.steps import profile

TASKS = [pytest.param(task, id=task) for task in Task]
SourceOf = Callable[[Task], tuple[Path, str | None]]


class Unchanged:
    """Inputs that leave the serving signature's arrays as they are."""

    def signature(self) -> dict[str, tf.TensorSpec]:
        return {}

    def encode(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {name: tf.strings.length(each) if each.dtype == tf.string else each for name, each in raw.items()}


@pytest.fixture
def revision(source_of: SourceOf, store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> Revision:
    """A small revision of the task."""
    task: Task = request.param
    path, target = source_of(task)
    order = ProfileOrder(
        task=task,
        source=Source(uri=str(path)),
        target=target,
        destination=f"{tmp_path}/out/",
        report=f"{tmp_path}/r",
        landmark_seconds=0,
    )
    report = profile.run(order, store, tmp_path / "scratch", source=store)
    return Revision.open(store, f"{tmp_path}/out/{report.revision}/")


def whole(split: StoredSplit) -> tuple[Mapping[str, np.ndarray], np.ndarray]:
    return next(split.batches(10_000))


@pytest.mark.parametrize("revision", TASKS, indirect=True)
def test_a_split_is_the_same_in_batches_of_any_size(revision: Revision, tmp_path: Path) -> None:
    for name in SPLITS:
        split = split_of(revision, name, tmp_path)
        inputs, labels = whole(split)
        parts = list(split.batches(7))
        assert len(labels) == revision.manifest.splits[name].examples
        np.testing.assert_array_equal(np.concatenate([part for _, part in parts]), labels)
        for key, values in inputs.items():
            np.testing.assert_array_equal(np.concatenate([part[key] for part, _ in parts]), values)
        np.testing.assert_array_equal(np.sort(split.labels), np.sort(labels))


@pytest.mark.parametrize("revision", TASKS, indirect=True)
def test_networks_get_what_servers_are_asked(revision: Revision, tmp_path: Path) -> None:
    split = split_of(revision, "train", tmp_path)
    inputs, labels = whole(split)
    expected = Unchanged().encode({name: tf.constant(values) for name, values in inputs.items()})
    encoded = split.encoded(Unchanged())
    held = encoded.held()
    assert encoded.count == held.count == len(labels)
    np.testing.assert_array_equal(held.labels, labels)
    for name, values in expected.items():
        np.testing.assert_array_equal(held.features[name], values)
    assert sum(len(part) for _, part in encoded.epoch(0, 0, 16)) == len(labels)


@pytest.mark.parametrize("revision", TASKS, indirect=True)
def test_designs_see_rows_or_strings(revision: Revision, tmp_path: Path) -> None:
    split = split_of(revision, "train", tmp_path)
    assert (split.table is None) is bool(split.texts)
    if split.table is not None:
        assert split.table.num_rows == len(split.labels)
    if split.texts:
        (name, values), *others = whole(split)[0].items()
        assert not others
        assert list(split.texts().as_numpy_iterator()) == list(values), name


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["cat/1.JPG", "README.md"], Task.IMAGE_CLASSIFICATION, id="an image among others"),
        pytest.param(["spam/1.txt", "spam.csv"], Task.TEXT_CLASSIFICATION, id="texts"),
        pytest.param(["cat/1.png", "cat/1.txt"], Task.IMAGE_CLASSIFICATION, id="images with notes"),
        pytest.param(["x.csv"], None, id="a table may have several tasks"),
        pytest.param(["x.zip"], None, id="an archive may hold anything"),
        pytest.param([], None, id="nothing"),
    ],
)
def test_files_tell_their_task(names: list[str], expected: Task | None) -> None:
    assert told_by(names) is expected


def test_every_task_and_format_has_a_modality() -> None:
    assert {id(modality_of(task)) for task in Task} == {id(each) for each in MODALITIES.values()}
    assert {format_ for each in MODALITIES.values() for format_ in each.formats} == set(Format)


def test_reading_examples_needs_no_tensorflow() -> None:
    code = "import sys; from noria_trainers import examine; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
