"""`noria why`: a verdict in words, judged once more from what is kept of it."""

from pathlib import Path

import numpy as np
import pytest

from noria.contract import ExitCode, Metric, Policy, ProveReport, Task, replaced
from noria.contract.place import Places, proof
from noria_cli.__main__ import main
from noria_store.store import Store
from noria_trainers.proof import kept
from noria_trainers.proof.judge import Case
from noria_trainers.proof.kept import Compared, Cost, Proof


def keep(folder: str, *, reason: str = "NotWorse", artifact: str = "") -> None:
    """A proof of two models that are right about 90 and 89 of 100 examples."""
    labels = np.arange(100) % 2
    right = np.eye(2, dtype=np.float32)[labels]
    candidate, served = right.copy(), right.copy()
    candidate[:10], served[1:12] = 1 - right[:10], 1 - right[1:12]
    origins = np.repeat(["Known", "Added"], [60, 40])
    compared = Compared(np.arange(100, dtype=np.uint64), labels, candidate, served, origins=origins)
    case = Case(
        policy=Policy.NOT_WORSE, confidence_percent=95, margin_percent=50, seed=1, task=Task.TEXT_CLASSIFICATION,
        metric=Metric.ACCURACY, candidate=7, served=6, classes=("cat", "dog"), baseline=(0.5, 0.5),
    )  # fmt: skip
    found = kept.judged(case, compared)
    report = ProveReport(result=found.finding.result, reason=reason, message="the figures\x1b", examples=100)
    whole = Proof(
        case=case, report=report, held_out=120, seen=20, examples=100, gain=found.gain, anchor=found.anchor,
        margin=found.margin, classes=found.classes, of_origins=found.origins,
        candidate=Cost(bytes=12345), served=Cost(bytes=678), artifact=artifact,
    )  # fmt: skip
    kept.write(folder, whole, compared, Store.from_environment(environment={}))


def test_the_verdict_is_shown_and_judged_once_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(f"{tmp_path}/7/")
    assert main(["why", f"{tmp_path}/7/proof.json"]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert told.startswith("version 7 beside version 6: Promoted (NotWorse)\nthe figures\\x1b\n")
    assert "20 of 120 held-out examples were seen in training and left out" in told
    assert "0.8900     0.9000    0.5000" in told
    assert "version 7  12,345" in told
    assert "there at version 6 or before        60     0.8333  0.8167  0.0167" in told
    assert "added since version 6               40     1.0000  1.0000  0.0000" in told
    assert "Judged once more from 100 examples: the same, Promoted (NotWorse)." in told


def test_a_report_that_does_not_follow_from_the_answers_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(f"{tmp_path}/7/", reason="Better")
    assert main(["why", f"{tmp_path}/7/"]) == ExitCode.BAD_DATA
    assert "Promoted (NotWorse), which differs from the report." in capsys.readouterr().out


def test_a_model_s_latest_proof_is_found_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proofs = Places(str(tmp_path)).proofs("shop", "clothes", uid="6f3d")
    for version in (7, 12):
        keep(proof(proofs, version))
    named = ["why", str(tmp_path), "--namespace", "shop", "--model", "clothes"]
    assert main(named) == ExitCode.DONE
    assert main([*named, "--version", "7"]) == ExitCode.DONE
    assert main([*named, "--version", "8"]) == ExitCode.BAD_DATA
    assert "versions with a proof are 7, 12" in capsys.readouterr().err
    keep(proof(Places(str(tmp_path)).proofs("shop", "clothes", uid="0a1b"), 12))
    assert main(named) == ExitCode.BAD_ORDER
    assert "name one of" in capsys.readouterr().err
    assert main(["why", str(tmp_path), "--model", "clothes"]) == ExitCode.BAD_ORDER


def test_changed_answers_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(f"{tmp_path}/7/")
    (tmp_path / "7" / "predictions.npz").write_bytes(b"other")
    assert main(["why", f"{tmp_path}/7/"]) == ExitCode.BAD_DATA
    assert "it was changed afterwards" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b'{"case": null}'])
def test_what_is_no_proof_is_told_in_words(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(f"{tmp_path}/7/")
    (tmp_path / "7" / "proof.json").write_bytes(content)
    assert main(["why", f"{tmp_path}/7/"]) == ExitCode.BAD_DATA
    assert f"BadProof: {tmp_path}/7/proof.json is no proof, or was changed" in capsys.readouterr().err


def test_a_proof_without_examples_has_no_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(f"{tmp_path}/7/")
    store = Store.from_environment(environment={})
    whole, _ = kept.read(f"{tmp_path}/7/", store)
    differing = replaced(whole.case, differences=("its task is another",))
    report = ProveReport(result="Inconclusive", reason="Different", message="m")
    kept.write(f"{tmp_path}/8/", Proof(case=differing, report=report), None, store)
    assert main(["why", f"{tmp_path}/8/"]) == ExitCode.DONE
    assert "Judged once more from 0 examples: the same, Inconclusive (Different)." in capsys.readouterr().out


def test_the_logs_of_trials_that_failed_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, store = f"{tmp_path}/runs/shop/clothes/6f3d/3", Store.from_environment(environment={})
    for name in (
        "choose-log.txt", "choose.json", "best/log.txt", "best/report.json", "best/model.tar",
        "trial-1/log.txt", "trial-1/report.json", "trial-2/log.txt", "trial-2/history.json", "trial-3/log-1.txt",
    ):  # fmt: skip
        store.write(f"{run}/{name}", b"x")
    keep(f"{tmp_path}/7/", artifact=f"{run}/best/model.tar")
    assert main(["why", f"{tmp_path}/7/"]) == ExitCode.DONE
    named = f"run that failed:\n  {run}/trial-2/log.txt\n  {run}/trial-3/log-1.txt\n"
    assert named in capsys.readouterr().out
    keep(f"{tmp_path}/8/", artifact=f"{tmp_path}/uploaded/model.tar")
    assert main(["why", f"{tmp_path}/8/"]) == ExitCode.DONE
    assert "failed" not in capsys.readouterr().out
