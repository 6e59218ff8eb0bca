"""The keys of a revision: what makes an example the same one in another revision, in the order of its shards."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from noria.contract import Column, ColumnType, ProfileOrder, Source, Task
from noria_store.store import Store
from noria_trainers.data.examples import digest, digests
from noria_trainers.data.manifest import SPLITS
from noria_trainers.data.revision import Revision
from noria_trainers.data.split_keys import SplitKeys
from noria_trainers.data.spool import Spool
from noria_trainers.modality.known import comparable_keys, split_keys
from noria_trainers.modality.modality import split_of
from noria_trainers.steps import profile

HERE = Store.from_environment(environment={})
Profiled = Callable[..., Revision]
Rows = Sequence[Sequence[object]]


@pytest.fixture
def profiled(tmp_path: Path) -> Profiled:
    """Profiles rows under a header, the target being `y`."""

    def run(head: str, rows: Rows, task: Task = Task.TABULAR_CLASSIFICATION, **fields: Any) -> Revision:
        path = tmp_path / "x.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([head.split(), *rows])
        out = f"{tmp_path}/out/"
        source = Source(uri=str(path))
        order = ProfileOrder(task=task, source=source, target="y", destination=out, report=f"{out}r", **fields)
        report = profile.run(order, HERE, tmp_path / "scratch")
        assert report.revision, report.problems
        return Revision.open(HERE, f"{out}{report.revision}")

    return run


def declared(**types: ColumnType) -> tuple[Column, ...]:
    return tuple(Column(name=name, type=type_) for name, type_ in types.items())


def numbered(count: int, start: int = 0) -> Rows:
    return [(i / 7, i % 13, ("no", "yes")[i % 2]) for i in range(start, start + count)]


def without_keys(revision: Revision) -> Revision:
    """The same as an earlier version wrote it."""
    path = Path(revision.uri) / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["keys"], manifest["rule"]
    path.write_text(json.dumps(manifest))
    return Revision.open(HERE, revision.uri)


def test_keys_of_texts_are_in_the_order_of_their_shards(
    profiled: Profiled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Spool.__init__, "__kwdefaults__", {"shard_bytes": 500})
    rows = [(f"a text with some words {i}", ("no", "yes")[i % 2]) for i in range(200)]
    revision = profiled("text y", rows, Task.TEXT_CLASSIFICATION)
    keys = split_keys(revision, tmp_path / "r")
    assert len(revision.manifest.splits["train"].shards) > 2
    for name, keyed in zip(SPLITS, keys.all, strict=True):
        batches = split_of(revision, name, tmp_path / "r").batches(16)
        contents = [content for inputs, _ in batches for content in next(iter(inputs.values())).tolist()]
        assert digests([digest(content) for content in contents])[:, 0].tolist() == keyed.keys.tolist()
        assert (np.diff(keyed.keys.astype(object)) > 0).all()


def test_keys_of_rows_are_in_the_order_of_their_shards(profiled: Profiled, tmp_path: Path) -> None:
    revision = profiled("a b y", numbered(300))
    keys = split_keys(revision, tmp_path / "r")
    assert revision.manifest.keys
    assert [each.name for each in revision.manifest.keys.columns] == ["a", "b"]
    for name, keyed in zip(SPLITS, keys.all, strict=True):
        assert len(keyed) == revision.manifest.splits[name].examples
        assert split_of(revision, name, tmp_path / "r").digests()[:, 0].tolist() == keyed.keys.tolist()


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(numbered(200), id="rows that differ"),
        pytest.param([(i % 3, i // 3 % 2, ("no", "yes")[i % 5 > 2]) for i in range(600)], id="divided rows"),
    ],
)
def test_keys_of_a_revision_without_them_are_those_of_its_shards(
    profiled: Profiled, tmp_path: Path, rows: Rows
) -> None:
    revision = profiled("a b y", rows)
    known = split_keys(revision, tmp_path / "r")
    derived = split_keys(without_keys(revision), tmp_path / "r")
    assert derived.is_comparable(known)
    assert {each for split in derived.all for each in split.keys} == {
        each for split in known.all for each in split.keys
    }
    assert [len(each) for each in derived.all] == [len(each) for each in known.all]
    assert [each.features.tolist() for each in derived.all] == [each.features.tolist() for each in known.all]


def test_a_file_of_keys_that_was_changed_is_not_believed(profiled: Profiled, tmp_path: Path) -> None:
    revision = profiled("a b y", numbered(200))
    known = split_keys(revision, tmp_path / "r")
    (Path(revision.uri) / "keys.npz").write_bytes(b"something else")
    found = split_keys(revision, tmp_path / "r")
    assert [each.keys.tolist() for each in found.all] == [each.keys.tolist() for each in known.all]


def test_groups_and_times_are_kept_with_the_cut_offs(profiled: Profiled, tmp_path: Path) -> None:
    rows = [(*row[:2], f"p{i // 10}", i, row[2]) for i, row in enumerate(numbered(200))]
    types = declared(patient=ColumnType.GROUP, at=ColumnType.TIME)
    keys = split_keys(profiled("a b patient at y", rows, columns=types), tmp_path / "r")
    assert (keys.rule.group, keys.rule.time) == ("patient", "at")
    assert (keys.rule.validation_from, keys.rule.holdout_from) == (128, 160)
    assert keys.holdout.times is not None
    assert sorted(keys.holdout.times) == [*range(160, 200)]
    assert keys.holdout.groups is not None
    assert len(set(keys.holdout.groups.tolist())) == 4


def revised(profiled: Profiled, tmp_path: Path, head: str, one: Rows, other: Rows, **fields: Any) -> list[SplitKeys]:
    revisions = [profiled(head, rows, **fields) for rows in (one, other)]
    return [split_keys(each, tmp_path / each.manifest.revision) for each in revisions]


def test_what_a_model_was_trained_on_is_seen(profiled: Profiled, tmp_path: Path) -> None:
    one, other = revised(profiled, tmp_path, "a b y", numbered(300), numbered(300, 150))
    fair = other.holdout.keys[other.unseen(one, other)]
    assert 0 < len(fair) <= len(other.holdout)
    assert not np.isin(fair, [*one.train.keys, *one.validation.keys]).any()
    assert one.unseen(one).all()


def test_rows_later_than_every_cut_off_are_unseen(profiled: Profiled, tmp_path: Path) -> None:
    def visits(count: int) -> Rows:
        return [(*row[:2], i, row[2]) for i, row in enumerate(numbered(count))]

    one, other = revised(profiled, tmp_path, "a b at y", visits(200), visits(300), columns=declared(at=ColumnType.TIME))
    assert (one.rule.holdout_from, other.rule.holdout_from) == (160, 240)
    assert other.unseen(one, other).all()
    assert np.count_nonzero(one.unseen(one, other)) == 0
    assert one.unseen(one).all()


def test_no_row_of_a_group_that_was_trained_on_is_unseen(profiled: Profiled, tmp_path: Path) -> None:
    def visits(count: int) -> Rows:
        return [(*row[:2], f"p{i % 40}", row[2]) for i, row in enumerate(numbered(count))]

    types = declared(patient=ColumnType.GROUP)
    one, other = revised(profiled, tmp_path, "a b patient y", visits(200), visits(400)[200:], columns=types)
    assert one.holdout.groups is not None
    assert other.holdout.groups is not None
    fair = set(other.holdout.groups[other.unseen(one)].tolist())
    assert fair <= set(one.holdout.groups.tolist())


def test_groups_that_the_time_divides_prove_by_time(profiled: Profiled, tmp_path: Path) -> None:
    def visits(count: int) -> Rows:
        return [(*row[:2], f"u{i % 7}", i, row[2]) for i, row in enumerate(numbered(count))]

    types = declared(user=ColumnType.GROUP, at=ColumnType.TIME)
    one, other = revised(profiled, tmp_path, "a b user at y", visits(200), visits(300), columns=types)
    assert other.unseen(one, other).all()


def test_what_is_named_as_holdout_after_training_is_in_no_proof(profiled: Profiled, tmp_path: Path) -> None:
    rows = [(*row[:2], ("train", "test")[i % 4 == 0], row[2]) for i, row in enumerate(numbered(400))]
    one = profiled("a b part y", rows, columns=declared(part=ColumnType.IGNORE))
    other = profiled("a b part y", rows, previous=one.uri, holdout_column="part")
    first, second = (split_keys(each, tmp_path / "r") for each in (one, other))
    fair = second.holdout.keys[second.unseen(first)]
    assert set(fair) == {*second.holdout.keys} & {*first.holdout.keys}
    assert 0 < len(fair) < len(second.holdout)


def test_keys_of_other_columns_prove_nothing(profiled: Profiled, tmp_path: Path) -> None:
    one = profiled("a b y", numbered(200))
    other = profiled("a c y", numbered(200))
    first, second = (split_keys(each, tmp_path / each.manifest.revision) for each in (one, other))
    assert not first.is_comparable(second)
    assert not first.unseen(second).any()


@pytest.mark.parametrize("head", ["a b c y", "b a y"], ids=["a column more", "another order"])
def test_keys_of_other_columns_are_made_of_those_that_both_have(profiled: Profiled, tmp_path: Path, head: str) -> None:
    def row(i: int, y: str) -> Sequence[object]:
        values = {"a": i / 7, "b": i % 13, "c": i % 3, "y": y}
        return [values[name] for name in head.split()]

    one = profiled("a b y", numbered(200))
    other = profiled(head, [row(i, ("no", "yes")[i % 2]) for i in range(100, 300)])
    assert not split_keys(other, tmp_path / "r").is_comparable(split_keys(one, tmp_path / "r"))
    first, second = comparable_keys((one, other), tmp_path / "r")
    fair = second.holdout.keys[second.unseen(first)]
    assert len(fair)
    assert not np.isin(fair, [*first.train.keys, *first.validation.keys]).any()
    assert np.isin(second.train.keys, np.concatenate([each.keys for each in first.all])).any()


def test_keys_are_not_made_of_what_tells_no_rows_apart(profiled: Profiled, tmp_path: Path) -> None:
    one = profiled("a b y", numbered(200))
    other = profiled("b c y", [(b, a, y) for a, b, y in numbered(200)])
    first, second = comparable_keys((one, other), tmp_path / "r")
    assert not first.is_comparable(second)
