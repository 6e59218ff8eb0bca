"""The end of a step's log, kept beside its report however the step ends."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from noria.contract import ExitCode, order_variables, place
from noria_store.error import StepError
from noria_store.log import set_up
from noria_store.store import Store
from noria_trainers.steps import frame, tail
from noria_trainers.steps.tail import LINE_CHARACTERS, LINES, Tail

log = logging.getLogger("noria_trainers.test")


@pytest.fixture(autouse=True)
def logging_restored() -> Iterator[None]:
    """What `set_up` changes, as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def kept(path: Path, *messages: str) -> list[str]:
    """The lines that are kept of these messages."""
    set_up(text=True)
    with Tail() as lines:
        lines.follow(Store({}), str(path))
        for message in messages:
            log.warning(message)
    return path.read_text().splitlines()


@pytest.mark.parametrize(
    ("report", "log_uri"),
    [
        pytest.param("s3://b/runs/n/j/u/1/t1/report.json", "s3://b/runs/n/j/u/1/t1/log.txt", id="a trial"),
        pytest.param("s3://b/runs/n/j/u/1/best/report-2.json", "s3://b/runs/n/j/u/1/best/log-2.txt", id="a retry"),
        pytest.param("s3://b/runs/n/j/u/1/choose-1.json", "s3://b/runs/n/j/u/1/choose-1-log.txt", id="a choice"),
        pytest.param("s3://b/datasets/n/d/profiles/u/3.json", "s3://b/datasets/n/d/profiles/u/3-log.txt", id="a look"),
    ],
)
def test_a_log_lies_beside_its_report(report: str, log_uri: str) -> None:
    assert place.log(report) == log_uri


def test_the_last_hundred_lines_stay(tmp_path: Path) -> None:
    lines = kept(tmp_path / "log.txt", *(f"batch {number}" for number in range(250)))
    assert len(lines) == LINES == 100
    assert "batch 249" in lines[-1]
    assert "batch 150" in lines[0]


def test_lines_are_bounded_and_steer_no_terminal(tmp_path: Path) -> None:
    lines = kept(tmp_path / "log.txt", "x" * 1_000_000, "\x1b]0;owned\x07\u202e", "\x1b" * 1_000_000)
    assert max(map(len, lines)) <= LINE_CHARACTERS * 4
    assert (tmp_path / "log.txt").stat().st_size < 16_000
    assert all(line.isprintable() for line in lines)
    assert "\\x1b]0;owned\\x07\\u202e" in lines[1]


def test_a_store_that_fails_does_not_change_how_the_step_ends() -> None:
    class Broken(Store):
        def write(self, uri: str, data: bytes) -> None:
            raise StepError(ExitCode.UNAVAILABLE, "StoreUnavailable", "no store")

    def work() -> None:
        with Tail() as lines:
            lines.follow(Broken({}), "s3://bucket/log.txt")
            log.warning("before")
            raise ZeroDivisionError

    set_up(text=True)
    with pytest.raises(ZeroDivisionError):
        work()


def test_a_process_that_is_killed_leaves_what_it_had_logged(tmp_path: Path) -> None:
    script = f"""if True:
        import os, signal, time
        from pathlib import Path
        from noria_store.log import set_up
        from noria_store.store import Store
        from noria_trainers.steps import tail
        tail.FIRST_SECONDS = 0.1
        set_up(text=False)
        with tail.Tail() as lines:
            lines.follow(Store({{}}), {str(tmp_path / "log.txt")!r})
            tail.log.warning("the last words")
            while not Path({str(tmp_path / "log.txt")!r}).exists():
                time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    ended = subprocess.run([sys.executable, "-c", script], timeout=60, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL
    assert "the last words" in (tmp_path / "log.txt").read_text()


def choose_order(revision: str, folder: Path) -> dict[str, object]:
    order: dict[str, object] = {"step": "choose", "task": "TabularClassification", "metric": "Accuracy"}
    return order | {
        "revision": revision,
        "strategy": "Portfolio",
        "experience": f"{folder}/experience",
        "report": f"{folder}/choose.json",
    }


def run_choose(revision: str, folder: Path) -> int:
    """The exit code of a process that chooses, as in a pod."""
    pod = {
        frame.REPORT_VARIABLE: f"{folder}/told",
        frame.SCRATCH_VARIABLE: f"{folder}/scratch",
        frame.PORT_VARIABLE: "0",
    }
    pod |= order_variables(json.dumps(choose_order(revision, folder))) | {"PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "noria_trainers", "choose"]
    return subprocess.run(command, env=pod, capture_output=True, check=False).returncode


def test_a_step_that_fails_leaves_why(tmp_path: Path) -> None:
    assert run_choose("/no/such/revision/", tmp_path) == ExitCode.BAD_DATA
    log_text = (tmp_path / "choose-log.txt").read_text()
    assert "RevisionNotFound" in log_text
    assert "ended" in log_text


def test_a_step_that_crashes_leaves_its_traceback(tmp_path: Path) -> None:
    revision = tmp_path / "revision"
    revision.mkdir()
    (revision / place.MANIFEST).mkdir()
    assert run_choose(f"{revision}/", tmp_path) not in (0, ExitCode.BAD_ORDER)
    assert len((tmp_path / "choose-log.txt").read_text().splitlines()) > 1


def test_an_answer_from_the_stored_report_leaves_the_log_of_the_work(table_revision: str, tmp_path: Path) -> None:
    assert run_choose(table_revision, tmp_path) == 0
    worked = (tmp_path / "choose-log.txt").read_text()
    assert "chosen" in worked
    assert run_choose(table_revision, tmp_path) == 0
    assert (tmp_path / "choose-log.txt").read_text() == worked
    assert tail.PAUSE_SECONDS <= 10
