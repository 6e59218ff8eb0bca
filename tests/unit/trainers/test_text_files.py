"""Texts as people have them: files of one each in any encoding, and single files under any name."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from noria.contract import Format, ProfileOrder, Source, Task
from noria_store.store import Store
from noria_trainers.examine import Examined, examine
from noria_trainers.modality.text.reading import TextContent

HERE = Store.from_environment(environment={})
LATIN = ("le café est très bon", "schöne Grüße aus München", "naïve façade œuvre")
CYRILLIC = ("привет как дела", "хороший фильм очень", "плохой фильм")
MAILS = "".join(
    f"{('ham', 'spam')[i % 3 == 0]}\tmail number {i}{', with a comma' * (i % 2)}\n" for i in range(100)
).encode()


def texts(encoding: str, words: tuple[str, ...] = LATIN) -> dict[str, bytes]:
    """Files of two classes, of some words each."""
    return {
        f"{name}/{i:02}.txt": f"{words[i % len(words)]} number {i} {name}".encode(encoding)
        for name in ("neg", "pos")
        for i in range(30)
    }


def looked_at(files: Mapping[str, bytes], folder: Path, form: Format | None = None) -> Examined:
    for name, content in files.items():
        path = folder / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    source = Source(uri=str(folder / "source" / (next(iter(files)) if len(files) == 1 else "")), format=form)
    order = ProfileOrder(task=Task.TEXT_CLASSIFICATION, source=source, destination="", report="")
    return examine(order, HERE, folder / "scratch")


def read(found: Examined) -> set[str]:
    """The texts that would be stored."""
    assert found.divided is not None, found.findings.problems()
    content = found.divided.gathered.content
    assert isinstance(content, TextContent)
    return {content.records.spool.read(i).decode() for i in range(found.count)}


def said(found: Examined, folder: Path) -> list[str]:
    return [f"{each.reason}: {each.message}".replace(f"{folder}/source/", "") for each in found.findings.all()]


OTHERWISE = "read as such; if words are garbled, save them as UTF-8"


@pytest.mark.parametrize(
    ("files", "words", "expected"),
    [
        pytest.param(texts("utf-8-sig"), LATIN, [], id="a byte order mark"),
        pytest.param(
            texts("cp1252"),
            LATIN,
            [f"OtherEncoding: 60 files not UTF-8 but seemingly cp1252, in which neg/00.txt has café: {OTHERWISE}"],
            id="cp1252",
        ),
        pytest.param(
            texts("cp1252") | {name: text for name, text in texts("utf-8").items() if name < "pos/10.txt"},
            LATIN,
            [f"OtherEncoding: 20 files not UTF-8 but seemingly cp1252, in which pos/10.txt has schöne: {OTHERWISE}"],
            id="two thirds UTF-8",
        ),
        pytest.param(
            texts("cp1251", CYRILLIC),
            CYRILLIC,
            [f"OtherEncoding: 60 files not UTF-8 but seemingly cp1251, in which neg/00.txt has привет: {OTHERWISE}"],
            id="cp1251",
        ),
        pytest.param(
            texts("utf-16"),
            LATIN,
            [f"OtherEncoding: 60 files not UTF-8 but seemingly UTF-16: {OTHERWISE}"],
            id="UTF-16",
        ),
    ],
)
def test_files_of_texts_are_read_in_their_encoding(
    files: dict[str, bytes], words: tuple[str, ...], expected: list[str], tmp_path: Path
) -> None:
    found = looked_at(files, tmp_path)
    assert said(found, tmp_path) == expected
    assert read(found) == {text.decode() for text in texts("utf-8", words).values()}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            texts("koi8-r", CYRILLIC),
            "(not UTF-8 but cp932 (ﾐﾒﾉﾗﾅﾔ) or koi8_r (привет): save it as UTF-8)",
            id="KOI8-R",
        ),
        pytest.param(
            texts("mac_roman"), "(not UTF-8, nor any other text that is known: save it as UTF-8)", id="Mac Roman"
        ),
        pytest.param(
            texts("shift_jis", ("これは良い映画です", "悪い映画でした")),
            "(not UTF-8 but cp932 (これは良い映画です) or gb18030 (偙傟偼椙偄塮夋偱偡): save it as UTF-8)",
            id="one of two",
        ),
    ],
)
def test_an_encoding_that_is_not_known_is_said(files: dict[str, bytes], expected: str, tmp_path: Path) -> None:
    found = looked_at(files, tmp_path)
    assert found.findings.refused
    assert any(expected in each for each in said(found, tmp_path)), said(found, tmp_path)


def test_a_damaged_file_among_others_is_left_out(tmp_path: Path) -> None:
    found = looked_at(texts("utf-8") | {"pos/00.txt": b"fine\nvery \xff\xfe\0\1 bad"}, tmp_path)
    assert not found.findings.refused
    assert found.count == 59
    assert len(read(found)) == 59


def test_a_single_file_under_any_name_is_a_table(tmp_path: Path) -> None:
    assert said(looked_at({"SMSSpamCollection": MAILS}, tmp_path), tmp_path) == [
        "NoHeader: the first line (spam, mail number 0) looks like an example, not like names of "
        "columns: add a line with their names to the file"
    ]
    found = looked_at({"mails.data": b"label\ttext\n" + MAILS}, tmp_path)
    assert (found.count, said(found, tmp_path)) == (100, [])


@pytest.mark.parametrize("name", ["train.txt", "train.ft", "train.csv"])
def test_a_file_for_fast_text_is_read(name: str, tmp_path: Path) -> None:
    lines = [f"__label__{('ham', 'spam')[i % 2]} mail {i}, of all" for i in range(100)]
    found = looked_at({name: "\n".join([*lines, "no label"]).encode()}, tmp_path)
    assert said(found, tmp_path) == ["Unreadable: 1.0 % of 101 rows cannot be read: line 101 (no label); left out"]
    assert found.examples is not None
    assert found.examples.classes == ("ham", "spam")
    assert read(found) == {f"mail {i}, of all" for i in range(100)}


def test_several_labels_of_fast_text_are_said(tmp_path: Path) -> None:
    lines = [f"__label__{('a', 'b', 'a __label__b')[i % 3]} mail {i}" for i in range(99)]
    found = looked_at({"x.txt": "\n".join(lines).encode()}, tmp_path)
    assert [each.reason for each in found.findings.all()] == ["SeveralLabels"]


def test_a_table_among_files_of_texts_is_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as packed:
        packed.writestr("SMSSpamCollection", b"label\ttext\n" + MAILS)
    content = (tmp_path / "x.zip").read_bytes()
    assert said(looked_at({"x.zip": content}, tmp_path), tmp_path)[0] == (
        "NoExamples: x.zip has no readable, labelled texts: put texts (.txt) into one folder per class below it; "
        "if it is a table, set source.format to CSV"
    )
    assert looked_at({"x.zip": content}, tmp_path, Format.CSV).count == 100


def test_lines_of_two_encodings_are_each_read(tmp_path: Path) -> None:
    lines = [f"{LATIN[i % 3]} {i},{'ab'[i % 2]}" for i in range(100)]
    mixed = b"text,label\n" + b"\n".join(line.encode("cp1252" if i % 3 else "utf-8") for i, line in enumerate(lines))
    found = looked_at({"x.csv": mixed}, tmp_path)
    assert said(found, tmp_path) == [
        "OtherEncoding: x.csv is UTF-8 but for 66 lines that seem to be cp1252, in which line 3 has schöne: they are "
        "read as such; if words are garbled, save it as UTF-8"
    ]
    assert read(found) == {line.partition(",")[0] for line in lines}
