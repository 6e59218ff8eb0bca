"""`noria purge`: exactly what one deleted object left, and nothing before --yes."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from noria.contract import ExitCode
from noria_cli.__main__ import main
from noria_store.store import Store

LEFT = {
    "datasets/shop/clothes/0123/manifest.json": b"{}",
    "datasets/shop/clothes/0123/train-00000.tfrecord": b"x" * 5000,
    "datasets/shop/clothes/experience/ImageClassification/0123/aaaa/bbbb.json": b"its own results",
    "datasets/shop/clothes-2/0123/manifest.json": b"{}",
    "datasets/other/clothes/0123/manifest.json": b"{}",
    "runs/shop/clothes/uid-1/1/best/model.tar": b"x",
    "runs/shop/clothes/uid-2/1/best/model.tar": b"x",
    "proofs/shop/clothes/uid-3/2/proof.json": b"{}",
    "proofs/shop/clothes-2/uid-4/2/proof.json": b"{}",
    "experience/x.json": b"{}",
    "experience/ImageClassification/0123/aaaa/bbbb.json": b"{}",
    "experience/ImageClassification/0124/aaaa/bbbb.json": b"{}",
    "experience/TextClassification/0123/aaaa/bbbb.json": b"{}",
}
FORGOTTEN = ("experience/ImageClassification/0123/", "experience/TextClassification/0123/")


def models(bucket: str) -> str:
    """A Model that serves what run 1 of uid-1 made of revision 0123, and has rejected what uid-2 made."""
    artifact = {"uri": f"{bucket}/runs/shop/clothes/uid-1/1/best/model.tar", "digest": "sha256:" + "0" * 64}
    rejected = {**artifact, "uri": f"{bucket}/runs/shop/clothes/uid-2/1/best/model.tar"}
    verdict = {"result": "Rejected", "reason": "Worse", "at": "2026-11-22T12:00:00Z", "by": "policy"}
    versions = [
        {"version": 1, "artifact": artifact, "dataset": "clothes", "revision": "0123"},
        {"version": 2, "artifact": rejected, "verdict": verdict},
    ]
    metadata = {"name": "clothes", "namespace": "shop"}
    return json.dumps({"items": [{"metadata": metadata, "status": {"versions": versions}}, {"metadata": metadata}]})


@pytest.fixture
def bucket(object_store: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket with what some objects left, which this process has the keys of."""
    for name, value in object_store.environment.items():
        monkeypatch.setenv(name, value)
    bucket = f"s3://{object_store.bucket()}"
    for name, data in LEFT.items():
        Store.from_environment().write(f"{bucket}/{name}", data)
    return bucket


def deleted(bucket: str, *arguments: str) -> set[str]:
    """What the command took away."""
    assert main(["purge", bucket, "--namespace", "shop", *arguments]) == 0
    return gone(bucket)


def gone(bucket: str) -> set[str]:
    """What is not there any more."""
    return LEFT.keys() - {uri.removeprefix(f"{bucket}/") for uri, _ in Store.from_environment().list(f"{bucket}/")}


def test_nothing_goes_without_yes(bucket: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert deleted(bucket, "--dataset", "clothes", "--spare-nothing") == set()
    said = capsys.readouterr().out
    assert f"{bucket}/datasets/shop/clothes/: 3 objects, 5.0 kB" in said
    assert "results of 1 revision in the shared experience: 0123" in said
    assert "--yes" in said


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        pytest.param(
            ("--dataset", "clothes"), ("datasets/shop/clothes/", *FORGOTTEN), id="a dataset's revisions and results"
        ),
        pytest.param(("--training-job", "clothes"), "runs/shop/clothes/", id="a job's runs"),
        pytest.param(
            ("--training-job", "clothes", "--uid", "uid-1"), "runs/shop/clothes/uid-1/", id="one of namesakes"
        ),
        pytest.param(("--model", "clothes"), "proofs/shop/clothes/", id="a model's proofs"),
        pytest.param(("--dataset", "never-was"), "datasets/shop/never-was/", id="nothing there"),
    ],
)
def test_one_objects_things_go(
    bucket: str, arguments: tuple[str, ...], begins: str | tuple[str, ...], kubectl_says: Callable[..., Path]
) -> None:
    kubectl_says('{"items": []}')
    assert deleted(bucket, *arguments, "--yes") == {name for name in LEFT if name.startswith(begins)}


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("--namespace", "shop", "--dataset", ""), id="no name"),
        pytest.param(("--namespace", "shop", "--dataset", ".."), id="a way up"),
        pytest.param(("--namespace", "", "--dataset", "clothes"), id="no namespace"),
        pytest.param(("--namespace", "shop", "--training-job", "clothes", "--uid", ""), id="no uid"),
        pytest.param(("--namespace", "shop", "--dataset", "clothes", "--uid", "1"), id="a uid of a dataset"),
    ],
)
def test_a_slip_deletes_nothing(bucket: str, arguments: tuple[str, ...]) -> None:
    assert main(["purge", bucket, *arguments, "--yes"]) == ExitCode.BAD_ORDER
    assert len(list(Store.from_environment().list(f"{bucket}/"))) == len(LEFT)


def test_one_object_must_be_named(bucket: str) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["purge", bucket, "--namespace", "shop", "--yes"])
    assert exit_.value.code == 2


def test_a_bucket_without_its_scheme_is_not_taken_for_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "noria/datasets/shop/clothes/kept"
    kept.parent.mkdir(parents=True)
    kept.write_text("kept")
    monkeypatch.chdir(tmp_path)
    assert main(["purge", "noria", "--namespace", "shop", "--dataset", "clothes", "--yes"]) == ExitCode.BAD_ORDER
    assert "write s3://noria" in capsys.readouterr().err
    assert kept.exists()


@pytest.mark.parametrize(
    ("arguments", "gone"),
    [
        pytest.param(("--training-job", "clothes"), {"runs/shop/clothes/uid-2/1/best/model.tar"}, id="a version"),
        pytest.param(
            ("--dataset", "clothes"),
            {"datasets/shop/clothes/experience/ImageClassification/0123/aaaa/bbbb.json"},
            id="what it was trained on",
        ),
    ],
)
def test_what_a_model_may_serve_again_is_spared(
    bucket: str,
    arguments: tuple[str, ...],
    gone: set[str],
    kubectl_says: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    calls = kubectl_says(models(bucket))
    assert deleted(bucket, *arguments) == set()
    monkeypatch.setattr("sys.stdin", io.StringIO(models(bucket)))
    assert deleted(bucket, *arguments, "--spare", "-", "--yes") == gone
    assert deleted(bucket, *arguments, "--yes") == gone
    assert calls.read_text() == "get models.noria.dev --namespace shop -o json\n" * 2
    assert "kept, since Models may need them: " in capsys.readouterr().out


def test_nothing_goes_where_nobody_knows_what_models_need(
    bucket: str,
    kubectl_says: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["purge", bucket, "--namespace", "shop", "--training-job", "clothes", "--yes"]
    kubectl_says("", fails="error: the connection was refused")
    assert main(asked) == ExitCode.UNAVAILABLE
    said = capsys.readouterr().err
    assert "what Models of namespace shop still need: error: the connection was refused; give them by --spare" in said
    kubectl_says('{"kind": "Status"}')
    assert main(asked) == ExitCode.BAD_ORDER
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(asked) == ExitCode.UNAVAILABLE
    assert "kubectl is not installed" in capsys.readouterr().err
    assert gone(bucket) == set()
    assert main([*asked, "--spare-nothing"]) == 0
    assert gone(bucket) == {name for name in LEFT if name.startswith("runs/shop/clothes/")}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"items": [3]}', '{"items": [{"status": {"versions": 3}}]}'])
def test_nothing_goes_where_the_models_cannot_be_read(bucket: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "models.json").write_text(text)
    asked = ["purge", bucket, "--namespace", "shop", "--training-job", "clothes", "--yes"]
    assert main([*asked, "--spare", str(tmp_path / "models.json")]) == ExitCode.BAD_ORDER
    assert len(list(Store.from_environment().list(f"{bucket}/"))) == len(LEFT)
