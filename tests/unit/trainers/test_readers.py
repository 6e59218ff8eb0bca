"""Readers: folders and archives of them, CSV, Parquet and JSON lines as people have them, from a store and the web."""

import gzip
import io
import os
import re
import ssl
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noria.contract import ExitCode, Format, ProfileOrder, Source, Task
from noria_store.entry import Entry
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.data import row_file, source
from noria_trainers.data.class_folder import label_by_name, listing
from noria_trainers.data.format import infer_format
from noria_trainers.data.source import File
from noria_trainers.examine import examine
from noria_trainers.modality.modality import modality_of

HERE = Store.from_environment(environment={})
TEXT, IMAGE, ROWS = Task.TEXT_CLASSIFICATION, Task.IMAGE_CLASSIFICATION, Task.TABULAR_REGRESSION


def rows(path: Path, format_: Format, tmp_path: Path) -> row_file.SourceRows:
    return row_file.read([File(path.name, str(path), path.stat().st_size)], format_, HERE, tmp_path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"a,b\n1,x\n2,y\n", {"a": ["1", "2"], "b": ["x", "y"]}, id="plain"),
        pytest.param(b"\xef\xbb\xbfa;b\r\n1;x\r\n", {"a": ["1"], "b": ["x"]}, id="byte order mark, semicolons, CRLF"),
        pytest.param(b"a\tb\n1\tx, y\n", {"a": ["1"], "b": ["x, y"]}, id="tabs"),
        pytest.param(b'a,b\n1,"x\ny"\n', {"a": ["1"], "b": ["x\ny"]}, id="a line break in quotes"),
        pytest.param(b"a,b\n1,\n,x\n", {"a": ["1", None], "b": [None, "x"]}, id="empty cells"),
        pytest.param(b"text\nall in one\n", {"text": ["all in one"]}, id="one column"),
        pytest.param(b",a\n0,x\n", {"Unnamed: 0": ["0"], "a": ["x"]}, id="a column without a name"),
        pytest.param(b" a , b \n1,2\n", {"a": ["1"], "b": ["2"]}, id="spaces around names"),
        pytest.param(b"a,b\n", {"a": [], "b": []}, id="a header only"),
        pytest.param(b"a,b", {"a": [], "b": []}, id="a header without a line's end"),
        pytest.param(b"", {}, id="nothing"),
        pytest.param("a\nGrün\n".encode(), {"a": ["Grün"]}, id="not ASCII"),
    ],
)
def test_csv(content: bytes, expected: dict[str, list[Any]], tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    assert rows(path, Format.CSV, tmp_path).table.to_pydict() == expected
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(content))
    assert rows(tmp_path / "x.csv.gz", Format.CSV, tmp_path).table.to_pydict() == expected


def test_a_late_surprise_in_a_column_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a\n" + "1\n" * 300_000 + "no number\n")
    assert rows(path, Format.CSV, tmp_path).table["a"][-1].as_py() == "no number"


def test_rows_of_another_length_are_named_as_they_lie_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n3\n5,6\n7,8,9\n10,11\n")
    found = rows(path, Format.CSV, tmp_path)
    assert found.unreadable == {"line 3": "1 field, the header 2", "line 5": "3 fields, the header 2"}
    assert [found.name(i) for i in range(3)] == ["line 2", "line 4", "line 6"]
    assert found.table["a"].to_pylist() == ["1", "5", "10"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param("a\n青\n".encode("shift_jis"), "BadEncoding", id="several encodings may be meant"),
        pytest.param(bytes(range(128, 256)) * 9, "BadEncoding", id="no text"),
        pytest.param(b"a,b,a\n1,2,3\n", "DuplicateColumns", id="a column twice"),
    ],
)
def test_csv_that_cannot_be_read_says_why(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(StepError) as failure:
        rows(path, Format.CSV, tmp_path)
    assert (failure.value.exit_code, failure.value.reason) == (ExitCode.BAD_DATA, reason)


@pytest.mark.parametrize(
    ("lines", "expected", "said"),
    [
        pytest.param(['"a "no" ok",1'], ['a "no" ok'], 'line 2 (a "no" ok)', id="a word in quotes"),
        pytest.param(['"a "no", ok",1'], ['a "no", ok'], 'line 2 (a "no", ok)', id="a delimiter after a quote"),
        pytest.param(['"a "no" ok, so",1'], ['a "no" ok, so'], 'line 2 (a "no" ok, so)', id="a delimiter later on"),
        pytest.param(['"5" pipe",1'], ['5" pipe'], 'line 2 (5" pipe)', id="inches"),
        pytest.param(['"a ""b"" "no" ok",1'], ['a "b" "no" ok'], 'line 2 (a "b" "no" ok)', id="beside doubled ones"),
        pytest.param(['"a "no"', 'ok",1'], ['a "no"\nok'], 'line 2 (a "no"\nok)', id="a value of two lines"),
        pytest.param(['"a', '"no" ok",1'], ['a\n"no" ok'], 'line 2 (a\n"no" ok)', id="quotes in the second line"),
        pytest.param(['"a "no" ok",1,'], ['a "no" ok'], 'line 2 (a "no" ok)', id="a delimiter at the end"),
        pytest.param(['"a" ,"1" '], ["a"], None, id="spaces after quotes"),
        pytest.param(['5" pipe,1'], ['5" pipe'], None, id="a quote in a value without quotes"),
    ],
)
def test_quotes_inside_a_value_in_quotes_are_kept(
    lines: list[str], expected: list[str], said: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("\n".join(["text,label", *lines, "x y,2", '"z",3', ""]))
    found = rows(path, Format.CSV, tmp_path)
    assert found.table.to_pydict() == {"text": [*expected, "x y", "z"], "label": ["1", "2", "3"]}
    message = f"1 row of x.csv with quotes inside a value in quotes, kept as they are: {said}"
    assert [each.message for each in found.remarks] == ([message] if said else [])


@pytest.mark.parametrize(
    ("lines", "expected", "mark"),
    [
        pytest.param(
            ["'a';'b'", "'1';'x; y'", "2;'z'"], {"a": ["1", "2"], "b": ["x; y", "z"]}, "'", id="single quotes"
        ),
        pytest.param(["`a`,`b`", "`1`,`x, y`"], {"a": ["1"], "b": ["x, y"]}, "`", id="backticks"),
        pytest.param(["a,b", "1,'x, y'", "2,z"], {"a": ["1", "2"], "b": ["x, y", "z"]}, "'", id="only where needed"),
        pytest.param(["a,b", "1, 'it''s, so'"], {"a": ["1"], "b": ["it's, so"]}, "'", id="doubled"),
        pytest.param(["'a','b'", "1,'it\\'s, so'"], {"a": ["1"], "b": ["it's, so"]}, "'", id="escaped"),
        pytest.param(["'a','b'", "1,'x", "y, z'"], {"a": ["1"], "b": ["x\ny, z"]}, "'", id="a value of two lines"),
        pytest.param(["a,b", "1,'x'", "2,'tis"], {"a": ["1", "2"], "b": ["'x'", "'tis"]}, None, id="not needed"),
        pytest.param(['"a","b"', "1,'x'"], {"a": ["1"], "b": ["'x'"]}, None, id="both"),
    ],
)
def test_other_marks_enclose_values(
    lines: list[str], expected: dict[str, list[str]], mark: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("\n".join([*lines, ""]))
    found = rows(path, Format.CSV, tmp_path)
    assert found.table.to_pydict() == expected
    said = [each.message for each in found.remarks if each.reason == "QuoteMarks"]
    assert said == ([f"x.csv has values between {mark} and {mark}: they are read without these marks"] if mark else [])


def test_quotes_that_may_end_several_values_leave_only_their_row_out(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('a,b,c\n"a "b" c\nx y,0,1\n"q",1,1\n"x "y","z", w",3\n')
    found = rows(path, Format.CSV, tmp_path)
    assert found.table["a"].to_pylist() == ["x y", "q"]
    assert found.unreadable == {"line 2": "1 field, the header 3", "line 5": "4 fields, the header 3"}


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    lines = ['{"a": 1, "b": "x", "c": true}', "", '{"a": 2.5, "b": null}', "broken", "[1]"]
    lines[3] += "[" * 100_000
    path.write_text("\n".join([*lines, r'{"a": NaN, "b": "", "d": [1], "e": "\ud800"}']))
    found = rows(path, Format.JSON_LINES, tmp_path)
    assert found.table.to_pydict() == {
        "a": ["1", "2.5", None],
        "b": ["x", None, None],
        "c": ["true", None, None],
        "e": [None, None, "?"],
    }
    assert found.unreadable == {
        "line 4": "not JSON: Expecting value, line 1 column 1",
        "line 5": "a list, not an object with names and values",
    }
    assert found.unusable == {"d": "lists"}
    assert [found.name(i) for i in range(3)] == ["line 1", "line 3", "line 6"]


def test_parquet_keeps_numbers_and_texts_apart(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(
        pa.table(
            {
                "whole": pa.array([1, None], pa.int32()),
                "real": pa.array([1.5, 2.0], pa.float32()),
                "yes": pa.array([True, False]),
                "kind": pa.array(["a", "b"]).dictionary_encode(),
                "list": pa.array([[1], [2]]),
                "raw": pa.array([b"\xff", b"y"]),
            }
        ),
        path,
    )
    found = rows(path, Format.PARQUET, tmp_path)
    assert found.table.to_pydict() == {
        "whole": [1, None],
        "real": [1.5, 2.0],
        "yes": ["true", "false"],
        "kind": ["a", "b"],
    }
    assert found.unusable == {"list": "list<element: int64>", "raw": "binary"}


def test_several_files_are_one_table_and_their_rows_keep_their_file(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("a,b\n1,2\n3,4\n")
    (tmp_path / "two.csv").write_text("b,c\n5,6\n")
    files = source.find(Source(uri=f"{tmp_path}"), HERE, tmp_path)
    found = row_file.read(files, Format.CSV, HERE, tmp_path)
    assert found.table.to_pydict() == {"a": ["1", "3", None], "b": ["2", "4", "5"], "c": [None, None, "6"]}
    assert [found.name(i) for i in range(3)] == ["one.csv line 2", "one.csv line 3", "two.csv line 2"]


def test_keys_of_a_bucket_do_not_lead_out_of_scratch(object_store: Any, tmp_path: Path) -> None:
    store, at = Store.from_environment(environment=object_store.environment), f"s3://{object_store.bucket()}"
    store.write(f"{at}/x.csv", b"a\n1\n")
    path = source.local(File("../../../x.csv", f"{at}/x.csv", 4), store, tmp_path / "scratch")
    assert (path.parent, path.suffix) == (tmp_path / "scratch/source", ".csv")


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.parquet", "x.jsonl"])
@given(st.binary(max_size=300))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_rows_or_an_error_in_words(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    format_ = infer_format(Source(uri=name), modality_of(Task.TABULAR_REGRESSION).formats, [File(name, name, 1)])
    with suppress(StepError):
        found = rows(path, format_, tmp_path)
        numbers = [int(found.name(i).rpartition(" ")[2]) for i in range(len(found.table))]
        assert numbers == sorted(set(numbers))


def test_a_file_that_is_not_what_its_name_says_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PAR1 this is not Parquet")
    with pytest.raises(StepError, match="Parquet") as failure:
        rows(path, Format.PARQUET, tmp_path)
    assert failure.value.exit_code == ExitCode.BAD_DATA


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        pytest.param(["cat/1.png", "dog/2.png"], ["cat", "dog"], id="a folder per class"),
        pytest.param(["all/cat/1.png", "all/dog/2.png"], ["cat", "dog"], id="below a folder that all share"),
        pytest.param(["cat/1.png", "cat/2.png"], ["cat", "cat"], id="one class"),
        pytest.param(["cat/a/1.png", "dog/2.png"], ["cat", "dog"], id="folders below a class"),
        pytest.param(["cat/1.png", "2.png"], ["cat", None], id="a file in no folder"),
        pytest.param(["1.png"], [None], id="no folder at all"),
        pytest.param(
            ["a.png", "all/b.png", "all/cat/1.png", "all/cat/2.png", "all/dog/3.png"],
            [None, None, "cat", "cat", "dog"],
            id="a few files above the folders of classes",
        ),
        pytest.param(["cat/1.png", "cat/2.png", "cat/a/3.png"], ["cat"] * 3, id="a few files in a folder of the class"),
    ],
)
def test_the_folder_is_the_label(names: list[str], labels: list[str | None]) -> None:
    assert list(label_by_name(names).values()) == labels


FOLDER = {"cat/1.png": b"one", "cat/2.png": b"two", "dog/3.png": b"three"}
LITTER = {"__MACOSX/cat/._1.png": b"", "cat/.DS_Store": b"", "Thumbs.db": b""}


def archive(kind: str) -> bytes:
    data = io.BytesIO()
    if kind == ".zip":
        with zipfile.ZipFile(data, "w") as made:
            for name, content in {**FOLDER, **LITTER}.items():
                made.writestr(name, content)
    else:
        with tarfile.open(fileobj=data, mode="w" if kind == ".tar" else "w:gz") as made:
            for name, content in {**FOLDER, **LITTER}.items():
                info = tarfile.TarInfo(f"./{name}")
                info.size = len(content)
                made.addfile(info, io.BytesIO(content))
    return data.getvalue()


def content(uri: str, store: Store, tmp_path: Path) -> dict[tuple[str, str | None], bytes]:
    with listing(source.find(Source(uri=uri), store, tmp_path), store, tmp_path) as found:
        members = found.members(label_by_name(found.names))
        read = {(each.name.removeprefix("./"), each.label): each.read() for each in members}
    assert len(found.names) == len(read)
    return read


EXPECTED = {(name, name.partition("/")[0]): data for name, data in FOLDER.items()}


@pytest.mark.parametrize("kind", [".zip", ".tar", ".tar.gz", ".tgz"])
def test_an_archive_is_a_folder(kind: str, tmp_path: Path) -> None:
    (tmp_path / f"x{kind}").write_bytes(archive(kind))
    assert content(f"{tmp_path}/x{kind}", HERE, tmp_path) == EXPECTED


def test_a_folder_in_a_store(object_store: Any, tmp_path: Path) -> None:
    store, at = Store.from_environment(environment=object_store.environment), f"s3://{object_store.bucket()}"
    for name, data in {**FOLDER, **LITTER}.items():
        store.write(f"{at}/a/{name}", data)
        store.write(f"{at}/ab/{name}", data)
    store.write(f"{at}/x.zip", archive(".zip"))
    assert content(f"{at}/a", store, tmp_path) == content(f"{at}/a/", store, tmp_path) == EXPECTED
    assert content(f"{at}/x.zip", store, tmp_path) == EXPECTED
    assert source.find(Source(uri=f"{at}/nothing/"), store, tmp_path) == []


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz"])
def test_a_damaged_archive_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(archive(".zip")[:-30])
    with pytest.raises(StepError, match=name) as failure:
        content(f"{tmp_path}/{name}", HERE, tmp_path)
    assert (failure.value.exit_code, failure.value.reason) == (ExitCode.BAD_DATA, "BadArchive")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def website_of(folder: Path, identity: ssl.SSLContext | None = None) -> Iterator[str]:
    """The address of a web server, of HTTPS where it has an identity, while the block runs."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        if identity:
            server.socket = identity.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"{'https' if identity else 'http'}://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def website(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server and the folder it serves."""
    folder = tmp_path / "site"
    folder.mkdir()
    with website_of(folder) as address:
        yield address, folder


def test_a_file_from_the_web(website: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = website
    (folder / "my data.csv").write_text("a\n1\n")
    (file,) = source.find(Source(uri=f"{address}/my%20data.csv?token=1"), HERE, tmp_path)
    assert (file.name, Path(file.uri).read_text()) == ("my data.csv", "a\n1\n")


SECRETS = '{"AccessKeyId": "AKIA", "SecretAccessKey": "hidden", "Token": "hidden"}'


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("keys.csv", SECRETS),
        ("keys.csv", SECRETS.replace(", ", ",\n ")),
        ("keys.csv", "AccessKeyId,SecretAccessKey,Token\nAKIA,hidden,hidden\n"),
        ("keys.csv", "AccessKeyId=AKIA\n" * 30),
        ("keys.jsonl", SECRETS),
        ("keys.json", SECRETS),
        ("keys.json", SECRETS.replace(", ", ",\n ")),
        ("keys.csv", f"<!doctype html><p>{SECRETS}</p>"),
        ("keys.csv", f"<?xml version='1.0'?><Error>{SECRETS}</Error>"),
        ("keys.parquet", SECRETS),
        ("keys.csv.gz", SECRETS),
    ],
)
def test_nothing_of_an_answer_is_quoted_that_is_no_table(
    website: tuple[str, Path], tmp_path: Path, name: str, answer: str
) -> None:
    address, folder = website
    (folder / name).write_text(answer)
    uri = f"{address}/{name}?signature=hidden"
    order = ProfileOrder(task=ROWS, source=Source(uri=uri), target="y", destination="", report="")
    try:
        told = str([each.message for each in examine(order, HERE, tmp_path / "scratch").findings.all()])
    except StepError as error:
        told = error.message
    assert name in told
    assert not re.search("AccessKeyId|AKIA|Token|hidden", told), told


def test_columns_of_a_table_on_the_web_are_named(website: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = website
    (folder / "rows.csv").write_text("size,price\n" + "1,2\n" * 10)
    source = Source(uri=f"{address}/rows.csv")
    order = ProfileOrder(task=ROWS, source=source, target="prize", destination="", report="")
    (found,) = examine(order, HERE, tmp_path / "scratch").findings.all()
    assert "did you mean price?" in found.message


def test_a_file_by_https_comes_from_a_host_that_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    certificate, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=here", "-days", "1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)
    identity = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    identity.load_cert_chain(certificate, key)
    with website_of(tmp_path, identity) as address:
        with pytest.raises(StepError, match="untrusted certificate") as failure:
            source.find(Source(uri=f"{address}/x.csv"), HERE, tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        (file,) = source.find(Source(uri=f"{address}/x.csv"), HERE, tmp_path)
    assert failure.value.exit_code == ExitCode.NOT_PERMITTED
    assert Path(file.uri).read_text() == "a\n1\n"


class Uploading(Store):
    """A store in which somebody makes, changes or deletes a file when the files there were found."""

    late: Callable[[], object] | None = None

    def copy(self, uri: str, path: Path) -> str:
        mark = super().copy(uri, path)
        self._put()
        return mark

    def entry(self, uri: str) -> Entry | None:
        found = super().entry(uri)
        if found is not None:
            self._put()
        return found

    def entries(self, uri: str) -> Iterator[Entry]:
        found = list(super().entries(uri))
        self._put()
        return iter(found)

    def _put(self) -> None:
        if self.late:
            late, self.late = self.late, None
            late()


TABLE = b"x,label\n" + b"".join(b"%d,%d\n" % (i * 37 % 101, i % 2) for i in range(200))


def looked_at(store: Store, uri: str, tmp_path: Path) -> str:
    """The error of a look, if there is one."""
    order = ProfileOrder(task=Task.TABULAR_CLASSIFICATION, source=Source(uri=uri), destination="", report="")
    try:
        examine(order, store, tmp_path / ".scratch")
    except StepError as error:
        return f"{error.reason}: {error.message}"
    return ""


CHANGED = "SourceChanged: 1 file of {} changed while the source was read: {}; look again when the upload has finished"


@pytest.mark.parametrize("content", [TABLE + b"7,1\n", TABLE.replace(b"7", b"8"), b"PK\x03\x04"])
def test_a_file_that_is_written_while_it_is_read_is_not_used(content: bytes, tmp_path: Path) -> None:
    path, store = tmp_path / "x.csv", Uploading({})
    path.write_bytes(TABLE)
    assert looked_at(store, str(path), tmp_path) == ""
    store.late = lambda: path.write_bytes(content)
    assert looked_at(store, str(path), tmp_path) == CHANGED.format(path, "x.csv")


def test_a_folder_that_fills_while_it_is_read_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(TABLE)
    store, late = Uploading({}), tmp_path / "b.csv"
    for change in (lambda: late.write_bytes(TABLE), lambda: late.write_bytes(TABLE * 2), late.unlink):
        store.late = change
        assert looked_at(store, str(tmp_path), tmp_path) == CHANGED.format(tmp_path, "b.csv")
    (tmp_path / "b.csv").write_bytes(TABLE)
    store.late = lambda: (tmp_path / "run.log").write_bytes(b"reading")
    assert looked_at(store, str(tmp_path), tmp_path) == ""


@pytest.mark.parametrize("name", ["x.csv", ""])
def test_an_object_that_is_replaced_while_it_is_read_is_not_used(name: str, object_store: Any, tmp_path: Path) -> None:
    store, at = Uploading(object_store.environment), f"s3://{object_store.bucket()}/in/"
    store.write(f"{at}x.csv", TABLE)
    assert looked_at(store, at + name, tmp_path) == ""
    store.late = lambda: store.write(f"{at}x.csv", TABLE.replace(b"7", b"8"))
    assert looked_at(store, at + name, tmp_path) == CHANGED.format(at + name, "x.csv")


def test_a_page_that_changes_while_it_is_read_is_not_used(website: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = website
    path, store = folder / "x.csv", Uploading({})
    path.write_bytes(TABLE)
    os.utime(path, (10**9, 10**9))
    uri = f"{address}/x.csv"
    assert looked_at(store, uri, tmp_path) == ""
    store.late = lambda: path.write_bytes(TABLE * 2)
    assert looked_at(store, uri, tmp_path) == CHANGED.format(uri, "x.csv")
    store.late = path.unlink
    assert looked_at(store, uri, tmp_path) == ""


def test_what_the_web_refuses_is_said(website: tuple[str, Path], tmp_path: Path) -> None:
    address, _ = website
    for uri, code in (
        (f"{address}/absent.csv", ExitCode.BAD_DATA),
        ("https://no-such-host.invalid/x.csv", ExitCode.UNAVAILABLE),
        (f"{address.replace('http:', 'https:')}/x.csv", ExitCode.NOT_PERMITTED),
        ("ftp://host/x.csv", ExitCode.BAD_ORDER),
    ):
        with pytest.raises(StepError) as failure:
            source.find(Source(uri=uri), HERE, tmp_path)
        assert failure.value.exit_code == code, failure.value.message
        assert uri in failure.value.message


@pytest.mark.parametrize(
    ("task", "names", "given", "expected"),
    [
        pytest.param(ROWS, ["x.CSV"], None, Format.CSV, id="a file's ending"),
        pytest.param(ROWS, ["x.csv.gz"], None, Format.CSV, id="compressed"),
        pytest.param(ROWS, ["README.md", "a.parquet", "b.parquet"], None, Format.PARQUET, id="what most files are"),
        pytest.param(ROWS, ["x.dat"], Format.CSV, Format.CSV, id="as ordered"),
        pytest.param(TEXT, ["x.ndjson"], None, Format.JSON_LINES, id="texts in rows"),
        pytest.param(TEXT, ["spam/1.txt"], None, Format.IMAGE_FOLDER, id="texts in folders"),
        pytest.param(TEXT, ["about.json", "ham/1.txt", "spam/1.txt"], None, Format.IMAGE_FOLDER, id="and a note"),
        pytest.param(ROWS, ["about.json", "train.csv"], None, Format.CSV, id="a table and a note"),
        pytest.param(ROWS, ["a.json", "b.json", "README.md"], None, Format.JSON_LINES, id="JSON"),
        pytest.param(IMAGE, ["x.zip"], None, Format.IMAGE_FOLDER, id="images"),
        pytest.param(IMAGE, ["x.csv"], Format.CSV, ExitCode.BAD_ORDER, id="images in a CSV file"),
        pytest.param(ROWS, ["a/1.csv"], Format.IMAGE_FOLDER, ExitCode.BAD_ORDER, id="a table in folders"),
        pytest.param(ROWS, ["x.dat"], None, Format.CSV, id="a table by any name"),
        pytest.param(ROWS, ["x.dat", "y.dat"], None, ExitCode.BAD_ORDER, id="names that do not tell"),
    ],
)
def test_the_format(task: Task, names: list[str], given: Format | None, expected: Format | ExitCode) -> None:
    files = [File(name, name, 1) for name in names]
    if isinstance(expected, Format):
        assert infer_format(Source(uri="s3://b/x", format=given), modality_of(task).formats, files) is expected
        return
    with pytest.raises(StepError) as failure:
        infer_format(Source(uri="s3://b/x", format=given), modality_of(task).formats, files)
    assert failure.value.exit_code == expected


MAILS = [f"{('ham', 'spam')[i % 2]}\tmail {i} of them" for i in range(100)]


@pytest.mark.parametrize(
    ("name", "lines", "lost", "remarks"),
    [
        pytest.param("x.tsv", {20: 'ham\t"a quote', 60: 'spam\tsaid "no'}, [], ["StrayQuotes"], id="two stray quotes"),
        pytest.param("x.tsv", {20: 'ham\t"a quote'}, [], ["StrayQuotes"], id="up to the end"),
        pytest.param("x.tsv", {20: 'ham\t"a quote', 60: 'spam\t5"'}, [], ["StrayQuotes"], id="closed by an inch"),
        pytest.param("x.tsv", dict.fromkeys(range(100), 'ham\t"a quote'), [], ["StrayQuotes"], id="one in every line"),
        pytest.param("x.tsv", {20: 'ham\t"two\nlines"'}, [], [], id="a value of two lines"),
        pytest.param("x.tsv", {20: 'ham\t"' + "many\n" * 50 + '"'}, [], [], id="a value of many lines"),
        pytest.param("x.tsv", {20: r'ham	"he said \"no\", twice"'}, [], ["EscapedQuotes"], id="a backslash"),
        pytest.param("x.tsv", {20: 'ham\t"a\tb'}, ["line 22"], [], id="a tab in what is left open"),
        pytest.param("x.tsv", {20: "ham\ta\tb", 21: "ham"}, ["line 22", "line 23"], [], id="other numbers of fields"),
    ],
)
def test_a_quote_costs_no_row(
    name: str, lines: dict[int, str], lost: list[str], remarks: list[str], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text("\n".join(["label\ttext", *(lines.get(n, mail) for n, mail in enumerate(MAILS))]) + "\n")
    found = rows(path, Format.CSV, tmp_path)
    assert list(found.unreadable) == lost
    assert len(found.table) == 100 - len(lost)
    assert [each.reason for each in found.remarks] == remarks
    assert found.name(len(found.table) - 1) == f"line {path.read_text().count(chr(10))}"
