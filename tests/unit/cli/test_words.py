"""What commands print is for people: flags, rounded scores with their units, log lines that are sentences."""

import subprocess
import sys
from pathlib import Path

import pytest

from noria.contract import Configuration, ExitCode, FailureKind, FinishedTrial, Metric
from noria_cli.__main__ import main
from noria_cli.flag import in_flags
from noria_cli.run import FLAGS, ranked
from noria_cli.score import headed
from noria_trainers.wording import rounded


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("x is empty: upload rows, or correct source.uri", "x is empty: upload rows, or correct --data"),
        ("set source.format to Parquet", "set --format to Parquet"),
        ("only a: correct target or the header", "only a: correct --target or the header"),
        ("use task TabularRegression", "use --task TabularRegression"),
        ("name another column in target", "name another column in --target"),
        ("declare one in columns with type Text", "declare one with --column NAME=Text"),
        ("declare a type in columns to keep it", "declare a type with --column NAME=TYPE to keep it"),
        ("set metric BalancedAccuracy or MacroF1", "set --metric BalancedAccuracy or MacroF1"),
        ("10 are needed (checks.minExamplesPerClass): add examples", "10 are needed: add examples"),
    ],
)  # fmt: skip
def test_messages_name_flags(message: str, expected: str) -> None:
    assert in_flags(message, FLAGS) == expected
    assert in_flags(message, frozenset()) == message


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        (Metric.ACCURACY, 0.93117, "0.9312"),
        (Metric.R2, -12.5, "-12.5000"),
        (Metric.RMSE, 12345.678, "12,346"),
        (Metric.MAE, 0.0123456, "0.01235"),
        (Metric.MAE, 0.0, "0.0000"),
        (Metric.RMSE, 3.14159, "3.142"),
    ],
)
def test_scores_are_rounded(metric: Metric, value: float, expected: str) -> None:
    assert rounded(metric, value) == expected


def test_scores_have_their_unit() -> None:
    assert headed(Metric.RMSE, "price") == "RMSE (unit of price)"
    assert headed(Metric.LOG_LOSS, "price") == "LogLoss (nats)"
    assert headed(Metric.ACCURACY, "price") == "Accuracy"


def trial(name: str, score: float | None) -> FinishedTrial:
    failure = FailureKind.CRASHED if score is None else None
    return FinishedTrial(
        name=name, configuration=Configuration(family="image-cnn"), score=score, failure=failure, report=name
    )


def test_the_served_trial_heads_the_list_also_among_equals() -> None:
    trials = [trial("a", None), trial("b", 0.5), trial("c", 1.0), trial("d", 1.0)]
    assert [each.name for each in ranked(trials, metric=Metric.ACCURACY, best="d")] == ["d", "c", "b", "a"]
    assert [each.name for each in ranked(trials, metric=Metric.LOG_LOSS, best="b")] == ["b", "c", "d", "a"]


def test_a_refusal_names_flags(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.csv").write_text("a,deny\n" + "1,no\n2,yes\n" * 50)
    command = ["run", "--data", str(tmp_path / "x.csv"), "--task", "TabularRegression", "--out", str(tmp_path / "out")]
    assert main([*command, "--target", "deny"]) == ExitCode.BAD_DATA
    assert capsys.readouterr().err.splitlines()[-1] == (
        "    error: TargetNotNumeric: column deny holds the words no, yes, not numbers: "
        "use --task TabularClassification, or name another column in --target"
    )


PROGRAM = """
import structlog
from noria.contract import Metric
from noria_store import log
from noria_trainers.wording import rounded
log.set_up(text=True, timed=False)
logger = structlog.stdlib.get_logger("noria_trainers.test")
logger.info("trained", score=0.123456789, metric=Metric.LOG_LOSS, files=["a b", "c"])
logger.warning("not served", error="it's in use")
"""


def test_log_lines_are_sentences() -> None:
    found = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    assert found.stderr.splitlines() == [
        "trained: score 0.1235, metric LogLoss, files a b, c",
        "warning: not served: error it's in use",
    ]
