"""What is said of files as people have them: the whole text of every finding or failure."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from noria.contract import ProfileOrder, Source, Task
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.examine import Examined, examine

HERE = Store.from_environment(environment={})
ROWS, VALUES, TEXTS = Task.TABULAR_CLASSIFICATION, Task.TABULAR_REGRESSION, Task.TEXT_CLASSIFICATION
NAMES = ("a", "b", "colour", "label")
TABLE = [
    (
        f"{i * 37 % 101 / 7:.3f}",
        f"{i * 11 % 89 / 3:.2f}",
        ("red", "green", "blue")[i % 3],
        ("öde", "süß")[i * 7 % 11 % 2],
    )
    for i in range(400)
]
LINES = [",".join(NAMES), *map(",".join, TABLE)]
OBJECTS = [dict(zip(NAMES, row, strict=True)) for row in TABLE]
MAILS = [{"label": ("ham", "spam")[i % 2], "text": f"mail {i} of them"} for i in range(100)]


def text(*lines: str, end: str = "\n") -> bytes:
    return (end.join(lines) + end).encode()


def parquet(**columns: object) -> bytes:
    data = io.BytesIO()
    pq.write_table(pa.table({"a": [float(row[0]) for row in TABLE], **columns}), data)
    return data.getvalue()


def zipped(**files: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return data.getvalue()


def tarred(content: bytes) -> bytes:
    data, member = io.BytesIO(), tarfile.TarInfo("x.csv")
    member.size = len(content)
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.addfile(member, io.BytesIO(content))
    return data.getvalue()


LABELS = [row[3] for row in TABLE]
NUMBERS = np.arange(400) * 37 % 101


def profiled(folder: Path, files: dict[str, bytes], task: Task, target: str | None) -> Examined:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    source = folder / next(iter(files)) if len(files) == 1 else folder
    order = ProfileOrder(task=task, source=Source(uri=str(source)), target=target, destination="", report="")
    return examine(order, HERE, folder / ".scratch")


def refusal(folder: Path, files: dict[str, bytes], task: Task, target: str | None) -> list[str]:
    try:
        found = profiled(folder, files, task, target)
    except StepError as error:
        return [f"{error.reason}: {error.message}"]
    return [] if found.accepted else [f"{each.reason}: {each.message}" for each in found.findings.all()]


READ = [
    pytest.param("x.csv", text(*LINES), [], id="plain"),
    pytest.param("x.csv", "\ufeff".encode() + text(*LINES, end="\r\n"), [], id="a byte order mark"),
    pytest.param("x.csv", text(*LINES, end="\r"), [], id="carriage returns"),
    pytest.param(
        "x.csv", text("sep=;", *(line.replace(",", ";") for line in LINES)), [], id="a line with the delimiter"
    ),
    pytest.param("x.csv", text('"a, x";"b, y, z";colour;label', *map(";".join, TABLE)), [], id="commas in names"),
    pytest.param("x.csv", text(LINES[0], *(f"{line}," for line in LINES[1:])), [], id="a delimiter at rows' ends"),
    pytest.param("x.csv", text(*(f"{line},,," for line in LINES)), [], id="delimiters at all ends"),
    pytest.param("x.csv", text(*(f"{line}\n" for line in LINES), ",,,"), [], id="blank lines"),
    pytest.param("x.csv", text(*(line.replace(",", ", ") for line in LINES)), [], id="spaces after delimiters"),
    pytest.param("x.psv", text(*(line.replace(",", "|") for line in LINES)), [], id="another name and delimiter"),
    pytest.param("x.data", text(*(f" {line.replace(',', '   ')} " for line in LINES)), [], id="spaces between columns"),
    pytest.param("x.csv", text("<A>,b,colour,label", *LINES[1:]), [], id="a name in angle brackets"),
    pytest.param("x.csv.gz", gzip.compress(text(*LINES)), [], id="compressed"),
    pytest.param("x.csv.gz", text(*LINES), [], id="not compressed, as its name says"),
    pytest.param("x.csv.zip", zipped(x_csv=text(*LINES)), [], id="one file in a zip"),
    pytest.param(
        "x.csv",
        "\n".join(LINES).encode("utf-16"),
        ["OtherEncoding: x.csv is UTF-16, not UTF-8: it is read as such; if words are garbled, save it as UTF-8"],
        id="UTF-16",
    ),
    pytest.param(
        "x.csv",
        "\n".join(LINES).encode("cp1252"),
        [
            "OtherEncoding: x.csv is not UTF-8 but seems to be cp1252, in which line 2 has öde: it is read as such; "
            "if words are garbled, save it as UTF-8"
        ],
        id="cp1252",
    ),
    pytest.param(
        "x.csv",
        text("Report of 2024-01-05", "", *LINES),
        ["TitleLines: 1 line above the header of x.csv left out: Report of 2024-01-05"],
        id="a title",
    ),
    pytest.param(
        "x.csv",
        text(LINES[0], *(f"{i},{line}" for i, line in enumerate(LINES[1:], 1))),
        [
            "RowNames: the rows of x.csv have 5 fields and the header 4: the first field is read as the rows' names, "
            "column Unnamed: 0",
            "IdentifierColumns: 1 column with a different value in nearly every row: Unnamed: 0; left out of the "
            "features; declare a type in columns to keep it",
        ],
        id="row names as R writes them",
    ),
    pytest.param(
        "x.csv",
        text(*LINES[:50], LINES[50].replace(",", ',"', 1), *LINES[51:]),
        [
            "StrayQuotes: 1 row of x.csv with a quote that is never closed, read as part of the value: "
            f'line 51 ("{TABLE[49][1]})',
            f'NotNumeric: 1 column with numbers and other values: b: 1 ("{TABLE[49][1]}); the others count as missing; '
            "correct them",
        ],
        id="a stray quote",
    ),
    pytest.param(
        "x.csv",
        text(*LINES[:9], "1,2", *LINES[9:]),
        ["Unreadable: 0.2 % of 401 rows cannot be read: line 10 (2 fields, the header 4); left out"],
        id="a row of too few fields",
    ),
    pytest.param(
        "x.csv",
        text(*LINES[:9]) + b"\xff" + text(*LINES[9:]),
        ["Unreadable: 0.2 % of 400 rows cannot be read: line 10 (not UTF-8); left out"],
        id="a damaged byte",
    ),
    pytest.param("x.jsonl", text(*map(json.dumps, OBJECTS)), [], id="JSON lines"),
    pytest.param("x.json", json.dumps(OBJECTS).encode(), [], id="an array"),
    pytest.param("x.json", json.dumps(OBJECTS, indent=2).encode(), [], id="an array in many lines"),
    pytest.param(
        "x.json", "\n".join(json.dumps(row, indent=1) for row in OBJECTS).encode(), [], id="objects in many lines"
    ),
    pytest.param(
        "x.json", json.dumps({name: [row[name] for row in OBJECTS] for name in NAMES}).encode(), [], id="columns"
    ),
    pytest.param("x.json", json.dumps({"count": 400, "rows": OBJECTS}).encode(), [], id="rows below a name"),
    pytest.param(
        "x.jsonl",
        text(*(json.dumps({**row, "tags": ["x"], "more": {"y": 1}}) for row in OBJECTS)),
        [
            "UnusableColumns: 2 columns of neither numbers nor texts: more (objects), tags (lists); "
            "left out; flatten them "
            "to use them"
        ],
        id="lists and objects",
    ),
    pytest.param(
        "x.jsonl",
        text("{broken", *map(json.dumps, OBJECTS)),
        [
            "Unreadable: 0.2 % of 401 rows cannot be read: line 1 (not JSON: Expecting property name "
            "enclosed in double "
            "quotes, line 1 column 2); left out"
        ],
        id="a broken line first",
    ),
    pytest.param(
        "x.json",
        json.dumps({"columns": NAMES, "index": [*range(400)], "data": TABLE}).encode(),
        [],
        id="rows beside the columns' names",
    ),
    pytest.param("x.json", json.dumps(dict(enumerate(OBJECTS))).encode(), [], id="rows below their numbers"),
    pytest.param("x.json", json.dumps([NAMES, *TABLE]).encode(), [], id="lists below the list of names"),
    pytest.param("x.jsonl", text(*map(json.dumps, [NAMES, *TABLE])), [], id="lines of lists, the first of names"),
    pytest.param(
        "x.jsonl",
        text(json.dumps(["2024", "label"]), *(json.dumps([float(row[0]), row[3]]) for row in TABLE)),
        [],
        id="a year that is a name",
    ),
    pytest.param(
        "x.json",
        json.dumps({"ok": True, "data": {"count": 9, "items": OBJECTS}}).encode(),
        [],
        id="rows two names deep",
    ),
    *(
        pytest.param("x.csv", text(*(line.replace(",", mark) for line in LINES)), [], id=f"divided by {mark!r}")
        for mark in ("^", "~", ":", "::", "||", "\x01", "¦")
    ),
    pytest.param(
        "x.json", json.dumps({f"r{n}": row for n, row in enumerate(OBJECTS)}).encode(), [], id="rows below their names"
    ),
    pytest.param(
        "x.csv",
        text(*LINES[:200], LINES[0], *LINES[200:], "\ufeff" + LINES[0]),
        ["Unreadable: 0.5 % of 402 rows cannot be read: line 201, line 403 (the header again); left out"],
        id="files joined with their headers",
    ),
    pytest.param(
        "x.csv",
        text(*(f"| {line.replace(',', ' | ')} |" for line in (LINES[0], "---,:--,--:,:-:", *LINES[1:]))),
        ["Unreadable: 0.2 % of 401 rows cannot be read: line 2 (a line of dashes); left out"],
        id="a table of Markdown",
    ),
    pytest.param(
        "x.csv",
        text(*LINES).decode().replace("öde", "it’s £250").replace("süß", "“ham”").encode("cp1252"),
        [
            "OtherEncoding: x.csv is not UTF-8 but seems to be cp1252, in which line 2 has it’s: it is read as such; "
            "if words are garbled, save it as UTF-8"
        ],
        id="only marks that are not ASCII",
    ),
    pytest.param("x.csv", "\ufeff\ufeff".encode() + text(*LINES), [], id="two byte order marks"),
    *(
        pytest.param(
            name,
            content,
            [f"NamelessColumn: a column of {name} has no name: left out; name it to use it"],
            id=f"a column without a name in {name}",
        )
        for name, content in (
            ("x.jsonl", text(*(json.dumps({"": 1, **row}) for row in OBJECTS))),
            ("x.parquet", parquet(**{"": NUMBERS, "label": LABELS})),
        )
    ),
    pytest.param(
        "x.csv",
        text(*LINES[:9], '"1,"2","red","süß"', *LINES[9:]),
        [
            'StrayQuotes: 1 row of x.csv with a quote that is never closed, read as part of the value: line 10 ("1)',
            'NotNumeric: 1 column with numbers and other values: a: 1 ("1); the others count as missing; correct them',
        ],
        id="a stray quote among values in quotes",
    ),
    pytest.param(
        "x.csv",
        text(*LINES).decode().encode().decode("cp1252").encode(),
        ["Garbled: 1 column whose letters are lost or garbled: label (Ã¶de for öde); export the file again, as UTF-8"],
        id="UTF-8 twice",
    ),
    pytest.param(
        "x.csv",
        text(*LINES).decode().replace("ö", "\ufffd").encode(),
        [
            "Garbled: 1 column whose letters are lost or garbled: label (\ufffdde); export the file again, as UTF-8",
        ],
        id="lost letters",
    ),
    pytest.param(
        "x.csv",
        text(
            "a,b,colour,label",
            *(line if i % 9 else f"{i / 7},9999,red,{TABLE[i][3]}" for i, line in enumerate(LINES[1:])),
        ),
        [
            "GapNumbers: 1 column of numbers with one far from all others: b (9999 in 45 rows); if that stands for no "
            "value, empty these cells, else declare them Numeric in columns",
        ],
        id="a number for gaps",
    ),
    pytest.param(
        "x.parquet",
        parquet(label=pa.array([label.encode() for label in LABELS])),
        [],
        id="texts as bytes",
    ),
    pytest.param("x.parquet", parquet(took=pa.array(NUMBERS, pa.duration("ms")), label=LABELS), [], id="durations"),
    pytest.param(
        "x.parquet",
        parquet(tweet=[10**18 + 7 * i for i in range(400)], label=LABELS),
        [
            "IdentifierColumns: 1 column with a different value in nearly every row: tweet; left out of the features; "
            "declare a type in columns to keep it"
        ],
        id="numbers beyond float64",
    ),
    pytest.param(
        "x.parquet",
        parquet(raw=[b"\xff"] * 400, map=pa.array([[("k", 1)]] * 400, pa.map_("string", "int8")), label=LABELS),
        [
            "UnusableColumns: 2 columns of neither numbers nor texts: map (map<string, int8 ('map')>), "
            "raw (binary); left out; "
            "flatten them to use them"
        ],
        id="bytes and maps",
    ),
    pytest.param(
        "x.parquet",
        parquet(label=np.where(NUMBERS == 5, np.nan, NUMBERS % 2)),
        ["Unlabelled: 4 rows without a label, left out: row 53, row 154, row 255, row 356; label them"],
        id="labels that are NaN",
    ),
]


@pytest.mark.parametrize(("name", "content", "said"), READ)
def test_a_table_is_read(name: str, content: bytes, said: list[str], tmp_path: Path) -> None:
    found = profiled(tmp_path, {name: content}, ROWS, "label")
    assert [f"{each.reason}: {each.message}" for each in found.findings.all()] == said
    assert found.accepted is not None
    assert found.count >= 396


REFUSED = [
    pytest.param(
        {"x.csv": text('"a,label"', *(f'"{row[0]},{row[3]}"' for row in TABLE))},
        ROWS,
        "label",
        'QuotedLines: x.csv has quotes around whole lines, as "0.000,öde", so that each is one value: save it without '
        "these quotes",
        id="quotes around lines",
    ),
    pytest.param(
        {"x.json": text(*LINES)},
        ROWS,
        "label",
        "NoExamples: {x.json} has no row that can be read: 277 of 401 rows: not JSON: Extra data, line 1 column 6 "
        "(line 2); write it with a JSON library; if it is no JSON, give it the ending of its format, as .csv",
        id="CSV as JSON",
    ),
    pytest.param(
        {"x.jsonl": text(*map(str, OBJECTS))},
        ROWS,
        "label",
        "NoExamples: {x.jsonl} has no row that can be read: its only row, row 1: not JSON: Expecting property name "
        "enclosed in double quotes, line 1 column 2; what follows is lost; write names and texts between double "
        "quotes, as JSON libraries do",
        id="as Python prints it",
    ),
    pytest.param(
        {"x.jsonl": text(*(json.dumps({**row, "label": [row["label"]]}) for row in MAILS))},
        TEXTS,
        None,
        "TargetMissing: column label holds lists, not one number or text for each row: flatten it",
        id="a usual target of lists",
    ),
    pytest.param(
        {"x.csv.gz": gzip.compress(gzip.compress(text(*LINES)))},
        ROWS,
        "label",
        "OtherKind: x.csv.gz is an archive with another one in it: unpack it",
        id="compressed twice",
    ),
    pytest.param(
        {"x.parquet.gz": gzip.compress(parquet(label=LABELS))},
        ROWS,
        "label",
        "OtherKind: x.parquet.gz is a Parquet file that is compressed as a whole: unpack it, and name it .parquet",
        id="Parquet compressed",
    ),
    pytest.param(
        {"x.csv.zip": zipped()},
        ROWS,
        "label",
        "OtherKind: x.csv.zip is a zip without files: pack it again",
        id="no file",
    ),
    pytest.param(
        {"x.csv.lz4": b"\x04\x22\x4d\x18" + bytes(50)},
        ROWS,
        "label",
        "OtherKind: x.csv.lz4 is compressed with lz4: unpack it, or compress it with gzip",
        id="lz4",
    ),
    pytest.param(
        {"x.dat": b"\x01\0\0\0\x02\0\0\0," * 40},
        ROWS,
        "label",
        "OtherKind: x.dat is no text: save the table as CSV",
        id="bytes of no text",
    ),
    pytest.param(
        {"x.csv": text("a,y", *(f"{row[0]},{20240101 + i % 28}" for i, row in enumerate(TABLE)))},
        VALUES,
        "y",
        "TargetNotNumeric: column y holds dates (20240101, 20240102, 20240103 and 25 more), not numbers: write each as "
        "a number, such as days",
        id="dates without marks as values",
    ),
    pytest.param(
        {"x.json": json.dumps(TABLE).encode()},
        ROWS,
        "label",
        "NoExamples: {x.json} has no row that can be read: 400 of 400 rows: a list, not an object with names "
        'and values (row 1); begin with a list of the columns\' names, as ["size", "colour", "label"], or write '
        "each row as an object",
        id="rows without names",
    ),
    pytest.param(
        {"x.jsonl": text(*(json.dumps({"type": "Feature", "properties": row}) for row in OBJECTS))},
        ROWS,
        "label",
        "TargetMissing: there is no column label, only type: correct target or the file's header; flatten properties "
        "(objects) if it is in there",
        id="objects in a column",
    ),
    pytest.param(
        {"x.csv": text(*(line.replace(",", "\x01") for line in LINES[1:]))},
        ROWS,
        "label",
        "NoHeader: the first line (0.000, 0.00, red, öde) looks like an example, not like names of columns: add a line "
        "with their names to the file",
        id="as Hive writes it",
    ),
    pytest.param(
        {"x.csv": text("a,b,colour,label", *(f"{n % 7},{line}" for n, line in enumerate(LINES[1:])))},
        ROWS,
        "label",
        "NoExamples: {x.csv} has no row that can be read: 400 of 400 rows have 5 fields, the header 4 (line 2); name "
        "every column in the header, end no line with a delimiter, put values that contain it between double quotes "
        '(")',
        id="a field more than the header",
    ),
    pytest.param(
        {"x.jsonl": text(*(json.dumps({**row, "label": [row["label"]]}) for row in OBJECTS))},
        ROWS,
        "label",
        "TargetMissing: column label holds lists, not one number or text for each row: flatten it",
        id="a target of lists",
    ),
    pytest.param(
        {"x.csv": text(*["INSERT INTO t VALUES (1,2,'yes');"] * 99)},
        ROWS,
        "label",
        "NoHeader: the first line (INSERT INTO t VALUES (1, 2, 'yes');) looks like an example, not like names of "
        "columns: add a line with their names to the file",
        id="the first line in all lines",
    ),
    pytest.param(
        {"x.csv.gz": gzip.compress(tarred(text(*LINES)))},
        ROWS,
        "label",
        "OtherKind: x.csv.gz is a tar archive: unpack it and use one of its files",
        id="a tar archive",
    ),
    pytest.param(
        {"x.csv": b""}, ROWS, "label", "NoExamples: {x.csv} is empty: upload rows, or correct source.uri", id="nothing"
    ),
    pytest.param(
        {"x.csv": text(LINES[0])},
        ROWS,
        "label",
        "NoExamples: {x.csv} has a header (a, b, colour, label) and no rows: add rows",
        id="a header only",
    ),
    pytest.param(
        {"x.jsonl": b'{"a": 1,'},
        ROWS,
        "label",
        "NoExamples: {x.jsonl} has no row that can be read: its only row, row 1: not JSON: Expecting property name "
        "enclosed in double quotes, line 1 column 9; what follows is lost; correct the file, or export it again",
        id="one broken row",
    ),
    pytest.param(
        {"x.csv": text(*LINES[1:])},
        ROWS,
        "label",
        "NoHeader: the first line (0.000, 0.00, red, öde) looks like an example, not like names of columns: add a line "
        "with their names to the file",
        id="no header",
    ),
    pytest.param(
        {"x.tsv": text(*("\t".join(row.values()) for row in MAILS))},
        TEXTS,
        None,
        "NoHeader: the first line (ham, mail 0 of them) looks like an example, not like names of columns: add a line "
        "with their names to the file",
        id="texts without a header",
    ),
    pytest.param(
        {"x.csv": text("a,a,colour,label", *LINES[1:])},
        ROWS,
        "label",
        "DuplicateColumns: column names must be unique, but in x.csv these occur more than once: a; rename them",
        id="a name twice",
    ),
    pytest.param(
        {"x.csv": text("size,label", *(f"{n},{'赤青'[n % 2]}" for n in range(99))).decode().encode("shift_jis")},
        ROWS,
        "label",
        "BadEncoding: x.csv is not UTF-8; line 2 may be cp932 (赤), gb18030 (愒): save it as UTF-8, "
        "for example: iconv -f "
        "cp932 -t utf-8",
        id="an encoding that may be several",
    ),
    pytest.param(
        {"x.csv": zipped(**{"xl/workbook_xml": b""})},
        ROWS,
        "label",
        "OtherKind: x.csv is an Excel workbook: save the table as CSV",
        id="Excel",
    ),
    pytest.param(
        {"x.csv": b"PK\x03\x04" + bytes(99)},
        ROWS,
        "label",
        "BadFile: x.csv is a damaged zip or Excel file: File is not a zip file; upload it again, tables as CSV",
        id="a cut workbook",
    ),
    pytest.param(
        {"x.csv": b"\n<!DOCTYPE html><html>Sign in"},
        ROWS,
        "label",
        "OtherKind: x.csv is an HTML or XML page: download the file itself; such a page often asks to sign in",
        id="HTML",
    ),
    pytest.param(
        {"x.csv": b"<note lang='en'>\n<a>1</a></note>"},
        ROWS,
        "label",
        "OtherKind: x.csv is an HTML or XML page: download the file itself; such a page often asks to sign in",
        id="XML",
    ),
    pytest.param(
        {"x.csv": b'{"error": "expired", "code": 401}'},
        ROWS,
        "label",
        "OtherKind: x.csv is a JSON object, not CSV: if it holds examples, name it .json; else it may be a server's "
        "error: look into it",
        id="an error in JSON",
    ),
    pytest.param(
        {"x.csv": text(*map(json.dumps, OBJECTS))},
        ROWS,
        "label",
        "OtherKind: x.csv is JSON lines, not CSV: name it .jsonl, or set source.format to JSONLines",
        id="JSON lines as CSV",
    ),
    pytest.param(
        {"x.csv": json.dumps(OBJECTS, indent=1).encode()},
        ROWS,
        "label",
        "OtherKind: x.csv is a JSON array, not CSV: name it .json, or set source.format to JSONLines",
        id="an array as CSV",
    ),
    pytest.param(
        {"x.data": text(*(f"  {a}   {b} {colour}" for a, b, colour, _ in TABLE))},
        VALUES,
        "a",
        "NoHeader: the first line (0.000, 0.00, red) looks like an example, not like names of columns: add a line with "
        "their names to the file",
        id="spaces between columns without names",
    ),
    pytest.param(
        {"x.jsonl": text(*(json.dumps({"label ": row[3], "la\u200bbel": 1, "x": row[0]}) for row in TABLE))},
        ROWS,
        "label",
        "TargetMissing: there is no column label, only 'label ', la\\u200bbel, x; did you mean la\\u200bbel?",
        id="names that seem equal",
    ),
    pytest.param(
        {"x.jsonl": text(*(json.dumps({"Gro\u0308\u00dfe": row[0], "x": row[1]}) for row in TABLE))},
        VALUES,
        "Gr\u00f6\u00dfe",
        "TargetMissing: there is no column Gr\u00f6\u00dfe, only Gro\\u0308\u00dfe, x; did you mean Gro\\u0308\u00dfe?",
        id="accents, composed and not",
    ),
    pytest.param(
        {"x.csv": b"version https://git-lfs.github.com/spec/v1\n"},
        ROWS,
        "label",
        "OtherKind: x.csv is a pointer of Git LFS: fetch the file itself with git lfs pull",
        id="Git LFS",
    ),
    pytest.param(
        {"x.rds": gzip.compress(b"X\n\0\0\0\3" + bytes(99))},
        ROWS,
        "label",
        "OtherKind: x.rds is a file of R: save the table with write.csv",
        id="R",
    ),
    pytest.param(
        {"x.sav": b"$FL2@(#) SPSS DATA FILE" + bytes(99)},
        ROWS,
        "label",
        "OtherKind: x.sav is an SPSS file: save the table as CSV",
        id="SPSS",
    ),
    pytest.param(
        {"x.dta": b"<stata_dta><header>" + bytes(99)},
        ROWS,
        "label",
        "OtherKind: x.dta is a Stata file: save the table as CSV",
        id="Stata",
    ),
    pytest.param(
        {"x.arff": text("@relation x", "@attribute a numeric", "@data", "1")},
        ROWS,
        "label",
        "OtherKind: x.arff is an ARFF file of Weka: save the table as CSV",
        id="ARFF",
    ),
    pytest.param(
        {"x.pkl": b"\x80\4\x95" + bytes(99)},
        ROWS,
        "label",
        "OtherKind: x.pkl is a pickle of Python: save the table as CSV or Parquet",
        id="pickle",
    ),
    pytest.param(
        {"x.csv": parquet(label=LABELS)},
        ROWS,
        "label",
        "OtherKind: x.csv is a Parquet file: name it .parquet, or set source.format to Parquet",
        id="Parquet as CSV",
    ),
    pytest.param(
        {"x.zip": zipped(train_csv=b"", test_csv=b"")},
        ROWS,
        "label",
        "OtherKind: x.zip is a zip of 2 files (train.csv, test.csv): unpack it and use one of them",
        id="several in a zip",
    ),
    pytest.param(
        {"x.json": json.dumps([{"id": 1, "data": {}, "annotations": []}]).encode()},
        TEXTS,
        "label",
        "OtherKind: x.json is a full export of Label Studio, whose rows are objects (annotations, "
        "data): export JSON-MIN or "
        "CSV instead",
        id="Label Studio",
    ),
    pytest.param(
        {"x.csv": text(",".join(map(str, range(100_000))), ",".join("1" * 100_000))},
        ROWS,
        "label",
        "TooManyColumns: x.csv has 100,000 columns, at most 5,000 can be used: leave columns out, "
        "or turn the table if its "
        "rows are columns",
        id="too many columns",
    ),
    pytest.param(
        {"x.parquet": parquet(label=LABELS)[:-30]},
        ROWS,
        "label",
        "BadFile: x.parquet cannot be read as Parquet: Parquet magic bytes not found in footer. "
        "Either the file is corrupted "
        "or this is not a parquet file.; it may be damaged, cut off or encrypted",
        id="cut off",
    ),
    pytest.param(
        {"x.csv": text(*LINES)},
        VALUES,
        "label",
        "TargetNotNumeric: column label holds the words süß, öde, not numbers: use task TabularClassification, or name "
        "another column in target",
        id="words as values",
    ),
    pytest.param(
        {"x.csv": text(*LINES)},
        TEXTS,
        "label",
        "NoText: no column of text among a, b, colour, label: declare one in columns with type Text, or use a task for "
        "tables",
        id="no texts",
    ),
]


@pytest.mark.parametrize(("files", "task", "target", "said"), REFUSED)
def test_a_table_is_refused(files: dict[str, bytes], task: Task, target: str | None, said: str, tmp_path: Path) -> None:
    expected = said.replace("{", f"{tmp_path}/").replace("}", "")
    assert refusal(tmp_path, files, task, target) == [expected]


def cells(i: int) -> dict[str, object]:
    return {
        "height": f"{5 + i % 2}'{i % 12}\"",
        "weight": ("12 kg", "500 g", f"{i} g")[i % 3],
        "when": f"{i % 28 + 1} \u043e\u043a\u0442\u044f\u0431\u0440\u044f 20{i % 20 + 10}",
        "moment": 1_600_000_000 + i * i * 77,
        "day": int(f"{i % 28 + 1}{i % 12 + 1:02}20{i % 20 + 10}"),
        "month": int(f"20{i % 20 + 10}{i * 5 % 12 + 1:02}"),
        "due_date": 40_000 + i * 37 % 3_000,
        "birthday": f"{('Jan', 'May', 'Oct')[i % 3]}-{i % 28 + 1}",
        "age": f"{i % 70} years",
        "price": ("$", "US$ ", "\u20ac")[i % 3] + f"{i * 37 % 101}",
        "rooms": (f"{i % 9}", "unknown", "tbd")[i % 17 // 15 + i % 17 // 16],
        "ordinal": f"20{i % 20 + 10}-{i % 50 * 7 + 1:03}",
        "ordinal_number": int(f"20{i % 20 + 10}{i % 50 * 7 + 1:03}"),
        "clock": f"{i % 24:02}{i * 7 % 60:02}",
        "zulu": f"{i % 24:02}{i * 7 % 60:02}Z",
        "shift": f"{i % 24:02}{i * 7 % 60:02} hrs",
        "dep_time": int(f"{(i + 9) % 24}{i * 7 % 60:02}"),
        "minutes": i % 60,
    }


def test_numbers_and_dates_that_are_not_read_are_said(tmp_path: Path) -> None:
    lines = [json.dumps(cells(i) | {"label": "ab"[i * 7 % 11 % 2]}) for i in range(200)]
    found = profiled(tmp_path, {"x.jsonl": text(*lines)}, ROWS, "label")
    assert [f"{each.reason}: {each.message}" for each in found.findings.all()] == [
        "UnreadQuantities: 2 columns of quantities that are not one number in one unit: height (5'0\"), "
        "weight (12 kg); not taken as numbers: write one a cell, all in one unit, as 12.5 or 12.5 kg, or declare a "
        "type in columns",
        "MixedUnits: 1 column of numbers with several currencies or percent signs: price ($0, \u20ac74); the signs are "
        "left out: convert all to one",
        "UnreadDates: 4 columns of what may be dates in a form that cannot be read: "
        "when (1 \u043e\u043a\u0442\u044f\u0431\u0440\u044f 2010), birthday (Jan-1), ordinal (2010-001), "
        "zulu (0000Z); not taken as dates: write them as 2024-10-23, times as 14:05",
        "AmbiguousDates: 1 column of numbers that may be seconds since 1970: moment (1600000000); read as numbers: "
        "declare them Date in columns if they are, else Numeric",
        "AmbiguousDates: 4 columns of numbers that may be dates: day (1012010), month (201001), due_date (40000), "
        "ordinal_number (2010001); read as numbers: write them as 2024-10-23 if they are, else declare them Numeric in "
        "columns",
        "AmbiguousDates: 3 columns of numbers that may be times of day: clock (0000), shift (0000 hrs), "
        "dep_time (900); read as numbers: write them as 14:05 if they are, else declare them Numeric in columns",
    ]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(
            lambda i: ("12 kg", "500 g")[i % 2],
            "column y holds quantities that are not one number in one unit (12 kg, 500 g): "
            "write all as numbers in one unit",
            id="several units",
        ),
        pytest.param(
            lambda i: f"5'{i % 12}",
            "column y holds quantities that are not one number in one unit (5'0, 5'1, 5'10 and 9 more): "
            "write all as numbers in one unit",
            id="feet and inches",
        ),
        pytest.param(
            lambda i: f"2024-10-{i % 20 + 10}",
            "column y holds dates (2024-10-10, 2024-10-11, 2024-10-12 and 17 more), not numbers: "
            "write each as a number, such as days",
            id="dates",
        ),
        pytest.param(
            lambda i: f"{i % 10}:30",
            "column y holds times of day (0:30, 1:30, 2:30 and 7 more), not numbers: "
            "write each as a number, such as days",
            id="times",
        ),
    ],
)
def test_a_target_of_quantities_is_no_class(make: Callable[[int], str], said: str, tmp_path: Path) -> None:
    lines = ["x,y", *(f"{i * i},{make(i)}" for i in range(100))]
    assert refusal(tmp_path, {"x.csv": text(*lines)}, VALUES, "y") == [f"TargetNotNumeric: {said}"]


EUROS = "$\u20ac"


def test_a_target_of_several_currencies_is_said(tmp_path: Path) -> None:
    lines = ["x,y", *(f"{i * 37 % 101 / 7:.3f},{EUROS[i % 2]}{i}" for i in range(100))]
    found = profiled(tmp_path, {"x.csv": text(*lines)}, VALUES, "y")
    assert [each.message for each in found.findings.all()] == [
        "column y holds numbers with several currencies or percent signs ($0, \u20ac1); the signs are left out: "
        "convert all to one"
    ]


def test_a_target_with_a_number_for_gaps_is_said(tmp_path: Path) -> None:
    lines = ["x,y", *(f"{i * 37 % 101 / 7:.3f},{i if i % 9 else -999}" for i in range(100)), "1,1e999"]
    found = profiled(tmp_path, {"x.csv": text(*lines)}, VALUES, "y")
    assert [each.message for each in found.findings.all()] == [
        "column y holds -999 in 12 rows, far from its other values; if that stands for no value, empty these cells",
        "1.0 % of 101 rows have a target that is not a number, or is infinite: line 102; left out",
    ]


def test_dates_that_are_none_are_quoted(tmp_path: Path) -> None:
    lines = (f"{row[0]},2023-{i % 14 + 1:02}-{i % 5 + 27},{row[3]}" for i, row in enumerate(TABLE))
    (found,) = profiled(tmp_path, {"x.csv": text("a,d,label", *lines)}, ROWS, "label").findings.all()
    assert found.message == (
        "1 column of what may be dates in a form that cannot be read: d (2023-13-29); not taken as dates: write them "
        "as 2024-10-23, times as 14:05"
    )


def test_a_target_with_a_unit_is_a_number(tmp_path: Path) -> None:
    found = profiled(
        tmp_path, {"x.csv": text("x,y", *(f"{i * 37 % 101 / 7:.3f},{i} kg" for i in range(100)))}, VALUES, "y"
    )
    assert found.findings.all() == []
    assert sorted(found.examples.labels if found.examples else []) == list(range(100))


def test_files_of_another_table_are_named(tmp_path: Path) -> None:
    train = text("id,a,b,label", *(f"{i},{row[0]},{row[1]},{row[3]}" for i, row in enumerate(TABLE)))
    test = text("id,a,b", *(f"{i},{row[0]},{row[1]}" for i, row in enumerate(TABLE, 400)))
    form = text("id,label", *(f"{i},öde" for i in range(400, 800)))
    found = profiled(tmp_path, {"train.csv": train, "test.csv": test, "sample_submission.csv": form}, ROWS, "label")
    said = [each.message for each in found.findings.all() if each.reason == "OtherTables"]
    assert said == [
        "2 files left out, not of the same table as train.csv: sample_submission.csv, test.csv; no "
        "column label in test.csv"
    ]
    assert found.count == 400


def test_a_frequent_class_has_a_metric_that_sees_the_others(tmp_path: Path) -> None:
    rare = text("a,b,label", *(f"{row[0]},{row[1]},{int(i % 20 == 0)}" for i, row in enumerate(TABLE)))
    (found,) = profiled(tmp_path, {"x.csv": rare}, ROWS, "label").findings.all()
    assert found.message == (
        "95.0 % of the examples are of class 0 and only 20 of 1, so a model that always answers 0 has an Accuracy of "
        "0.9500: set metric BalancedAccuracy or MacroF1"
    )


def test_a_target_that_is_infinite_is_named(tmp_path: Path) -> None:
    content = parquet(y=np.where(NUMBERS == 5, np.inf, NUMBERS))
    findings = profiled(tmp_path, {"x.parquet": content}, VALUES, "y").findings.all()
    (found,) = [each for each in findings if each.reason == "TargetNotNumeric"]
    assert found.message == (
        "1 % of 400 rows have a target that is not a number, or is infinite: row 53, row 154, row "
        "255 and 1 more; left out"
    )


def test_folders_as_spark_writes_them_are_columns(tmp_path: Path) -> None:
    for year, label in ((2023, "ham"), (2024, "spam%20x")):
        folder = tmp_path / f"year={year}" / f"label={label}"
        folder.mkdir(parents=True)
        (folder / "1.csv").write_bytes(text("a", *(f"{n * year % 83 / 7:.3f}" for n in range(100))))
    found = profiled(tmp_path, {}, ROWS, "label")
    assert found.accepted is not None
    assert found.accepted.gathered.examples.classes == ("ham", "spam x")
    assert [each.name for each in found.accepted.gathered.content.columns] == ["a", "year"]


def test_a_file_may_hold_one_object(tmp_path: Path) -> None:
    files = {f"{i:02}.json": json.dumps({**row, "parts": [{"n": 1}]}, indent=1) for i, row in enumerate(OBJECTS[:30])}
    found = profiled(tmp_path, {name: content.encode() for name, content in files.items()}, ROWS, "label")
    assert found.count == 30
    assert [each.reason for each in found.findings.all()] == ["UnusableColumns"]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        pytest.param("Gro\u0308\u00dfe", "Gr\u00f6\u00dfe and Gro\\u0308\u00dfe", id="accents, composed and not"),
        pytest.param(
            "Gr\u00f6\u00df\u00ade", "Gr\u00f6\u00dfe and Gr\u00f6\u00df\\xade", id="a hyphen that is not seen"
        ),
    ],
)
def test_columns_whose_names_look_the_same_are_said(other: str, said: str, tmp_path: Path) -> None:
    lines = (f"{row[0]},{row[1]},{row[3]}" for row in TABLE)
    found = profiled(tmp_path, {"x.csv": text(f"Gr\u00f6\u00dfe,{other},label", *lines)}, ROWS, "label")
    assert [each.message for each in found.findings.all()] == [
        f"columns whose names look the same: {said}; give them one name if they mean the same, else others"
    ]


def test_files_whose_names_are_written_otherwise_are_said(tmp_path: Path) -> None:
    lines = [f"{row[0]},{row[3]}" for row in TABLE]
    files = {
        "x.csv": text("Gr\u00f6\u00dfe,label", *lines[:300]),
        "y.csv": text("gro\u0308\u00dfe,Label", *lines[300:]),
    }
    (found,) = profiled(tmp_path, files, ROWS, "label").findings.all()
    assert found.message == (
        "1 file left out, not of the same table as x.csv: y.csv; columns are written otherwise there: Label for label, "
        "gro\\u0308\u00dfe for Gr\u00f6\u00dfe; give them one name"
    )


@pytest.mark.parametrize(("least", "kind"), [(2**70, "Categorical"), (10**6, "Numeric")])
def test_whole_numbers_that_floats_confuse_are_codes(least: int, kind: str, tmp_path: Path) -> None:
    lines = (f"{row[0]},{least + n % 17},{row[3]}" for n, row in enumerate(TABLE))
    found = profiled(tmp_path, {"x.csv": text("a,account,label", *lines)}, ROWS, "label")
    assert found.accepted is not None
    assert found.accepted.gathered.content.columns[1].type == kind


def test_a_column_of_numbers_and_many_words_is_said(tmp_path: Path) -> None:
    gaps = ("none", "n.a.", "..", "tbd", "lost", "later")
    lines = (f"{row[0]},{gaps[n % 6] if n % 11 == 0 else n * 7 % 301},{row[3]}" for n, row in enumerate(TABLE))
    found = profiled(tmp_path, {"x.csv": text("a,b,label", *lines)}, ROWS, "label")
    (said,) = found.findings.all()
    assert said.message == (
        "1 column with numbers and other values: b (none, later, lost and 3 more); not taken as numbers: empty the "
        "cells that have none, or declare a type in columns"
    )


def test_numbers_of_three_decimals_with_either_mark_are_read(tmp_path: Path) -> None:
    lines = (f"{f'{n / 1000:.3f}'.replace('.', '.,'[n % 2])};{row[0]};{row[3]}" for n, row in enumerate(TABLE * 4))
    found = profiled(tmp_path, {"x.csv": text("b;a;label", *lines)}, ROWS, "label")
    assert found.accepted is not None
    rows = found.accepted.gathered.content.rows(np.arange(1600))
    assert rows is not None
    np.testing.assert_allclose(sorted(rows["b"].to_pylist()), np.arange(1600) / 1000)
