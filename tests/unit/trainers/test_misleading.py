"""What would mislead a model, and is said or left out: numbers of rows, leaks, classes by several names."""

import csv
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from noria.contract import Column, ColumnType, Problem, ProfileOrder, ProfileReport, Severity, Source, Task
from noria_store.store import Store
from noria_trainers.data.revision import Revision
from noria_trainers.profile.class_name import spoken
from noria_trainers.steps import profile

HERE = Store.from_environment(environment={})
CLASSES, VALUES, CLICKS = Task.TABULAR_CLASSIFICATION, Task.TABULAR_REGRESSION, Task.CLICK_THROUGH_RATE
Maker = Callable[[int], object]
Look = Callable[..., ProfileReport]
RANDOM = random.Random(0)
SHUFFLED = RANDOM.sample(range(600), 600)
"""The numbers of 600 rows, in an order of chance."""
NOISE = [RANDOM.gauss(0, 1) for _ in range(600)]
PRICES = [RANDOM.gauss(100, 20) for _ in range(600)]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Profiles a table of columns, made from row numbers, with 480 rows and the target `y`."""

    def run(made: dict[str, Maker], task: Task = CLASSES, rows: int = 480, **fields: Any) -> ProfileReport:
        path = tmp_path / "x.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([[*made], *([make(i) for make in made.values()] for i in range(rows))])
        return profiled(tmp_path, path, task, **fields)

    return run


def profiled(tmp_path: Path, path: Path, task: Task, **fields: Any) -> ProfileReport:
    out = f"{tmp_path}/out/"
    fields.setdefault("target", None if task is Task.IMAGE_CLASSIFICATION else "y")
    order = ProfileOrder(task=task, source=Source(uri=str(path)), destination=out, report=f"{out}r", **fields)
    return profile.run(order, HERE, tmp_path / "scratch")


def features(report: ProfileReport) -> list[str]:
    manifest = json.loads(HERE.read(str(report.profile_uri)))["manifest"]
    return [column["name"] for column in manifest["columns"]]


def found(report: ProfileReport, reason: str) -> list[Problem]:
    return [each for each in report.problems if each.reason == reason]


def noise(i: int) -> str:
    return f"{NOISE[i]:.4f}"


def half(i: int) -> str:
    """Sorted by class, as the numbers of the rows are."""
    return "ab"[SHUFFLED[i] >= 300]


# ---- numbers of rows ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Unnamed: 0", "index", "level_0", "__index_level_0__", "order_number", "nr", "z"])
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda i: i, id="from 0"),
        pytest.param(lambda i: i + 1, id="from 1"),
        pytest.param(lambda i: SHUFFLED[i], id="a sample in any order"),
        pytest.param(lambda i: SHUFFLED[i] * 5 + 2, id="one row of five"),
        pytest.param(lambda i: f"{SHUFFLED[i]}.0", id="as floats"),
        pytest.param(lambda i: "" if i == 7 else SHUFFLED[i], id="with a gap"),
    ],
)
def test_numbers_of_rows_are_no_features(look: Look, name: str, make: Maker) -> None:
    report = look({name: make, "x": noise, "y": half})
    (warning,) = found(report, "IdentifierColumns")
    assert warning.names == (name,)
    assert features(report) == ["x"]


@pytest.mark.parametrize("name", ["Unnamed: 0", "index", "Unnamed: 0.1"])
def test_an_index_of_joined_tables_is_no_feature(look: Look, name: str) -> None:
    report = look({name: lambda i: i % 160, "x": noise, "y": half})
    assert [each.names for each in found(report, "IdentifierColumns")] == [(name,)]


def test_an_index_that_parquet_keeps_is_no_feature(tmp_path: Path) -> None:
    columns = {"x": NOISE, "__index_level_0__": SHUFFLED, "y": [half(i) for i in range(600)]}
    pq.write_table(pa.table(columns), tmp_path / "x.parquet")
    assert features(profiled(tmp_path, tmp_path / "x.parquet", CLASSES)) == ["x"]


@pytest.mark.parametrize(
    ("name", "make"),
    [
        pytest.param("z", lambda i: int(PRICES[i] * 10), id="prices, some of them equal"),
        pytest.param("z", lambda i: 20_000 + 977 * i, id="far from zero"),
        pytest.param("z", lambda i: 331 * SHUFFLED[i], id="a wide range"),
        pytest.param("room number", lambda i: SHUFFLED[i] % 30, id="rooms of many rows"),
        pytest.param("index", lambda i: f"{PRICES[i]:.2f}", id="an index of prices"),
        pytest.param("Unnamed: 0", lambda i: SHUFFLED[i] % 4, id="four values without a name"),
    ],
)
def test_numbers_that_measure_stay(look: Look, name: str, make: Maker) -> None:
    report = look({name: make, "x": noise, "y": lambda i: "ab"[i % 2]})
    assert found(report, "IdentifierColumns") == []
    assert features(report) == [name, "x"]


def test_a_number_of_rows_stays_where_its_type_is_declared(look: Look) -> None:
    columns = (Column(name="nr", type=ColumnType.NUMERIC),)
    assert features(look({"nr": lambda i: i, "x": noise, "y": half}, columns=columns)) == ["nr", "x"]


# ---- leaks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", [CLASSES, CLICKS])
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda i: ("OPEN", "CLOSED")[i % 2], id="a word for each class"),
        pytest.param(lambda i: ("", "left us")[i % 2], id="filled in for one class"),
        pytest.param(lambda i: f"{'AZ'[i % 2]}{i % 11}", id="several words for each class"),
        pytest.param(lambda i: abs(NOISE[i]) * (2 * (i % 2) - 1), id="a number above zero"),
        pytest.param(lambda i: f"{abs(NOISE[i])}" if i % 2 else "", id="a number for one class"),
        pytest.param(lambda i: i % 2 + 2 * (i % 50 // 2), id="odd and even numbers"),
    ],
)
def test_a_column_that_foretells_the_class_is_named(look: Look, tmp_path: Path, task: Task, make: Maker) -> None:
    report = look({"x": noise, "status": make, "y": lambda i: i % 2}, task)
    (warning,) = found(report, "TargetLeakage")
    assert (warning.severity, warning.names) == (Severity.WARNING, ("status",))
    assert "status alone foretells y" in warning.message
    assert warning.message in Revision.open(HERE, f"{tmp_path}/out/{report.revision}").warnings()


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda i: PRICES[i] * 1.19, id="with tax"),
        pytest.param(lambda i: -np.exp(PRICES[i] / 30), id="falling and bent"),
        pytest.param(lambda i: f"code {int(PRICES[i]) // 5}", id="a code of it"),
    ],
)
def test_a_column_that_foretells_the_value_is_named(look: Look, make: Maker) -> None:
    report = look({"x": noise, "tax": make, "y": lambda i: int(PRICES[i]) // 5}, VALUES)
    (warning,) = found(report, "TargetLeakage")
    assert warning.names == ("tax",)


@pytest.mark.parametrize(
    ("task", "target"),
    [pytest.param(CLASSES, lambda i: i % 2, id="classes"), pytest.param(VALUES, lambda i: PRICES[i], id="values")],
)
@pytest.mark.parametrize("rows", [40, 100, 480])
def test_columns_that_help_are_no_leaks(look: Look, task: Task, target: Maker, rows: int) -> None:
    def shifted(by: int) -> Maker:
        return lambda i: NOISE[(i + by) % 600]

    made: dict[str, Maker] = {
        **{f"x{by}": shifted(by) for by in range(30)},
        "close": lambda i: PRICES[i] + 5 * NOISE[i],
        "nearly": lambda i: i % 2 if i % 12 else 1 - i % 2,
        "kind": lambda i: f"k{SHUFFLED[i] % 9}",
        "gaps": lambda i: "" if SHUFFLED[i] % 3 else PRICES[-i],
    }
    assert found(look({**made, "y": target}, task, rows), "TargetLeakage") == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [(200, "TargetLeakage"), (25, "StrongFeature"), (12, None)],
    ids=["one row of 200", "one row of 25", "one row of 12"],
)
def test_a_column_that_nearly_foretells_the_class_is_said_in_other_words(
    look: Look, wrong: int, reason: str | None
) -> None:
    report = look({"z": lambda i: "ab"[(i % 2) ^ (SHUFFLED[i] % wrong == 0)], "x": noise, "y": lambda i: i % 2})
    said = [each for each in report.problems if each.reason in ("TargetLeakage", "StrongFeature")]
    assert [each.reason for each in said] == ([reason] if reason else [])
    assert all(each.names == ("z",) for each in said)


def test_a_column_that_nearly_foretells_the_value_is_said_in_other_words(look: Look) -> None:
    report = look({"z": lambda i: PRICES[i] + 4 * NOISE[i], "x": noise, "y": lambda i: PRICES[i]}, VALUES)
    (said,) = found(report, "StrongFeature")
    assert said.message.endswith("alone could spare most errors about y: make sure that it is known before the outcome")


def test_a_rare_class_needs_more_than_its_absence(look: Look) -> None:
    report = look({"x": noise, "same": lambda i: "ab"[i == 3], "y": lambda i: int(i % 40 == 0)})
    assert found(report, "TargetLeakage") == []


# ---- classes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("Yes", "yes", "YES"), id="case"),
        pytest.param(("1", "1.0"), id="a number with and without a point"),
        pytest.param(("New York", "new_york", "New  York"), id="spaces and underscores"),
        pytest.param(("é", "e\u0301"), id="accents, composed and not"),
        pytest.param(("ABC", "ＡＢＣ"), id="full width"),
        pytest.param(("Straße", "STRASSE"), id="a sharp s"),
        pytest.param(("a\u200bb", "ab"), id="a space without width"),
        pytest.param((">50K", ">50K."), id="a point at the end"),
        pytest.param(("a", "'a'", '"a"'), id="quotes"),
        pytest.param(("x\u00a0y", "x y"), id="a space that does not break"),
        pytest.param(("cat", "c\u0430t"), id="a Cyrillic letter"),
        pytest.param(("setosa", "setossa"), id="a letter more"),
        pytest.param(("virginica", "virgniica"), id="letters exchanged"),
    ],
)
def test_classes_by_several_names_are_counted(look: Look, names: Sequence[str]) -> None:
    report = look({"x": noise, "y": lambda i: [*names, "another"][i % (len(names) + 1)]})
    (warning,) = found(report, "SimilarClasses")
    each = 480 // (len(names) + 1)
    assert warning.count == 1
    shown = [repr(name).replace("\u0301", "\\u0301") for name in names]
    assert all(f"{name} ({each})" in warning.message for name in shown)
    assert report.class_count == len(names) + 1


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("A", "A+", "A-"), id="grades"),
        pytest.param(("007", "07", "7"), id="codes"),
        pytest.param(("1", "-1", "1.5"), id="numbers"),
        pytest.param(("C", "C#", "C++"), id="languages"),
        pytest.param(("Doe, John", "Roe, Jane"), id="names with commas"),
        pytest.param(("<=50K", ">50K"), id="ranges"),
        pytest.param(
            ("typical", "atypical", "plane", "planet", "message", "massage"), id="words of almost the same letters"
        ),
        pytest.param(("0", "1", "no one"), id="an answer and a word"),
        pytest.param(("US", "NA", "FR"), id="countries"),
        pytest.param(("+", "-"), id="signs"),
        pytest.param(("None", "Mild", "Severe"), id="a word among words"),
    ],
)
def test_classes_that_differ_are_left_alone(look: Look, names: Sequence[str]) -> None:
    assert look({"x": noise, "y": lambda i: names[i % len(names)]}).problems == ()
    assert len({*map(spoken, names)}) == len(names)


def test_answers_by_several_words_are_counted(look: Look) -> None:
    (warning,) = look({"x": noise, "y": lambda i: ("yes", "0", "1", "no", "Y")[i % 5]}).problems
    assert warning.reason == "SimilarClasses"
    assert "'1' (96) and 'Y' (96) and 'yes' (96), '0' (96) and 'no' (96)" in warning.message


@pytest.mark.parametrize("gap", ["?", "NA", "-", "None"])
def test_classes_that_mean_no_label_are_said(look: Look, gap: str) -> None:
    (warning,) = look({"x": noise, "y": lambda i: ("yes", "no", gap)[i % 3]}).problems
    assert (warning.reason, warning.names) == ("GapClasses", (f"'{gap}' (160)",))


def test_folders_by_several_names_are_counted(tmp_path: Path) -> None:
    for number in range(60):
        path = tmp_path / "in" / ("Cat", "cat", "Dog")[number % 3] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.random.default_rng(number).integers(0, 256, (8, 8), np.uint8)).save(path)
    (warning,) = profiled(tmp_path, tmp_path / "in", Task.IMAGE_CLASSIFICATION).problems
    assert warning.reason == "SimilarClasses"
    assert "'Cat' (20) and 'cat' (20)" in warning.message


@pytest.mark.parametrize("separator", [";", "|", ", ", "/"])
def test_several_labels_in_a_cell_are_said(look: Look, separator: str) -> None:
    names = ["red", "green", f"red{separator}green", f"red{separator}blue", f"green{separator}blue"]
    (warning,) = look({"x": noise, "y": lambda i: names[i % 5]}).problems
    assert (warning.reason, warning.count) == ("SeveralLabels", 3)


def test_lists_of_labels_in_brackets_are_said(look: Look) -> None:
    names = ["['red']", "['green']", "['red', 'green']"]
    (warning,) = look({"x": noise, "y": lambda i: names[i % 3]}).problems
    assert (warning.reason, warning.names) == ("SeveralLabels", ("['red', 'green']",))


@pytest.mark.parametrize("clicks", [("n", "y"), ("F", "T"), ("No", "Yes")])
def test_clicks_may_be_written_in_words(look: Look, clicks: Sequence[str]) -> None:
    report = look({"x": noise, "y": lambda i: clicks[i % 2]}, CLICKS)
    assert (report.classes, report.problems) == (("0", "1"), ())


@pytest.mark.parametrize("written", ["NaN", "nan", None], ids=["NaN", "nan", "a number that is none"])
def test_a_label_that_is_not_a_number_is_none(tmp_path: Path, written: str | None) -> None:
    labels = [float("nan") if i % 40 == 0 else float(i % 2) for i in range(400)]
    column = pa.array(labels) if written is None else [written if x != x else f"{x:g}" for x in labels]
    pq.write_table(pa.table({"x": NOISE[:400], "y": column}), tmp_path / "x.parquet")
    report = profiled(tmp_path, tmp_path / "x.parquet", CLASSES)
    assert report.classes == ("0", "1")
    assert [each.count for each in found(report, "Unlabelled")] == [10]


@pytest.mark.timeout(60)
def test_words_without_end_are_looked_at_in_time(look: Look) -> None:
    endless = 60_000 * "ab"
    report = look({"text": lambda i: f"{endless} é{i}", "y": lambda i: ("no", f"{endless}c")[i % 2]}, rows=40)
    assert not any(problem.reason in ("Garbled", "SimilarClasses") for problem in report.problems)
