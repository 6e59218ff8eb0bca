"""`noria predict`: every row is answered, in order and once, also where a command is stopped; its columns stay."""

import csv
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from noria.contract import ExitCode
from noria_cli.__main__ import main
from noria_cli.asked import Asked
from noria_store.store import Store
from object_store import ObjectStore

Run = Callable[..., tuple[int, str, str]]


@dataclass
class Server:
    """A model of texts: `long` where a text has more than five characters."""

    url: str = ""
    version: int = 1
    fails_at: str | None = None
    """Text that it does not answer."""
    asked: list[str] = field(default_factory=list)

    def metadata(self) -> dict[str, Any]:
        text = {"dtype": "DT_STRING", "tensor_shape": {"dim": [{"size": "-1"}]}}
        outputs = {
            "classes": {"dtype": "DT_STRING", "tensor_shape": {"dim": [{"size": "-1"}, {"size": "2"}]}},
            "scores": {"dtype": "DT_FLOAT", "tensor_shape": {"dim": [{"size": "-1"}, {"size": "2"}]}},
        }
        signature = {"inputs": {"text": text}, "outputs": outputs, "method_name": "tensorflow/serving/predict"}
        spec = {"name": "mails", "signature_name": "", "version": str(self.version)}
        return {"model_spec": spec, "metadata": {"signature_def": {"signature_def": {"serving_default": signature}}}}

    def predict(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        texts = [each["text"] if isinstance(each, dict) else each for each in body["instances"]]
        if self.fails_at in texts:
            return 400, {"error": "that text is refused"}
        self.asked += texts
        scores = [[0.9, 0.1] if len(text) <= 5 else [0.2, 0.8] for text in texts]
        return 200, {"predictions": [{"classes": ["short", "long"], "scores": each} for each in scores]}


@pytest.fixture
def server() -> Iterator[Server]:
    """One on a free port."""
    model = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(200, model.metadata())

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(*model.predict(json.loads(data)))

        def _answer(self, code: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        model.url = f"http://127.0.0.1:{listening.server_port}"
        yield model
        listening.shutdown()


@pytest.fixture
def run(server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Asks the model in a folder of the test's own; exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)

    def act(*arguments: str) -> tuple[int, str, str]:
        code = main(["predict", "mails", "--url", server.url, *arguments])
        return code, *capsys.readouterr()

    return act


def mails(count: int) -> list[dict[str, str]]:
    return [
        {"id": f"0{number}", "text": "long mail" if number % 3 else "hi", "note": 'a "b",\nc'}
        for number in range(count)
    ]


def written(rows: list[dict[str, str]], path: Path = Path("mails.csv")) -> str:
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return str(path)


def scored(path: str = "scored.csv") -> list[dict[str, str]]:
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


def expected(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    answers = ({"prediction": "long", "score": "0.8"}, {"prediction": "short", "score": "0.9"})
    return [row | answers[row["text"] == "hi"] for row in rows]


def test_rows_keep_their_columns(run: Run) -> None:
    rows = mails(700)
    code, text, _ = run("--in", written(rows), "--out", "scored.csv")
    assert (code, text) == (0, "scored.csv: 700 examples answered by version 1\n")
    assert scored() == expected(rows)
    assert sorted(path.name for path in Path().iterdir()) == ["mails.csv", "scored.csv"]
    code, _, told = run("--in", "mails.csv", "--out", "scored.csv")
    assert (code, "scored.csv exists" in told) == (ExitCode.BAD_ORDER, True)


def test_a_stopped_command_continues(run: Run, server: Server) -> None:
    rows = mails(700)
    rows[600]["text"] = "the text that is refused"
    server.fails_at = rows[600]["text"]
    code, _, told = run("--in", written(rows), "--out", "scored.csv")
    assert (code, "that text is refused" in told) == (ExitCode.BAD_DATA, True)
    assert not Path("scored.csv").exists()
    with Path("scored.csv.part").open("ab") as file:
        file.write(b'half a "row')
    before, server.fails_at = len(server.asked), None
    assert run("--in", "mails.csv", "--out", "scored.csv")[0] == 0
    assert scored() == expected(rows)
    assert len(server.asked) - before < 700 - 256


def test_another_version_does_not_go_on(run: Run, server: Server) -> None:
    rows = mails(300)
    server.fails_at = "stop"
    run("--in", written([*rows, rows[0] | {"text": "stop"}]), "--out", "scored.csv")
    server.fails_at, server.version = None, 2
    code, _, told = run("--in", "mails.csv", "--out", "scored.csv")
    assert (code, "give --restart to begin again" in told) == (ExitCode.BAD_ORDER, True)
    assert run("--in", "mails.csv", "--out", "scored.csv", "--restart")[0] == 0
    assert len(scored()) == 301


def test_other_formats_and_all_scores(run: Run) -> None:
    rows = mails(5)
    pq.write_table(pa.Table.from_pylist(rows), "mails.parquet")
    assert run("--in", "mails.parquet", "--out", "a.jsonl", "--scores", "--prediction", "class")[0] == 0
    first = json.loads(Path("a.jsonl").read_text().splitlines()[0])
    assert first == rows[0] | {"class": "short", "score_short": 0.9, "score_long": 0.1}
    Path("mails.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    assert run("--in", "mails.jsonl", "--out", "b.csv")[0] == 0
    assert scored("b.csv") == expected(rows)


def test_files_of_a_folder_are_examples(run: Run) -> None:
    for name in ("b", "a"):
        Path("texts").mkdir(exist_ok=True)
        Path(f"texts/{name}.txt").write_text("a long text" if name == "a" else "hi", "utf-8-sig")
    assert run("--in", "texts", "--out", "scored.csv")[0] == 0
    assert [(row["file"], row["prediction"]) for row in scored()] == [("a.txt", "long"), ("b.txt", "short")]
    Path("texts/c.txt").write_bytes("größer".encode("latin-1"))
    code, _, told = run("--in", "texts", "--out", "scored.csv", "--restart")
    assert (code, "c.txt is not UTF-8" in told) == (ExitCode.BAD_DATA, True)


def test_files_of_a_bucket_are_fetched_when_it_is_their_turn(object_store: ObjectStore, tmp_path: Path) -> None:
    store, folder = Store.from_environment(environment=object_store.environment), f"s3://{object_store.bucket()}/mails/"
    for name in ("a.txt", "b.txt", "c.txt"):
        store.write(folder + name, b"hi")
    for example in Asked.find(folder, store, tmp_path).examples(skip=1):
        fetched = [path.name.rpartition("-")[2] for path in tmp_path.rglob("*.txt")]
        assert fetched == [example.place]
    assert example.place == "c.txt"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--in", "none.csv", "--out", "x.csv"), ExitCode.BAD_DATA, "none.csv does not exist or is empty"),
        (("--in", "mails.csv", "--out", "x.xlsx"), ExitCode.BAD_ORDER, "ends with none of .csv, .jsonl"),
        (("--in", "mails.csv", "--out", "x.csv", "--text", "body"), ExitCode.BAD_ORDER, "Name one of id, text, note"),
        (("--in", "mails.csv", "--out", "x.csv", "--prediction", "id"), ExitCode.BAD_ORDER, "with --prediction"),
    ],
)
def test_what_cannot_be_asked_is_told(run: Run, arguments: tuple[str, ...], code: ExitCode, words: str) -> None:
    written(mails(3))
    found, _, told = run(*arguments)
    assert (found, words in told) == (code, True), told


def test_a_server_that_is_down_is_told(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    written(mails(3))
    code, _, told = run("--in", "mails.csv", "--out", "x.csv", "--url", "http://127.0.0.1:9")
    assert (code, "the same command continues" in told) == (ExitCode.UNAVAILABLE, True), told
