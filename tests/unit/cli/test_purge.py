"""`noria purge`: exactly what one deleted object left, and nothing before --yes."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from fake_api import FakeApi
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
MODELS = "/apis/noria.dev/v1alpha1/namespaces/shop/models"
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
    bucket: str, arguments: tuple[str, ...], begins: str | tuple[str, ...], cluster: FakeApi
) -> None:
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
    cluster: FakeApi,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for number, body in enumerate(json.loads(models(bucket))["items"]):
        cluster.add(f"{MODELS}/clothes-{number}", body)
    arguments = (*arguments, "--kubeconfig", str(cluster.kubeconfig(tmp_path, namespace="other")))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    assert deleted(bucket, *arguments) == set()
    monkeypatch.setattr("sys.stdin", io.StringIO(models(bucket)))
    assert deleted(bucket, *arguments, "--spare", "-", "--yes") == gone
    assert deleted(bucket, *arguments, "--yes") == gone
    assert cluster.requests == [f"GET {MODELS}"] * 2
    assert "kept, since Models may need them: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        pytest.param((403, "models is forbidden"), ExitCode.NOT_PERMITTED, "models is forbidden", id="not permitted"),
        pytest.param((404, "page not found"), ExitCode.BAD_DATA, "page not found", id="a cluster without the kinds"),
        pytest.param(
            (200, "hello"), ExitCode.UNAVAILABLE, "does not answer as an API server does", id="another server"
        ),
        pytest.param(None, ExitCode.UNAVAILABLE, "names no cluster", id="no kubeconfig"),
    ],
)
def test_nothing_goes_where_nobody_knows_what_models_need(
    bucket: str,
    cluster: FakeApi,
    answer: tuple[int, str] | None,
    code: ExitCode,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["purge", bucket, "--namespace", "shop", "--training-job", "clothes", "--yes"]
    if answer:
        cluster.refuses[MODELS] = answer
    else:
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    assert main(asked) == code
    said = capsys.readouterr().err
    assert said.startswith("ModelsUnknown: it is not known what Models of namespace shop still need: ")
    assert words in said
    assert "give them by --spare FILE" in said
    assert gone(bucket) == set()


def test_it_may_be_said_that_models_need_nothing(bucket: str) -> None:
    asked = ("--training-job", "clothes", "--yes", "--spare-nothing")
    assert deleted(bucket, *asked) == {name for name in LEFT if name.startswith("runs/shop/clothes/")}


def test_a_folder_needs_no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    unreachable = FakeApi(address="http://127.0.0.1:9")
    monkeypatch.setenv("KUBECONFIG", str(unreachable.kubeconfig(tmp_path)))
    kept = tmp_path / "noria/proofs/shop/clothes/uid-3/2/proof.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{}")
    assert main(["purge", str(tmp_path / "noria"), "--namespace", "shop", "--model", "clothes", "--yes"]) == 0
    assert not kept.exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"items": [3]}', '{"items": [{"status": {"versions": 3}}]}'])
def test_nothing_goes_where_the_models_cannot_be_read(bucket: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "models.json").write_text(text)
    asked = ["purge", bucket, "--namespace", "shop", "--training-job", "clothes", "--yes"]
    assert main([*asked, "--spare", str(tmp_path / "models.json")]) == ExitCode.BAD_ORDER
    assert len(list(Store.from_environment().list(f"{bucket}/"))) == len(LEFT)
