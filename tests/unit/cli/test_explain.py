"""`noria explain`: why these five, for a person to read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from noria.contract import ExitCode, Metric, Task
from noria_cli.__main__ import main
from noria_store.store import Store
from noria_trainers.experience.keep import Experience
from noria_trainers.experience.result import Protocol, Result, scores
from noria_trainers.families import space

TASK = Task.CLICK_THROUGH_RATE


@pytest.fixture
def revision(make_revision: Callable[..., str], source_of: Any) -> str:
    source, target = source_of(TASK)
    return make_revision(source, TASK, target=target)


def test_without_experience_it_is_the_portfolio(revision: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", revision.rstrip("/"), "--trials", "3"]) == 0
    told = capsys.readouterr().out
    assert f"revision {Path(revision).name}: ClickThroughRate, " in told
    assert "Portfolio: 0 results on 0 datasets: too few to learn from" in " ".join(told.split())
    assert [line[:2] for line in told.splitlines() if line[:1].isdigit()] == ["1.", "2.", "3."]


def test_with_experience_it_is_what_was_learned(
    revision: str, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    protocol = Protocol(trainer="1", split="hash-1", budget="cpu", seed=0, objective=Metric.ROC_AUC)
    for number in range(8):
        for column, configuration in enumerate(space(TASK)[:6]):
            result = Result(
                task=TASK,
                revision=f"{number:016x}",
                meta_features={"logExamples": 2 + number / 4},
                configuration=configuration,
                protocol=protocol,
                scores=scores(TASK, {"RocAuc": 0.5 + column / 20 + number / 100}),
            )
            Experience(store, f"{tmp_path}/experience/").record(result)
    before = sorted(tmp_path.rglob("*"))
    assert main(["explain", revision, "--experience", f"{tmp_path}/experience/"]) == 0
    told = capsys.readouterr().out
    assert "48 results on 8 datasets" in told
    assert told.count("expected RocAuc 0.") == 5
    assert "the best single configuration on similar datasets" in told
    assert sorted(tmp_path.rglob("*")) == before, "nothing is written"


def test_slips_are_told(revision: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(tmp_path / "nowhere")]) == ExitCode.BAD_DATA
    assert "there is no revision at" in capsys.readouterr().err
    assert main(["explain", revision, "--metric", "Accuracy"]) == ExitCode.BAD_ORDER
    assert "Accuracy does not fit ClickThroughRate: use one of RocAuc" in capsys.readouterr().err
