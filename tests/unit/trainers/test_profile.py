"""What the profile says of data that is not as it should be: every problem by name, with its cure."""

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from noria.contract import (
    Checks,
    Column,
    ColumnType,
    ExitCode,
    Problem,
    ProfileOrder,
    ProfileReport,
    Severity,
    Source,
    Task,
    termination_message,
)
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.steps import profile

HERE = Store.from_environment(environment={})
IMAGES, TEXTS = Task.IMAGE_CLASSIFICATION, Task.TEXT_CLASSIFICATION
ROWS, VALUES, CLICKS = Task.TABULAR_CLASSIFICATION, Task.TABULAR_REGRESSION, Task.CLICK_THROUGH_RATE
ERROR, WARNING = Severity.ERROR, Severity.WARNING


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., ProfileReport]:
    """Profiles a file of that name and content."""

    def run(name: str, content: bytes | str, task: Task, **fields: Any) -> ProfileReport:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        out = f"{tmp_path}/out/"
        order = ProfileOrder(task=task, source=Source(uri=str(path)), destination=out, report=f"{out}r", **fields)
        report = profile.run(order, HERE, tmp_path / "scratch")
        assert (report.revision is None) is report.refused
        assert len(termination_message(report).encode()) <= 4096
        return report

    return run


def problem(report: ProfileReport, reason: str) -> Problem:
    found = {each.reason: each for each in report.problems}
    assert reason in found, found
    return found[reason]


def picture(seed: int, kind: str = "PNG") -> bytes:
    data = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (8, 8), np.uint8)).save(data, kind)
    return data.getvalue()


def archive(**files: list[bytes]) -> bytes:
    """A zip with `folder/NNNN.png` of each content."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for folder, contents in files.items():
            for number, content in enumerate(contents):
                made.writestr(f"{folder}/{number:04}.png", content)
    return data.getvalue()


def pictures(count: int, seed: int = 0) -> list[bytes]:
    return [picture(seed + i) for i in range(count)]


def csv(rows: int = 100, /, **columns: Callable[[int], object]) -> str:
    """A table with a column `x` to learn from and the columns given."""
    columns = {"x": lambda i: (i * 37 % 101) / 7, **columns}
    lines = [",".join(columns), *(",".join(str(make(i)) for make in columns.values()) for i in range(rows))]
    return "\n".join(lines) + "\n"


def label(i: int) -> str:
    return ("no", "yes")[i % 2]


def day_or_unknown(i: int) -> str:
    return f"{i % 28 + 1:02}/{i % 12 + 1:02}/2024" if i % 3 else "unknown"


# ---- images ---------------------------------------------------------------------------------------------------------


def test_good_images_have_no_problems(look: Callable[..., ProfileReport]) -> None:
    report = look("x.zip", archive(cats=pictures(50), dogs=pictures(60, 100)), IMAGES)
    assert report.problems == ()
    assert (report.examples, report.classes, report.class_count) == (110, ("cats", "dogs"), 2)


@pytest.mark.parametrize(("broken", "severity"), [(90, ERROR), (8, WARNING)])
def test_unreadable_images(look: Callable[..., ProfileReport], broken: int, severity: Severity) -> None:
    junk = [f"not an image {i}".encode() for i in range(broken)]
    report = look("x.zip", archive(cats=junk + pictures(100 - broken), dogs=pictures(50, 100)), IMAGES)
    found = problem(report, "Unreadable")
    assert (found.severity, found.count) == (severity, broken)
    assert found.names == tuple(f"cats/{i:04}.png" for i in range(5))
    assert f"{broken / 150:.0%}".replace("%", " %") in found.message
    assert report.examples == 150 - broken


def test_a_cause_that_many_files_share_is_said_once(look: Callable[..., ProfileReport]) -> None:
    phone = [b"\0\0\0\x18ftypheic" + bytes([i]) * 40 for i in range(40)]
    others = [b"%PDF", b"junk", b"PK\3\4", b"<svg/>", b"\x93NUMPY"]
    report = look("x.zip", archive(cats=others + phone, dogs=pictures(50, 100)), IMAGES)
    assert problem(report, "Unreadable").message == (
        "47 % of 95 files cannot be read: cats/0005.png, cats/0006.png, cats/0007.png and 37 more (HEIC: convert it to "
        "JPEG, as `magick mogrify -format jpg *.HEIC` does; iPhones take JPEG with Settings > Camera > Formats > Most "
        "Compatible), cats/0000.png (PDF: export its pages as PNG), cats/0001.png (not an image) and 3 more; "
        "at most 10 % may be (checks.maxUnreadableFraction): correct or remove them"
    )


def test_where_nothing_can_be_read_no_format_is_offered(look: Callable[..., ProfileReport]) -> None:
    report = look("x.zip", archive(cats=[b"junk"] * 20, dogs=[b"more junk"] * 20), IMAGES)
    cure = problem(report, "NoExamples").message.partition("labelled images: ")[2]
    assert cure == "correct or replace the files that are named"


def test_the_threshold_is_the_orders(look: Callable[..., ProfileReport]) -> None:
    content = archive(cats=[b"junk"] * 90 + pictures(60), dogs=pictures(50, 100))
    assert not look("x.zip", content, IMAGES, checks=Checks(max_unreadable_fraction=0.5)).refused


def test_every_unreadable_file_is_in_the_profile(look: Callable[..., ProfileReport]) -> None:
    report = look("x.zip", archive(cats=[b"junk"] * 90 + pictures(10), dogs=pictures(50, 100)), IMAGES)
    whole = json.loads(HERE.read(str(report.profile_uri)))
    (found,) = [each for each in whole["problems"] if each["reason"] == "Unreadable"]
    assert len(found["names"]) == 90


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [
        pytest.param(b"", "Empty", "empty", id="empty"),
        pytest.param(b"junk", "Unreadable", "not an image", id="no image"),
        pytest.param(picture(7)[:-30], "Unreadable", "cats/0000.png", id="cut off"),
        pytest.param(picture(7)[:60] + b"\0" * 40, "Unreadable", "cats/0000.png", id="damaged"),
        pytest.param(b"\0\0\0\x18ftypheic" + bytes(40), "Unreadable", "HEIC: convert it to JPEG", id="of a phone"),
    ],
)
def test_an_image_that_cannot_be_used_says_why(
    look: Callable[..., ProfileReport], content: bytes, reason: str, words: str
) -> None:
    report = look("x.zip", archive(cats=[content, *pictures(50)], dogs=pictures(60, 100)), IMAGES)
    found = problem(report, reason)
    assert (found.count, found.names, found.severity) == (1, ("cats/0000.png",), WARNING)
    assert words in found.message
    assert report.examples == 110


def test_images_that_models_cannot_decode_are_converted(look: Callable[..., ProfileReport]) -> None:
    report = look("x.zip", archive(cats=[picture(7, "WEBP"), *pictures(50)], dogs=pictures(60, 100)), IMAGES)
    found = problem(report, "Converted")
    assert (found.count, found.names, found.severity) == (1, ("cats/0000.png",), WARNING)
    assert found.message == (
        "1 image (WEBP) converted to PNG for training: cats/0000.png; "
        "a served model refuses such files: send it JPEG or PNG"
    )
    assert report.examples == 111


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP"])
def test_formats_that_models_can_decode(look: Callable[..., ProfileReport], kind: str) -> None:
    images = [picture(i, kind) for i in range(100)]
    assert look("x.zip", archive(cats=images[:50], dogs=images[50:]), IMAGES).problems == ()


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [
        pytest.param(archive(cats=pictures(50)), "OneClass", ("cats", "50"), id="one class"),
        pytest.param(
            archive(cats=pictures(100), dogs=pictures(3, 200)), "TooFewExamples", ("dogs: 3", "10"), id="three of one"
        ),
        pytest.param(
            archive(cats=pictures(50), dogs=[picture(200)] * 50), "TooFewPerSplit", ("dogs: 0 in",), id="all the same"
        ),
        pytest.param(archive(), "NoExamples", ("x.zip", "folder per class"), id="empty archive"),
        pytest.param(archive(cats=[b"junk"] * 9), "NoExamples", ("x.zip",), id="nothing readable"),
        pytest.param(
            archive(**{"train/cats": pictures(20), "test/cats": pictures(20, 30)}),
            "SplitFolders",
            ("test, train", "holdout.uri"),
            id="folders of splits",
        ),
    ],
)  # fmt: skip
def test_images_that_cannot_train(
    look: Callable[..., ProfileReport], content: bytes, reason: str, words: tuple[str, ...]
) -> None:
    found = problem(look("x.zip", content, IMAGES), reason)
    assert found.severity is ERROR
    assert all(word in found.message for word in words), found.message


@pytest.mark.parametrize(
    "folders",
    [
        ("training_set", "test_set"), ("seg_train", "seg_test"), ("train", "test", "unlabeled"), ("Train", "Valid"),
        ("TrainingSet", "TestSet"), ("train_images", "val_images"), ("dev", "holdout"),
    ],
)  # fmt: skip
def test_folders_of_splits_are_no_classes(look: Callable[..., ProfileReport], folders: tuple[str, ...]) -> None:
    parts = {f"{each}/{name}": pictures(20, 100 * i) for i, each in enumerate(folders) for name in ("cats", "dogs")}
    found = problem(look("x.zip", archive(**parts), IMAGES), "SplitFolders")
    assert f"the folders {', '.join(sorted(folders))} look like splits, not classes" in found.message
    assert "holdout.uri" in found.message


def test_classes_may_have_names_that_look_like_splits(look: Callable[..., ProfileReport]) -> None:
    report = look("x.zip", archive(train=pictures(50), plane=pictures(60, 100)), IMAGES)
    assert (report.problems, report.classes) == ((), ("plane", "train"))


def test_files_beside_the_folders_of_classes_are_left_out(look: Callable[..., ProfileReport]) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        made.writestr("shapes/README.md", "hi")
        for number, content in enumerate(pictures(100)):
            made.writestr(f"shapes/set/{('cats', 'dogs')[number % 2]}/{number}.png", content)
    report = look("x.zip", data.getvalue(), IMAGES)
    assert (report.examples, report.classes) == (100, ("cats", "dogs"))
    assert problem(report, "OtherFiles").names == ("shapes/README.md",)


def test_a_zip_with_backslashes_between_folders(look: Callable[..., ProfileReport]) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for number, content in enumerate(pictures(100)):
            info = zipfile.ZipInfo("x")
            info.filename = f"{('cats', 'dogs')[number % 2]}\\{number}.png"
            made.writestr(info, content)
    report = look("x.zip", data.getvalue(), IMAGES)
    assert (report.examples, report.classes, report.problems) == (100, ("cats", "dogs"), ())


def test_a_source_with_nothing_in_it_is_named(tmp_path: Path, object_store: Any) -> None:
    uri = f"s3://{object_store.bucket()}/nothing-here/"
    order = ProfileOrder(task=IMAGES, source=Source(uri=uri), destination=f"{tmp_path}/", report=f"{tmp_path}/r")
    report = profile.run(order, HERE, tmp_path, source=Store.from_environment(environment=object_store.environment))
    found = problem(report, "NoExamples")
    assert found.severity is ERROR
    assert uri in found.message


def test_files_that_are_no_examples_are_left_out(look: Callable[..., ProfileReport]) -> None:
    data = io.BytesIO(archive(cats=pictures(50), dogs=pictures(50, 100)))
    with zipfile.ZipFile(data, "a") as made:
        made.writestr("cats/notes.txt", b"meow")
        made.writestr("lost.png", picture(999))
    report = look("x.zip", data.getvalue(), IMAGES)
    assert problem(report, "OtherFiles").names == ("cats/notes.txt",)
    assert problem(report, "NoClass").names == ("lost.png",)
    assert (report.examples, report.refused) == (100, False)


def test_duplicates_are_told_and_never_straddle(look: Callable[..., ProfileReport], tmp_path: Path) -> None:
    report = look("x.zip", archive(cats=pictures(50) * 2, dogs=[*pictures(50, 100), picture(0)]), IMAGES)
    assert problem(report, "Duplicate").count == 50
    assert problem(report, "ConflictingLabels").names == ("dogs/0050.png = cats/0000.png",)
    assert not report.refused


# ---- texts ----------------------------------------------------------------------------------------------------------


def jsonl(rows: Iterable[Mapping[str, object]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_texts_without_words_or_label_are_left_out(look: Callable[..., ProfileReport]) -> None:
    rows: list[dict[str, object]] = [{"text": f"mail {i}", "label": label(i)} for i in range(100)]
    report = look("x.jsonl", jsonl([{"text": " ", "label": "no"}, {"text": "mail"}, *rows]) + "broken\n", TEXTS)
    assert problem(report, "Empty").names == ("line 1",)
    assert problem(report, "Unlabelled").names == ("line 2",)
    assert problem(report, "Unreadable").names == ("line 103",)
    assert (report.examples, report.refused) == (100, False)


@pytest.mark.parametrize(
    ("rows", "columns", "chosen"),
    [
        pytest.param({"id": "1", "body": "a long text", "label": "x"}, (), "body", id="the longest"),
        pytest.param({"title": "a very long title", "text": "short", "label": "x"}, (), "text", id="by name"),
        pytest.param(
            {"a": "a long text", "b": "x", "label": "x"}, (Column(name="b", type=ColumnType.TEXT),), "b", id="declared"
        ),
    ],
)
def test_the_column_of_texts(
    look: Callable[..., ProfileReport], rows: dict[str, str], columns: tuple[Column, ...], chosen: str
) -> None:
    varied = [{**rows, chosen: f"{rows[chosen]} {i}", "label": label(i)} for i in range(100)]
    report = look("x.jsonl", jsonl(varied), TEXTS, columns=columns)
    assert not report.refused, report.problems
    assert [each for each in report.problems if each.reason == "Duplicate"] == []


def test_texts_need_a_target(look: Callable[..., ProfileReport]) -> None:
    found = problem(look("x.jsonl", jsonl([{"text": "a", "kind": "b"}] * 20), TEXTS), "TargetMissing")
    assert "kind" in found.message


# ---- tables ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "task", "target", "reason", "words"),
    [
        pytest.param(
            csv(Label=label), ROWS, "label", "TargetMissing", ("label", "did you mean Label"), id="other case"
        ),
        pytest.param(csv(lable=label), ROWS, "label", "TargetMissing", ("x, lable", "did you mean lable"), id="a slip"),
        pytest.param(csv(0, label=label), ROWS, "label", "NoExamples", ("x.csv",), id="no rows"),
        pytest.param("", ROWS, "label", "NoExamples", ("x.csv",), id="an empty file"),
        pytest.param(csv(label=lambda i: ""), ROWS, "label", "NoExamples", ("label",), id="no labels"),
        pytest.param(csv(label=lambda i: "no"), ROWS, "label", "OneClass", ("no",), id="one class"),
        pytest.param(csv(label=lambda i: i < 3), ROWS, "label", "TooFewExamples", ("True: 3",), id="few of one class"),
        pytest.param(csv(7, label=lambda i: i), VALUES, "label", "TooFewExamples", ("7",), id="few values"),
        pytest.param(csv(label=lambda i: i * 1.5), ROWS, "label", "TooManyClasses", ("Regression",), id="numbers"),
        pytest.param(
            csv(label=label), VALUES, "label", "TargetNotNumeric", ("no, yes", "TabularClassification"), id="words"
        ),
        pytest.param(
            csv(label=lambda i: f"{i} or so" if i > 92 else i * 1.5),
            VALUES,
            "label",
            "TargetUnread",
            ("93 or so, 94 or so",),
            id="some",
        ),
        pytest.param(csv(label=lambda i: 5), VALUES, "label", "ConstantTarget", ("5",), id="one value"),
        pytest.param(csv(__label__=label, y=label), ROWS, "y", "ReservedColumn", ("__label__",), id="a name of ours"),
        pytest.param(csv(label=lambda i: i % 3), CLICKS, "label", "NotBinary", ("2", "0 or 1"), id="not binary"),
        pytest.param(csv(label=lambda i: 0), CLICKS, "label", "OneClass", ("0",), id="never clicked"),
        pytest.param(
            "x,label\n" + "1,no\n1,yes\n" * 50, ROWS, "label", "NoFeatures", ("label",), id="nothing to learn from"
        ),
    ],
)
def test_tables_that_cannot_train(
    look: Callable[..., ProfileReport], content: str, task: Task, target: str, reason: str, words: tuple[str, ...]
) -> None:
    found = problem(look("x.csv", content, task, target=target), reason)
    assert found.severity is ERROR
    assert all(word in found.message for word in words), found.message


@pytest.mark.parametrize(
    ("columns", "reason", "names"),
    [
        pytest.param({"same": lambda i: "a"}, "ConstantColumns", ("same",), id="constant"),
        pytest.param({"void": lambda i: ""}, "ConstantColumns", ("void",), id="empty column"),
        pytest.param({"nr": lambda i: i + 7}, "IdentifierColumns", ("nr",), id="counted rows"),
        pytest.param({"user_id": lambda i: i * i}, "IdentifierColumns", ("user_id",), id="an id by name"),
        pytest.param({"uid": lambda i: f"u-{i:x}"}, "IdentifierColumns", ("uid",), id="codes"),
        pytest.param(
            {"m": lambda i: "about 3" if i == 4 else i / 3}, "NotNumeric", ("m: 1 (about 3)",), id="a word in numbers"
        ),
        pytest.param(
            {"m": lambda i: (i % 3 and i / 7) or "n.a."}, "NotNumeric", ("m: 34 (n.a.)",), id="a word for gaps"
        ),
        pytest.param(
            {"m": lambda i: ("n.a.", "tbd", i / 7)[min(i % 8, 2)]},
            "NotNumeric",
            ("m: 26 (n.a., tbd)",),
            id="two such words",
        ),
        pytest.param({"d": day_or_unknown}, "NotDates", ("d: 34 (unknown)",), id="a word for gaps in dates"),
        pytest.param({"x": lambda i: "1,2" if i == 4 else i / 3}, "Unreadable", ("line 6",), id="a cell too many"),
    ],
)
def test_columns_that_do_not_help_are_left_out(
    look: Callable[..., ProfileReport], columns: dict[str, Callable[[int], object]], reason: str, names: tuple[str, ...]
) -> None:
    report = look("x.csv", csv(**columns, label=label), ROWS, target="label")
    found = problem(report, reason)
    assert (found.severity, found.names) == (WARNING, names)
    assert not report.refused


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda i: i * 1.5, id="measured"),
        pytest.param(lambda i: i * i, id="whole numbers that differ"),
        pytest.param(lambda i: i % 3, id="whole numbers"),
        pytest.param(lambda i: "" if i % 2 else "seen", id="there or not"),
        pytest.param(lambda i: f"words that differ {i}", id="texts"),
        pytest.param(lambda i: f"c{i % 40}", id="many categories"),
        pytest.param(lambda i: (i % 3 and i % 9) or "rotary", id="few numbers and a word"),
    ],
)
def test_columns_that_may_help_stay(look: Callable[..., ProfileReport], make: Callable[[int], object]) -> None:
    assert look("x.csv", csv(column=make, label=label), ROWS, target="label").problems == ()


def test_a_declared_type_is_believed(look: Callable[..., ProfileReport]) -> None:
    columns = (Column(name="nr", type=ColumnType.NUMERIC), Column(name="x", type=ColumnType.CATEGORICAL))
    report = look("x.csv", csv(nr=lambda i: i, label=label), ROWS, target="label", columns=columns)
    manifest = json.loads(HERE.read(str(report.profile_uri)))["manifest"]
    assert report.problems == ()
    code = {"style": "Code", "values": []}
    categories = {"name": "x", "type": "Categorical", "spelling": code}
    assert manifest["columns"] == [categories, {"name": "nr", "type": "Numeric"}]


def test_a_declared_column_must_exist(look: Callable[..., ProfileReport]) -> None:
    columns = (Column(name="y", type=ColumnType.NUMERIC),)
    found = problem(look("x.csv", csv(label=label), ROWS, target="label", columns=columns), "ColumnMissing")
    assert found.names == ("y",)


def test_few_values_that_are_no_numbers_are_left_out(look: Callable[..., ProfileReport]) -> None:
    report = look("x.csv", csv(y=lambda i: "n.a." if i == 9 else i * 1.5), VALUES, target="y")
    assert problem(report, "TargetNotNumeric").names == ("line 11",)
    assert (report.examples, report.refused) == (99, False)


def test_groups_are_not_divided(look: Callable[..., ProfileReport], tmp_path: Path) -> None:
    columns = (Column(name="patient", type=ColumnType.GROUP),)
    report = look("x.csv", csv(500, patient=lambda i: f"p{i % 60}", label=label), ROWS, target="label", columns=columns)
    assert not report.refused, report.problems
    lone = look("y.csv", csv(500, patient=lambda i: f"p{i % 2}", label=label), ROWS, target="label", columns=columns)
    assert "group" in problem(lone, "TooFewPerSplit").message


def test_equal_rows_of_several_groups_are_told(look: Callable[..., ProfileReport]) -> None:
    columns = (Column(name="patient", type=ColumnType.GROUP),)
    content = csv(500, x=lambda i: i % 7, patient=lambda i: f"p{i % 60}", label=label)
    report = look("x.csv", content, ROWS, target="label", columns=columns)
    assert problem(report, "DuplicateAcrossSplits").severity is WARNING


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(lambda i: f"2024-{i // 28 + 1:02}-{i % 28 + 1:02}T10:00:00Z", id="ISO 8601"),
        pytest.param(lambda i: 1_700_000_000 + i * 3600, id="seconds"),
    ],
)
def test_the_latest_rows_are_held_out(
    look: Callable[..., ProfileReport], tmp_path: Path, moment: Callable[[int], object]
) -> None:
    columns = (Column(name="at", type=ColumnType.TIME),)
    rows = csv(300, x=lambda i: i * 1.5, at=moment, label=label)
    report = look("x.csv", rows, CLICKS, target="label", columns=columns)
    assert not report.refused, report.problems
    manifest = json.loads(HERE.read(str(report.profile_uri)))["manifest"]
    assert [manifest["splits"][name]["examples"] for name in ("train", "validation", "holdout")] == [192, 48, 60]
    assert manifest["metaFeatures"]["examples"] == 192
    assert manifest["columns"] == [{"name": "x", "type": "Numeric"}]


def test_a_class_that_came_late_cannot_be_divided_by_time(look: Callable[..., ProfileReport]) -> None:
    columns = (Column(name="at", type=ColumnType.TIME),)
    content = csv(300, at=lambda i: i, label=lambda i: "late" if i > 260 else "early")
    found = problem(look("x.csv", content, ROWS, target="label", columns=columns), "TooFewPerSplit")
    assert "late: 0 in training" in found.message
    assert "time" in found.message


def test_rows_without_a_time_are_named(look: Callable[..., ProfileReport]) -> None:
    columns = (Column(name="at", type=ColumnType.TIME),)
    content = csv(300, at=lambda i: "soon" if i == 5 else f"2024-01-01 10:{i // 60:02}:{i % 60:02}", label=label)
    report = look("x.csv", content, ROWS, target="label", columns=columns)
    assert problem(report, "TimeMissing").names == ("line 7",)


def test_meta_features_see_the_training_split_only(look: Callable[..., ProfileReport]) -> None:
    columns = (Column(name="at", type=ColumnType.TIME),)
    content = csv(300, x=lambda i: i % 17, at=lambda i: i, y=lambda i: i % 10 if i < 192 else 1e6)
    report = look("x.csv", content, VALUES, target="y", columns=columns)
    found = json.loads(HERE.read(str(report.profile_uri)))["manifest"]["metaFeatures"]
    assert found["targetMax"] == 9.0
    assert all(isinstance(value, float) and np.isfinite(value) for value in found.values())


@pytest.mark.parametrize("name", ["x.zip", "x.dat"])
def test_images_are_no_table(look: Callable[..., ProfileReport], name: str) -> None:
    with pytest.raises(StepError, match=r"cats/0000\.png") as failure:
        look(name, archive(cats=pictures(3)), ROWS, target="label")
    assert (failure.value.exit_code, failure.value.reason) == (ExitCode.BAD_DATA, "OtherKind")


def test_many_problems_fit_the_report(look: Callable[..., ProfileReport]) -> None:
    odd = {f"{'long name ' * 12}{k}": lambda i: i for k in range(40)}
    rows = csv(200, **odd, same=lambda i: 1, m=lambda i: "?!" if i == 4 else i / 3, label=lambda i: i % 50)
    report = look("x.csv", rows, ROWS, target="label")
    assert report.refused
    assert report.problems[0].severity is ERROR
