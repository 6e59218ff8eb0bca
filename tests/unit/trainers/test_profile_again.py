"""A Dataset that is profiled again: what the revision before it had stays in its splits, whatever has changed."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partialmethod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from noria.contract import (
    Column,
    ColumnType,
    Ensemble,
    Metric,
    ProfileOrder,
    ProfileReport,
    Severity,
    Source,
    Strategy,
    Task,
)
from noria_cli.in_process import InProcess, Options
from noria_store.store import Store
from noria_trainers.data.manifest import SPLITS, SplitName
from noria_trainers.data.revision import Revision
from noria_trainers.data.split_keys import SplitKeys
from noria_trainers.modality.known import split_keys
from noria_trainers.modality.modality import split_of
from noria_trainers.steps import profile

HERE = Store.from_environment(environment={})
Table = Sequence[Mapping[str, object]]
PATIENT = Column(name="patient", type=ColumnType.GROUP)
AT = Column(name="at", type=ColumnType.TIME)


@dataclass(frozen=True)
class Profiled:
    """A revision: which split each `x` is in."""

    report: ProfileReport
    uri: str
    splits: Mapping[object, SplitName]

    def reasons(self) -> list[str]:
        return [each.reason for each in self.report.problems]

    def held(self) -> set[object]:
        return {x for x, split in self.splits.items() if split == "holdout"}


Profile = Callable[..., Profiled]


@pytest.fixture
def look(tmp_path: Path) -> Profile:
    """Profiles a table with the columns `x`, different in each row, and `y`; `after` is the revision before it."""

    def run(table: Table, after: Profiled | None = None, *, read: bool = True, **fields: Any) -> Profiled:
        path = tmp_path / "x.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(table[0]))
            writer.writeheader()
            writer.writerows(table)
        out = f"{tmp_path}/out/"
        given: dict[str, Any] = {"task": Task.TABULAR_CLASSIFICATION, "target": "y"} | fields
        previous = after.uri if after else None
        order = ProfileOrder(
            source=Source(uri=str(path)), previous=previous, destination=out, report=f"{out}r", **given
        )
        report = profile.run(order, HERE, tmp_path / f"scratch-{len(list(tmp_path.iterdir()))}")
        if report.revision is None:
            return Profiled(report, "", {})
        revision = Revision.open(HERE, f"{out}{report.revision}/")
        found: dict[object, SplitName] = {}
        for name in SPLITS if read else ():
            rows = split_of(revision, name, tmp_path / "read").table
            assert rows is not None
            found |= dict.fromkeys(rows["x"].to_pylist(), name)
        return Profiled(report, revision.uri, found)

    return run


def table(count: int, start: int = 0, **more: Callable[[int], object]) -> list[dict[str, object]]:
    """Rows that differ in `x`."""
    return [
        {"x": i + 0.5, "z": i * 37 % 11 / 3, "y": ("no", "yes")[i % 2]} | {name: of(i) for name, of in more.items()}
        for i in range(start, start + count)
    ]


def moved(one: Profiled, other: Profiled) -> dict[object, tuple[str, str]]:
    return {
        x: (one.splits[x], other.splits[x])
        for x in one.splits.keys() & other.splits.keys()
        if one.splits[x] != other.splits[x]
    }


def said(i: int) -> str:
    return ("low", "high")[i % 3 > 1]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(table(100), table(160), id="rows are added"),
        pytest.param(table(100), table(70, 15), id="rows are erased"),
        pytest.param(table(100), [{**row, "y": "yes"} for row in table(160)[:20]] + table(140, 20), id="relabelled"),
        pytest.param(table(100), table(160, said=said), id="a column comes"),
        pytest.param(table(100, said=said), table(160), id="a column goes"),
        pytest.param(
            table(100, w=lambda i: i % 9), table(160, w=lambda i: i % 9 if i < 110 else "m"), id="numbers, then words"
        ),
        pytest.param(
            table(100, code=lambda i: f"c{i}"), table(160, code=lambda i: f"c{i % 100}"), id="codes, then categories"
        ),
        pytest.param(
            table(100, code=lambda i: f"c{i % 99}"),
            table(400, code=lambda i: f"c{i % 99 if i < 100 else i}"),
            id="categories, then codes",
        ),
        pytest.param(table(100, one=lambda i: 1), table(160, one=lambda i: 1 + i // 100), id="a constant that varies"),
        pytest.param(
            table(100, w=lambda i: f"{i % 9}.5"),
            table(160, w=lambda i: f"{i % 9}.5" if i < 120 else "1,234.5"),
            id="another way to write numbers",
        ),
    ],
)
def test_known_rows_stay(look: Profile, first: Table, second: Table) -> None:
    one = look(first)
    other = look(second, one)
    assert moved(one, other) == {}
    assert len(other.splits) == len(second)
    assert look(second, other).report.revision == other.report.revision


def without_keys(found: Profiled) -> Profiled:
    """The revision as an earlier version wrote it."""
    path = Path(found.uri) / "manifest.json"
    old = json.loads(path.read_text())
    del old["keys"], old["rule"]
    path.write_text(json.dumps(old))
    return found


def test_a_revision_without_keys_that_was_divided_by_time_is_known_too(look: Profile) -> None:
    one = without_keys(look(table(200, at=lambda i: i), columns=(AT,)))
    other = look(table(260, at=lambda i: i), one, columns=(AT,))
    assert not any(pair[1] == "holdout" for pair in moved(one, other).values())
    assert other.reasons() == []


def test_a_revision_without_keys_is_known_by_its_rows(look: Profile) -> None:
    rows = table(100, one=lambda i: 1)
    one = without_keys(look(rows))
    assert look(rows, one).report.revision == one.report.revision
    other = look([*rows[10:], *table(60, 100, one=lambda i: 2)], one)
    assert moved(one, other) == {}
    assert other.reasons() == []


def test_what_went_and_comes_back_is_where_it_was(look: Profile) -> None:
    every = table(160)
    first = look(every)
    second = look(every[60:], first)
    third = look([*every[60:], *table(10, 200)], second)
    assert moved(first, look(every, third)) == {}


def test_a_revision_that_comes_back_remembers_what_was_between(look: Profile) -> None:
    rows, more = table(100), table(60, 100)
    first = look(rows)
    between = look([*rows, *more], first)
    again = look(rows, between)
    assert again.uri == first.uri
    assert moved(between, look([*rows, *more, *table(5, 300)], again)) == {}


def test_another_fraction_is_for_what_comes(look: Profile) -> None:
    one = look(table(200), holdout_fraction=0.1)
    same = look(table(200), one, holdout_fraction=0.4)
    assert moved(one, same) == {}
    assert [each.count for each in same.report.problems] == [0, 0]
    (message, _) = (each.message for each in same.report.problems)
    assert "are held out, not 4" in message
    grown = look(table(1000), same, holdout_fraction=0.4)
    assert moved(one, grown) == {}
    assert len(grown.held()) / 1000 == pytest.approx(0.4, abs=0.05)
    assert grown.reasons() == []


def test_a_class_whose_holdout_was_erased_is_said(look: Profile) -> None:
    rows = table(120)
    one = look(rows)
    gone = {x for x in one.held() if int(float(str(x))) % 2}
    other = look([row for row in rows if row["x"] not in gone], one)
    (warning,) = (each for each in other.report.problems if "yes: 0 in hold-out" in each.message)
    assert (warning.reason, warning.severity) == ("SplitsKept", Severity.WARNING)
    assert moved(one, other) == {}
    more = look([row for row in table(200) if row["x"] not in gone], other)
    assert any(int(float(str(x))) % 2 for x in more.held())
    assert "SplitsKept" not in more.reasons()


def test_a_holdout_that_was_erased_is_an_error_with_a_cure(look: Profile) -> None:
    rows = table(120)
    one = look(rows)
    report = look([row for row in rows if row["x"] not in one.held()], one).report
    (error,) = (each for each in report.problems if each.severity is Severity.ERROR)
    assert error.reason == "TooFewPerSplit"
    assert "known ones stay" in error.message
    assert "another name" in error.message


def test_what_the_owner_holds_out_is_held_out_though_it_was_trained_on(look: Profile) -> None:
    rows = table(200, part=lambda i: ("train", "test")[i % 4 == 0])
    one = look(rows, columns=(Column(name="part", type=ColumnType.IGNORE),))
    other = look(rows, one, holdout_column="part")
    assert other.held() == {row["x"] for row in rows if row["part"] == "test"}
    (warning,) = (each for each in other.report.problems if each.reason == "HeldOutAfterTraining")
    assert warning.count == len(other.held() - one.held())
    assert all(pair[1] == "holdout" or pair[0] == "holdout" for pair in moved(one, other).values())


def test_a_holdout_of_the_owner_stays_held_out_without_him(look: Profile) -> None:
    rows = table(200, part=lambda i: ("train", "test")[i % 4 == 0])
    one = look(rows, holdout_column="part")
    other = look(rows, one, columns=(Column(name="part", type=ColumnType.IGNORE),))
    assert moved(one, other) == {}


def test_groups_that_are_named_later_become_whole_and_never_held_out_again(look: Profile) -> None:
    rows = table(300, patient=lambda i: f"p{i // 3}", w=lambda i: i % 5)
    one = look(rows, columns=(Column(name="patient", type=ColumnType.IGNORE),))
    other = look(rows, one, columns=(PATIENT,))
    of = {row["x"]: row["patient"] for row in rows}
    assert all(len({other.splits[x] for x in of if of[x] == patient}) == 1 for patient in set(of.values()))
    assert not any(pair[1] == "holdout" for pair in moved(one, other).values())
    new = look([*rows, *table(300, 300, patient=lambda i: f"p{i // 6}")], other, columns=(PATIENT,))
    assert moved(other, new) == {}


def test_a_group_keeps_its_split_when_all_its_rows_are_new(look: Profile) -> None:
    one = look(table(300, patient=lambda i: f"p{i % 60}"), columns=(PATIENT,))
    other = look(table(300, 300, patient=lambda i: f"p{i % 60}"), one, columns=(PATIENT,))
    for x, split in other.splits.items():
        assert split == one.splits[float(str(x)) - 300]


def test_times_roll_forward(look: Profile) -> None:
    one = look(table(200, at=lambda i: i), columns=(AT,))
    other = look(table(300, at=lambda i: i), one, columns=(AT,))
    assert {pair[1] for pair in moved(one, other).values()} == {"train", "validation"}
    back = look(table(200, at=lambda i: i)[:190], one, columns=(AT,))
    assert not any(pair[1] == "holdout" for pair in moved(one, back).values())


def test_a_row_whose_time_is_corrected_is_not_held_out(look: Profile) -> None:
    one = look(table(200, at=lambda i: i), columns=(AT,))
    late = [{**row, "at": 500 + i} if i < 20 else row for i, row in enumerate(table(220, at=lambda i: i))]
    other = look(late, one, columns=(AT,))
    assert not any(pair[1] == "holdout" for pair in moved(one, other).values())
    assert look(late, other, columns=(AT,)).report.revision == other.report.revision


def test_equal_rows_at_other_times_are_other_rows(look: Profile) -> None:
    def clicks(count: int, start: int = 0) -> Table:
        return [{"x": i % 7, "z": i % 5, "at": i, "y": ("no", "yes")[i % 3 == 0]} for i in range(start, start + count)]

    one = look(clicks(400), columns=(AT,))
    other = look(clicks(400, 100), one, columns=(AT,))
    assert (one.reasons(), other.reasons()) == (["DuplicateAcrossSplits"], ["DuplicateAcrossSplits"])
    manifest = Revision.open(HERE, other.uri).manifest
    assert manifest.splits["holdout"].examples == 80
    assert manifest.rule
    assert manifest.rule.holdout_from == 420


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"columns": (AT,)}, "the Time column is at", id="a Time column"),
        pytest.param({"source": 1000}, "no example of the previous revision is known again", id="another source"),
    ],
)
def test_splits_start_over_with_a_word(look: Profile, fields: dict[str, Any], words: str) -> None:
    start = fields.pop("source", 0)
    one = look(table(200, at=lambda i: i), columns=(Column(name="at", type=ColumnType.IGNORE),))
    other = look(
        table(200, start, at=lambda i: i), one, **{"columns": (Column(name="at", type=ColumnType.IGNORE),)} | fields
    )
    (warning,) = other.report.problems
    assert (warning.reason, words in warning.message) == ("SplitsStartOver", True)


def test_splits_start_over_where_the_revision_is_gone(look: Profile) -> None:
    one = look(table(200))
    (Path(one.uri) / "manifest.json").unlink()
    assert look(table(210), one).reasons() == ["SplitsStartOver"]


@pytest.mark.parametrize("fields", [{"target": "z"}, {"task": Task.TABULAR_REGRESSION, "target": "z"}])
def test_another_question_starts_over(look: Profile, fields: dict[str, Any]) -> None:
    rows = [{**row, "z": int(str(row["x"]).split(".")[0]) % 3} for row in table(200)]
    one = look(rows)
    other = look(rows, one, **fields)
    assert other.report.revision == look(rows, **fields).report.revision


def test_rows_that_come_to_repeat_are_divided_and_stay_so(look: Profile) -> None:
    def survey(count: int, start: int = 0) -> list[dict[str, object]]:
        return [{"x": i % 20, "z": i % 3, "y": ("no", "yes")[i * i % 7 > 2]} for i in range(start, start + count)]

    def sizes(found: Profiled) -> Mapping[SplitName, int]:
        return {name: split.examples for name, split in Revision.open(HERE, found.uri).manifest.splits.items()}

    one = look([{**row, "w": i} for i, row in enumerate(survey(60))])
    assert one.reasons() == ["IdentifierColumns"]
    other = look(survey(600), one)
    assert "DuplicatesDivided" in other.reasons()
    assert sizes(other)["holdout"] / 600 == pytest.approx(0.2, abs=0.05)
    again = look(survey(700), other)
    assert all(sizes(again)[name] >= sizes(other)[name] for name in SPLITS)


def test_an_image_is_its_file_whatever_it_is_converted_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(60):
        path = tmp_path / "in" / ("cat", "dog")[i % 2] / f"{i}.webp"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.random.default_rng(i).integers(0, 256, (8, 8, 3), np.uint8)).save(path, lossless=True)

    def keys(after: str | None) -> tuple[list[int], str]:
        out, source = f"{tmp_path}/out/", Source(uri=f"{tmp_path}/in/")
        order = ProfileOrder(
            task=Task.IMAGE_CLASSIFICATION, source=source, previous=after, destination=out, report=f"{out}r"
        )
        revision = Revision.open(HERE, f"{out}{profile.run(order, HERE, tmp_path / 'scratch').revision}/")
        return split_keys(revision, tmp_path / "read").holdout.keys.tolist(), revision.uri

    first, uri = keys(None)
    monkeypatch.setattr(Image.Image, "save", partialmethod(Image.Image.save, compress_level=0))
    assert keys(uri)[0] == first


def test_a_run_into_the_same_folder_keeps_the_splits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noria_cli.in_process.LANDMARK_SECONDS", 0.0)

    def profiled(rows: Table, name: str) -> Mapping[object, SplitName]:
        with (tmp_path / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        options = Options(
            data=str(tmp_path / name),
            task=Task.TABULAR_CLASSIFICATION,
            out=tmp_path / "out",
            target="y",
            format=None,
            columns=(),
            metric=Metric.ACCURACY,
            strategy=Strategy.RANDOM,
            trials=1,
            ensemble=Ensemble.NEVER,
            seed=0,
        )
        report = InProcess(options, HERE, tmp_path / "scratch").profile()
        revision = Revision.open(HERE, f"{tmp_path}/out/revisions/{report.revision}/")
        return {x: split for split in SPLITS for x in revision.table(split, tmp_path / "read")["x"].to_pylist()}

    one = profiled([{**row, "y": i % 10} for i, row in enumerate(table(100))], "monday.csv")
    other = profiled([{**row, "y": i % 10} for i, row in enumerate(table(150))], "tuesday.csv")
    assert all(other[x] == split for x, split in one.items())


def test_columns_that_tell_no_rows_apart_know_none_again(look: Profile) -> None:
    one = look(table(100, said=said))
    other = look([{"x": i % 5, "said": said(i), "y": ("no", "yes")[i % 2]} for i in range(100)], one)
    assert "SplitsStartOver" in other.reasons()
    bare = look([{name: row[name] for name in ("said", "z", "y")} for row in table(100, said=said)], one, read=False)
    assert "nothing tells its rows apart" in next(
        each.message for each in bare.report.problems if each.reason == "SplitsStartOver"
    )


def test_splits_start_over_where_the_shards_are_needed_and_gone(look: Profile) -> None:
    one = look(table(100, said=said))
    for path in Path(one.uri).glob("*.parquet"):
        path.unlink()
    assert look(table(120), one).reasons() == ["SplitsStartOver"]
    assert moved(one, look(table(120, said=said), one)) == {}


def test_columns_that_come_to_tell_divided_rows_apart_end_the_warning(look: Profile) -> None:
    rows = [{"x": i % 20, "z": i % 3, "y": ("no", "yes")[i * i % 7 > 2]} for i in range(600)]
    one = look(rows)
    assert one.reasons() == ["DuplicatesDivided"]
    other = look([{**row, "w": i / 7} for i, row in enumerate(rows)], one)
    assert other.reasons() == []
    before, after = (Revision.open(HERE, each.uri).manifest.splits for each in (one, other))
    assert [after[name].examples for name in SPLITS] == [before[name].examples for name in SPLITS]


def test_a_column_that_changes_by_itself_can_be_ignored(look: Profile) -> None:
    one = look(table(200, age=lambda i: i % 50))
    later = table(220, age=lambda i: i % 50 + 1000)
    (warning,) = look(later, one).report.problems
    assert warning.reason == "SplitsStartOver"
    assert "declare columns Ignore" in warning.message
    other = look(later, one, columns=(Column(name="age", type=ColumnType.IGNORE),))
    assert moved(one, other) == {}


def test_images_stay_when_more_come_and_some_are_moved_to_another_class(tmp_path: Path) -> None:
    def fill(start: int, count: int, classes: int = 10) -> None:
        for i in range(start, start + count):
            path = tmp_path / "in" / f"class-{i % classes}" / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.random.default_rng(i).integers(0, 256, (8, 8), np.uint8)).save(path)

    def keys(after: str | None) -> tuple[SplitKeys, str]:
        out, source = f"{tmp_path}/out/", Source(uri=f"{tmp_path}/in/")
        order = ProfileOrder(
            task=Task.IMAGE_CLASSIFICATION, source=source, previous=after, destination=out, report=f"{out}r"
        )
        revision = Revision.open(HERE, f"{out}{profile.run(order, HERE, tmp_path / 'scratch').revision}/")
        return split_keys(revision, tmp_path / "read"), revision.uri

    fill(0, 100)
    first, uri = keys(None)
    fill(100, 50)
    for i in (3, 14, 15, 92, 65):
        (tmp_path / "in" / f"class-{i % 10}" / f"{i}.png").rename(tmp_path / "in" / "class-0" / f"moved-{i}.png")
    second, _ = keys(uri)
    assert sum(map(len, second.all)) == 150
    for before, after in zip(first.all, second.all, strict=True):
        assert set(before.keys) <= set(after.keys)


@pytest.mark.parametrize("seed", range(12))
def test_what_chance_does_to_a_small_source_is_no_finding(look: Profile, seed: int) -> None:
    one = look(table(40, seed * 1000))
    assert look(table(50, seed * 1000), one).reasons() == []
