"""How far long work is: a bar in a terminal, lines in a log, nothing for short work."""

import io
import time
from collections.abc import Iterator

import pytest

from noria_trainers import progress


class Terminal(io.StringIO):
    """A standard error that somebody looks at."""

    def isatty(self) -> bool:
        return True


def slowly(count: int) -> Iterator[int]:
    for number in range(count):
        time.sleep(0.02)
        yield number


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.05)
    assert list(progress.shown(slowly(20), what="checking", total=20, unit="images")) == list(range(20))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 3
    counts = [int(line.removeprefix("checking: ").split(" of 20 images")[0]) for line in lines]
    assert counts == sorted(set(counts))
    assert lines[-1].endswith(" s left")


def test_no_time_is_estimated_from_a_start(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.1)

    def load_then_work() -> Iterator[int]:
        time.sleep(0.3)
        yield from slowly(20)

    assert len(list(progress.shown(load_then_work(), what="checking", total=20, unit="images"))) == 20
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first == "checking: 1 of 20 images"
    assert last.endswith(" s left")


def test_what_has_no_known_end_tells_what_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.05)
    assert len(list(progress.shown(slowly(20), what="predicting", total=None, unit="batches"))) == 20
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 3
    for line in lines:
        assert line.removeprefix("predicting: ").removesuffix(" batches").isdigit()


def test_short_work_is_silent_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(progress.shown(slowly(3), what="checking", total=3)) == [0, 1, 2]
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    assert len(list(progress.shown(slowly(20), what="uploading", total=20, unit="files"))) == 20
    assert "uploading:" in terminal.getvalue()
    assert "/20" in terminal.getvalue()
    assert " files/s" in terminal.getvalue()
