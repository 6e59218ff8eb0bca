"""A step's order in, its report out, its exit code: with the real choose and profile steps on files."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from noria.contract import (
    ORDER_VARIABLE,
    ChooseReport,
    ExitCode,
    FailureReport,
    ProfileReport,
    Report,
    order_variables,
    parse_report,
)
from noria_trainers.steps import frame

Environment = dict[str, str]


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """What a pod has, on other paths and without a store."""
    return {
        frame.REPORT_VARIABLE: str(tmp_path / "termination-log"),
        frame.SCRATCH_VARIABLE: str(tmp_path / "scratch"),
        frame.PORT_VARIABLE: "0",
    }


@pytest.fixture
def order(table_revision: str, tmp_path: Path) -> dict[str, object]:
    """A sound order for the choose step."""
    return {
        "step": "choose",
        "task": "TabularClassification",
        "metric": "Accuracy",
        "revision": table_revision,
        "strategy": "Portfolio",
        "experience": str(tmp_path / "experience"),
        "report": str(tmp_path / "run" / "choice.json"),
    }


def told(environment: Environment) -> Report | None:
    return parse_report(Path(environment[frame.REPORT_VARIABLE]).read_text())


def obey(order: object, environment: Environment, step: str = "choose") -> tuple[int, Report | None]:
    text = order if isinstance(order, str) else json.dumps(order)
    code = frame.main(step, environment | order_variables(text))
    return code, told(environment)


def test_a_report_is_stored_and_told(order: dict[str, object], environment: Environment) -> None:
    code, report = obey(order, environment)
    assert code == 0
    assert isinstance(report, ChooseReport)
    assert len(report.choices) == 5
    assert parse_report(Path(str(order["report"])).read_text()) == report


def test_an_order_may_take_several_variables(order: dict[str, object], environment: Environment) -> None:
    code, report = obey({"ignored": "x" * 200_000} | order, environment)
    assert code == 0
    assert isinstance(report, ChooseReport)


def test_a_stored_report_answers_without_working_again(order: dict[str, object], environment: Environment) -> None:
    _, first = obey(order, environment)
    Path(environment[frame.REPORT_VARIABLE]).unlink()
    gone = order | {"revision": "/no/such/revision/"}
    assert obey(gone, environment) == (0, first)


@pytest.mark.parametrize("stored", ['{"kind": "choose", "str', '{"kind": "failure", "reason": "R", "message": "m"}'])
def test_a_stored_text_that_is_no_such_report_is_worked_out_anew(
    order: dict[str, object], environment: Environment, stored: str
) -> None:
    path = Path(str(order["report"]))
    path.parent.mkdir()
    path.write_text(stored)
    code, report = obey(order, environment)
    assert (code, type(report)) == (0, ChooseReport)
    assert parse_report(path.read_text()) == report


@pytest.mark.parametrize(
    ("text", "step", "reason", "words"),
    [
        pytest.param("", "choose", "NoOrder", "NORIA_ORDER is not set", id="no order"),
        pytest.param("{", "choose", "BadOrder", "Invalid JSON", id="not JSON"),
        pytest.param('{"step":"dance"}', "choose", "BadOrder", "'profile', 'choose', 'train'", id="no such step"),
        pytest.param('{"step":"choose"}', "choose", "BadOrder", "choose.revision: Field required", id="incomplete"),
        pytest.param({"task": "Foo"}, "choose", "BadOrder", "ImageClassification", id="no such task"),
        pytest.param({"trials": 11}, "choose", "BadOrder", "choose.trials", id="too many trials"),
        pytest.param({}, "train", "WrongStep", "orders the step choose, but this is train", id="another step's"),
        pytest.param({"metric": "R2"}, "choose", "BadMetric", "Accuracy, BalancedAccuracy", id="another task's metric"),
    ],
)
def test_a_bad_order_is_told_in_words(
    order: dict[str, object],
    environment: Environment,
    text: str | dict[str, object],
    step: str,
    reason: str,
    words: str,
) -> None:
    code, report = obey(text if isinstance(text, str) else order | text, environment, step)
    assert code == ExitCode.BAD_ORDER
    assert isinstance(report, FailureReport)
    assert report.reason == reason
    assert words in report.message


def test_a_step_error_is_its_exit_code_and_is_not_stored(order: dict[str, object], environment: Environment) -> None:
    code, report = obey(order | {"revision": "/no/such/revision/"}, environment)
    assert code == ExitCode.BAD_DATA
    assert isinstance(report, FailureReport)
    assert report.reason == "RevisionNotFound"
    assert not Path(str(order["report"])).exists()


def test_a_crash_is_tried_again_and_its_traceback_tells_no_secrets(
    order: dict[str, object], environment: Environment
) -> None:
    Path(environment[frame.SCRATCH_VARIABLE]).write_text("a file where a folder should be")
    keys = {"AWS_ACCESS_KEY_ID": "the-key", "AWS_SECRET_ACCESS_KEY": "the-secret", "PATH": os.environ["PATH"]}
    pod = environment | keys | {ORDER_VARIABLE: json.dumps(order)}
    command = [sys.executable, "-m", "noria_trainers", "choose"]
    ended = subprocess.run(command, env=pod, capture_output=True, text=True, check=False)
    assert ended.returncode == ExitCode.CRASHED
    report = told(environment)
    assert isinstance(report, FailureReport)
    assert report.reason == "Crashed"
    assert report.message.startswith("FileExistsError")
    crash = json.loads(ended.stderr.splitlines()[0])
    assert crash["event"] == "crashed"
    assert "Traceback" in crash["exception"]
    assert "the-secret" not in ended.stderr


def table(label: Callable[[int], str]) -> str:
    rows = ((size, size * size % 13) for size in (n * 7 % 19 for n in range(200)))
    return "size,rest,label\n" + "".join(f"{size},{rest}.{n},{label(size)}\n" for n, (size, rest) in enumerate(rows))


def test_refused_data_exit_65_and_are_profiled_again_once_mended(environment: Environment, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text(table(lambda size: "same"))
    order = {
        "step": "profile",
        "task": "TabularClassification",
        "source": {"uri": str(data)},
        "target": "label",
        "destination": f"{tmp_path}/revisions/",
        "report": f"{tmp_path}/report.json",
    }
    code, report = obey(order, environment, "profile")
    assert code == ExitCode.BAD_DATA
    assert isinstance(report, ProfileReport)
    assert report.refused
    data.write_text(table(lambda size: "low" if size < 9 else "high"))
    code, report = obey(order, environment, "profile")
    assert code == 0
    assert isinstance(report, ProfileReport)
    assert report.revision


def test_a_termination_message_that_cannot_be_written_changes_nothing(
    order: dict[str, object], environment: Environment
) -> None:
    nowhere = environment | {frame.REPORT_VARIABLE: "/no/such/folder/log", ORDER_VARIABLE: json.dumps(order)}
    assert frame.main("choose", nowhere) == 0
    assert Path(str(order["report"])).exists()


def test_a_port_that_is_taken_does_not_stop_the_work(order: dict[str, object], environment: Environment) -> None:
    with socket.create_server(("", 0)) as taken:
        code, report = obey(order, environment | {frame.PORT_VARIABLE: str(taken.getsockname()[1])})
    assert (code, type(report)) == (0, ChooseReport)


@pytest.fixture
def silent_store() -> Iterator[socket.socket]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        yield server


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_pod_told_to_stop_says_so_and_is_measured_until_then(
    order: dict[str, object], environment: Environment, silent_store: socket.socket
) -> None:
    port = free_port()
    pod = environment | {
        ORDER_VARIABLE: json.dumps(order | {"report": "s3://bucket/report.json"}),
        frame.PORT_VARIABLE: str(port),
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{silent_store.getsockname()[1]}",
        "AWS_ACCESS_KEY_ID": "the-key",
        "AWS_SECRET_ACCESS_KEY": "the-secret",
        "PATH": os.environ["PATH"],
    }
    command = [sys.executable, "-m", "noria_trainers", "choose"]
    with subprocess.Popen(command, env=pod, stderr=subprocess.PIPE, text=True) as process:
        connection, _ = silent_store.accept()
        with connection:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
                metrics = answer.read().decode()
            process.send_signal(signal.SIGTERM)
            _, logged = process.communicate(timeout=60)
    assert process.returncode == ExitCode.TRY_AGAIN
    report = told(environment)
    assert isinstance(report, FailureReport)
    assert report.reason == "Terminated"
    assert 'noria_step_start_time_seconds{step="choose"}' in metrics
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [line["event"] for line in lines if line["level"] != "debug"] == ["failed", "ended"]
    assert "the-secret" not in logged
