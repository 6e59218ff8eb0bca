"""The command line: its help, what it refuses and how it exits."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from noria.contract import Configuration, ExitCode, Metric, Task
from noria_cli.__main__ import trainer as main

COMMANDS = ("run", "upload", "explain", "why", "purge", "space", "profile", "choose", "train", "conclude", "prove")


def test_help_names_every_command_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert all(f" {command} " in text for command in COMMANDS)
    assert "64 bad order, 65 bad data, 77 not permitted" in text
    assert "NORIA_ORDER" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out) > 100


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param([], "COMMAND", id="no command"),
        pytest.param(["dance"], "invalid choice: 'dance'", id="no such command"),
        pytest.param(["run", "--data", "x"], "--task", id="no task"),
        pytest.param(
            ["run", "--data", "x", "--task", "Dance"], f"'Dance' is none of {', '.join(Task)}", id="no such task"
        ),
        pytest.param(["space", "--task", "Tabular"], f"'Tabular' is none of {', '.join(Task)}", id="half a task"),
        pytest.param(["upload", "x", "s3://b/", "--task", "Tabular"], ", ".join(Task), id="half a task to upload"),
        pytest.param(["explain", "x", "--metric", "F1"], f"'F1' is none of {', '.join(Metric)}", id="no such metric"),
        pytest.param(
            ["run", "--data", "x", "--task", Task.TABULAR_REGRESSION, "--column", "a:Text"], "NAME=TYPE", id="column"
        ),
        pytest.param(
            ["run", "--data", "x", "--task", Task.TABULAR_REGRESSION, "--trials", "0"], "--trials", id="trials"
        ),
    ],
)
def test_a_wrong_command_line_is_refused_with_what_there_is(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_a_metric_of_another_task_is_a_bad_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--data", "x", "--task", Task.TABULAR_REGRESSION, "--metric", "Accuracy"]) == ExitCode.BAD_ORDER
    assert "use one of R2, RMSE, MAE" in capsys.readouterr().err


def test_a_space_can_be_read_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["space", "--task", Task.TEXT_CLASSIFICATION]) == 0
    assert "text-linear: " in capsys.readouterr().out
    assert main(["space", "--task", Task.TEXT_CLASSIFICATION, "--json"]) == 0
    listed = [Configuration.model_validate_json(line) for line in capsys.readouterr().out.splitlines()]
    assert len(listed) >= 24


def test_output_may_be_cut_off() -> None:
    command = f"{sys.executable} -m noria_cli space --task {Task.TABULAR_CLASSIFICATION} --json"
    ended = subprocess.run(["bash", "-c", f"{command} | head -1"], capture_output=True, text=True, check=True)
    assert len(ended.stdout.splitlines()) == 1
    assert ended.stderr == ""


def test_a_step_without_an_order_exits_64_with_one_json_line_for_each_event(tmp_path: Path) -> None:
    pod = {"PATH": os.environ["PATH"], "NORIA_REPORT_PATH": str(tmp_path / "report"), "NORIA_METRICS_PORT": "0"}
    command = [sys.executable, "-m", "noria_trainers", "profile"]
    ended = subprocess.run(command, env=pod, capture_output=True, text=True, check=False)
    assert ended.returncode == ExitCode.BAD_ORDER
    events = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [(event["event"], event["level"], event["step"]) for event in events] == [
        ("failed", "error", "profile"),
        ("ended", "info", "profile"),
    ]
    assert json.loads((tmp_path / "report").read_text())["reason"] == "NoOrder"
    assert ended.stdout == ""


def test_choosing_needs_no_tensorflow() -> None:
    code = "import sys, noria_trainers.__main__, noria_trainers.steps.choose; print('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
