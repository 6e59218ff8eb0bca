"""Ask a served model about a whole file, folder or bucket path, and write the answers beside what was asked.

    noria predict clothes --in photos/ --out scored.csv
    noria predict prices --in rows.csv --out scored.csv
    noria predict prices --in s3://noria/sources/rows.parquet --out scored.jsonl
    noria predict prices --in rows.csv --out scored.csv --url http://localhost:8501

Rows keep their columns and get `prediction`; where the model has classes, also `score`, or with --scores that of each.
The input is read as it goes, so it may be larger than memory. The same command continues where it was stopped.
Servers are asked by noria_client, a wheel of its own.
"""

import argparse
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from noria.contract import REST_PORT, ExitCode
from noria_cli.asked import Asked, Example
from noria_cli.cluster.option import add_cluster
from noria_cli.output import tell
from noria_cli.own_store import own_store
from noria_cli.scored import Scored
from noria_store.error import StepError
from noria_trainers.progress import shown
from noria_trainers.wording import counted, listed

if TYPE_CHECKING:
    from noria_client import Model, Prediction

HELP = "ask a served model about a file, folder or bucket path"
BATCH = 256
"""Examples in one request, and between two notes of progress."""
TEXT = "text"
"""The sole input of models of texts."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("model", metavar="NAME", help="name of the Model")
    add("--in", dest="input", required=True, metavar="PATH|URI", help="table, folder of files, or s3://BUCKET/PATH")
    add("--out", type=Path, required=True, metavar="FILE", help="where to write: .csv or .jsonl")
    add("--text", metavar="COLUMN", help="column with the text, for models of texts (default: the only one, or `text`)")
    add("--scores", action="store_true", help="a column for the score of each class")
    add("--prediction", default="prediction", metavar="COLUMN", help="column of the answer (default: %(default)s)")
    add("--restart", action="store_true", help="begin again instead of going on")
    add("--url", metavar="URL", help="a server outside of the cluster, e.g. http://localhost:8501")
    add_cluster(parser)


def main(arguments: argparse.Namespace) -> int:
    """Ask about everything; the exit code."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="noria-")))
        asked = Asked.find(_place(arguments.input), stack.enter_context(own_store(arguments, arguments.input)), scratch)
        model = stack.enter_context(_model(arguments))
        with _failures(arguments.out):
            version = model.metadata().version
            about = [asked.mark, arguments.model, version, arguments.text, arguments.scores, arguments.prediction]
            scored = Scored(arguments.out, about)
            scored.open(restart=arguments.restart)
            stack.callback(scored.close)
            _ask(asked, model, scored, arguments)
    tell(f"{arguments.out}: {counted(scored.done, 'example')} answered by version {version}")
    return ExitCode.DONE


def _ask(asked: Asked, model: "Model", scored: Scored, arguments: argparse.Namespace) -> None:
    """Answer the examples that are not answered yet, a batch at a time."""
    rows = _answered(asked.examples(skip=scored.done), model, arguments)
    for _ in shown(_batches(rows, scored), what="predicting", total=None, unit="batches"):
        pass
    scored.finish()


def _batches(rows: Iterator[Mapping[str, Any]], scored: Scored) -> Iterator[int]:
    while batch := list(islice(rows, BATCH)):
        scored.add(batch)
        yield scored.done


def _answered(
    examples: Iterable[Example], model: "Model", arguments: argparse.Namespace
) -> Iterator[Mapping[str, Any]]:
    """The original columns of each example with the answer."""
    waiting: deque[Example] = deque()
    inputs = _inputs(model)

    def asked() -> Iterator[Any]:
        for example in examples:
            waiting.append(example)
            yield _question(example, inputs, arguments.text)

    for prediction in model.stream(asked()):
        example = waiting.popleft()
        yield {**_kept(example, arguments.prediction), **_columns(prediction, arguments)}


def _inputs(model: "Model") -> tuple[str, ...]:
    """The names of the default signature's inputs."""
    signatures = model.metadata().signatures
    found = signatures.get("serving_default")
    return tuple(each.name for each in found.inputs) if found else ()


def _question(example: Example, inputs: tuple[str, ...], text: str | None) -> Any:
    """What is sent of an example: a file, a text, or a row without what is missing or is no single value."""
    if example.path is not None:
        return _text(example.path, example.place) if inputs == (TEXT,) else example.path
    row = {name: value for name, value in example.columns.items() if not isinstance(value, NoneType | list | dict)}
    if text is None and inputs != (TEXT,):
        return row
    return str(row.get(_text_column(example, text), ""))


def _text(path: Path, file: str) -> str:
    """A file's text, as a profile run reads it."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except ValueError as error:
        raise StepError(ExitCode.BAD_DATA, "BadText", f"{file} is not UTF-8: save it as UTF-8") from error


def _text_column(example: Example, named: str | None) -> str:
    columns = list(example.columns)
    wanted = named or (TEXT if TEXT in columns else columns[0] if len(columns) == 1 else None)
    if wanted not in columns:
        known = listed(columns, 20)
        raise StepError(ExitCode.BAD_ORDER, "NoText", f"which column has the text? Name one of {known} with --text")
    return wanted


def _kept(example: Example, prediction: str) -> Mapping[str, Any]:
    if prediction in example.columns:
        message = (
            f"{example.place} has a column {prediction} already: name another one for the answer with --prediction"
        )
        raise StepError(ExitCode.BAD_ORDER, "SameColumn", message)
    return example.columns


def _columns(found: "Prediction", arguments: argparse.Namespace) -> Mapping[str, Any]:
    answer = {arguments.prediction: found.value}
    if arguments.scores:
        return {**answer, **{f"score_{name}": each for name, each in found.scores.items()}}
    return {**answer, "score": found.scores[found.value]} if found.value in found.scores else answer


@contextmanager
def _model(arguments: argparse.Namespace) -> Iterator["Model"]:
    """The model, at the URL or through a port-forward to its Service."""
    from noria_client import Model

    with ExitStack() as stack:
        if arguments.url:
            address = arguments.url.rstrip("/")
        else:
            from noria_cli.cluster.connection import connect
            from noria_cli.cluster.forward import LOCAL, forwarded

            cluster = connect(arguments)
            port = stack.enter_context(forwarded(cluster, cluster.namespace, arguments.model, REST_PORT))
            address = f"http://{LOCAL}:{port}"
        address = address if "/models/" in address else f"{address}/v1/models/{arguments.model}"
        yield stack.enter_context(Model(address, batch_rows=BATCH, parallel=2))


@contextmanager
def _failures(out: Path) -> Iterator[None]:
    """What goes wrong with the server, in this command's words."""
    from noria_client import AccessError, ClientError, InputError, RefusedError

    try:
        yield
    except AccessError as error:
        raise StepError(ExitCode.NOT_PERMITTED, "NotPermitted", str(error)) from error
    except (InputError, RefusedError) as error:
        message = f"{error}; what was answered before is kept beside {out}"
        raise StepError(ExitCode.BAD_DATA, "Refused", message) from error
    except ClientError as error:
        message = f"{error}; the same command continues where this one stopped"
        raise StepError(ExitCode.UNAVAILABLE, "Unreachable", message) from error


def _place(text: str) -> str:
    return text if "://" in text else str(Path(text).resolve())
