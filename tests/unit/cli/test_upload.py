"""`noria upload`: checked first, then uploaded whole, then the Dataset that a cluster takes."""

import json
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from fake_api import FakeApi
from noria.api.dataset import DatasetSpec
from noria.contract import ExitCode, Format, Task
from noria_cli import look
from noria_cli.__main__ import main
from noria_cli.cluster.connection import connect
from noria_store.store import Store

Upload = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bucket(object_store: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket that this process has the keys of."""
    for name, value in object_store.environment.items():
        monkeypatch.setenv(name, value)
    return f"s3://{object_store.bucket()}"


@pytest.fixture
def upload(bucket: str, capsys: pytest.CaptureFixture[str]) -> Upload:
    """Runs the command; exit code, standard output and error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = main(["upload", *map(str, arguments)])
        return code, *capsys.readouterr()

    return run


def texts(folder: Path, count: int = 60) -> Path:
    for i in range(count):
        path = folder / ("ham", "spam")[i % 2] / f"{i}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"mail {i}")
    return folder


def rows(path: Path, target: str = "label", count: int = 100) -> Path:
    lines = [f"size,{target},day", *(f"{i * 7 % 31 / 2},{('no', 'yes')[i % 2]},{i}" for i in range(count))]
    path.write_text("\n".join(lines))
    return path


def names(uri: str) -> list[str]:
    return [found.removeprefix(uri) for found, _ in Store.from_environment().list(uri)]


def test_a_folder_becomes_a_dataset(upload: Upload, bucket: str, tmp_path: Path) -> None:
    folder = texts(tmp_path / "My Mails")
    code, out, err = upload(folder, f"{bucket}/sources/mails")
    assert code == 0, err
    dataset = yaml.safe_load(out)
    spec = DatasetSpec.model_validate(dataset.pop("spec"))
    assert dataset == {"apiVersion": "noria.dev/v1alpha1", "kind": "Dataset", "metadata": {"name": "my-mails"}}
    assert (spec.task, spec.source.format) == (Task.TEXT_CLASSIFICATION, Format.IMAGE_FOLDER)
    assert spec.source.uri == f"{bucket}/sources/mails/"
    assert len(names(spec.source.uri)) == 60
    assert Store.from_environment().read(f"{bucket}/sources/mails/ham/2.txt") == b"mail 2"
    assert "60 examples of 2 classes" in err


def test_a_table_keeps_what_was_said_of_it(upload: Upload, bucket: str, tmp_path: Path) -> None:
    options = ("--task", "ClickThroughRate", "--target", "label", "--column", "day=Time", "--name", "clicks")
    code, out, err = upload(rows(tmp_path / "x.csv"), f"{bucket}/x.csv", *options, "--namespace", "shop")
    assert code == 0, err
    assert yaml.safe_load(out) == {
        "apiVersion": "noria.dev/v1alpha1",
        "kind": "Dataset",
        "metadata": {"name": "clicks", "namespace": "shop"},
        "spec": {
            "task": "ClickThroughRate",
            "source": {"uri": f"{bucket}/x.csv", "format": "CSV"},
            "target": "label",
            "columns": [{"name": "day", "type": "Time"}],
        },
    }
    assert Store.from_environment().read(f"{bucket}/x.csv") == (tmp_path / "x.csv").read_bytes()


@pytest.mark.parametrize(
    ("source", "held", "uri"),
    [
        pytest.param("train/", "test/", "sources/mails-holdout/", id="a folder beside the source"),
        pytest.param("./", "test/", "sources/mails/test/", id="a folder inside the source"),
    ],
)
def test_a_folder_of_its_own_is_held_out(
    upload: Upload, bucket: str, tmp_path: Path, source: str, held: str, uri: str
) -> None:
    folder = tmp_path / "in"
    texts(folder / "train")
    for number, path in enumerate(texts(folder / "test", 20).rglob("*.txt")):
        path.write_text(f"letter {number}")
    code, out, err = upload(folder / source, f"{bucket}/sources/mails/", "--holdout", folder / held)
    assert code == 0, err
    assert "80 examples of 2 classes" in err
    spec = DatasetSpec.model_validate(yaml.safe_load(out)["spec"])
    assert (spec.source.uri, spec.holdout.uri) == (f"{bucket}/sources/mails/", f"{bucket}/{uri}")
    assert len(names(f"{bucket}/{uri}")) == 20
    assert len(names(f"{bucket}/")) == 80


def test_a_file_of_its_own_is_held_out(upload: Upload, bucket: str, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    train, test = rows(tmp_path / "train.csv"), rows(tmp_path / "a" / "test.csv", count=30)
    code, out, err = upload(
        train, f"{bucket}/s/", "--task", "TabularClassification", "--target", "label", "--holdout", test
    )
    assert code == 0, err
    assert yaml.safe_load(out)["spec"]["holdout"] == {"uri": f"{bucket}/s/train-holdout.csv"}
    assert Store.from_environment().read(f"{bucket}/s/train-holdout.csv") == test.read_bytes()
    assert "also in the hold-out" in err


@pytest.mark.parametrize(
    ("options", "holdout"),
    [
        pytest.param(("--holdout-fraction", "0.3"), {"fraction": 0.3}, id="a share"),
        pytest.param(("--holdout-column", "part"), {"column": "part"}, id="a column"),
    ],
)
def test_what_is_held_out_is_kept(
    upload: Upload, bucket: str, tmp_path: Path, options: tuple[str, ...], holdout: dict[str, object]
) -> None:
    lines = ["size,label,part"]
    lines += [f"{i * 7 % 31 / 2},{('no', 'yes')[i % 2]},{('train', 'test')[i % 5 == 0]}" for i in range(100)]
    path = tmp_path / "x.csv"
    path.write_text("\n".join(lines))
    code, out, err = upload(path, f"{bucket}/x.csv", "--task", "TabularClassification", "--target", "label", *options)
    assert code == 0, err
    assert yaml.safe_load(out)["spec"]["holdout"] == holdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(("--holdout", "none"), "none does not exist", id="nothing there"),
        pytest.param(("--holdout-fraction", "2"), "no share from 0.05 to 0.5", id="no share"),
        pytest.param(("--holdout", "a", "--holdout-column", "b"), "not allowed with", id="two ways"),
    ],
)
def test_a_holdout_that_cannot_be(
    upload: Upload,
    bucket: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    words: str,
) -> None:
    code: object
    try:
        code, _, err = upload(rows(tmp_path / "x.csv"), f"{bucket}/x.csv", "--task", "TabularClassification", *options)
    except SystemExit as exit_:
        code, err = exit_.code, capsys.readouterr().err
    assert code
    assert words in err
    assert names(f"{bucket}/") == []


def test_a_file_goes_into_a_folder_under_its_name(upload: Upload, bucket: str, tmp_path: Path) -> None:
    code, out, _ = upload(
        rows(tmp_path / "x.csv"), f"{bucket}/a/", "--task", "TabularClassification", "--target", "label"
    )
    assert (code, yaml.safe_load(out)["spec"]["source"]["uri"]) == (0, f"{bucket}/a/x.csv")


def test_bad_data_is_told_and_not_uploaded(upload: Upload, bucket: str, tmp_path: Path) -> None:
    path = rows(tmp_path / "x.csv", target="lable")
    code, out, err = upload(path, f"{bucket}/x.csv", "--task", "TabularClassification", "--target", "label")
    assert (code, out) == (ExitCode.BAD_DATA, "")
    assert "did you mean lable" in err
    assert names(f"{bucket}/") == []


def test_warnings_do_not_hinder(upload: Upload, bucket: str, tmp_path: Path) -> None:
    texts(tmp_path / "x")
    (tmp_path / "x/ham/empty.txt").write_text("")
    code, out, err = upload(tmp_path / "x", f"{bucket}/x")
    assert code == 0
    assert "Warning" in err
    assert "ham/empty.txt" in err
    assert "Warning" not in out


def test_files_of_an_earlier_upload_are_told(upload: Upload, bucket: str, tmp_path: Path) -> None:
    Store.from_environment().write(f"{bucket}/x/ham/old.txt", b"old")
    _, _, err = upload(texts(tmp_path / "x"), f"{bucket}/x")
    assert "ham/old.txt" in err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param(("absent", "s3://b/x"), ExitCode.BAD_DATA, "absent", id="no such file"),
        pytest.param(("x.csv", "/tmp/x"), ExitCode.BAD_ORDER, "s3://BUCKET/PATH", id="no bucket"),
        pytest.param(("x.csv", "s3://b/x"), ExitCode.BAD_ORDER, "--task", id="no task"),
        pytest.param(
            ("x.csv", "s3://b/x", "--task", "TabularClassification", "--column", "day=Tme"),
            ExitCode.BAD_ORDER, "Time", id="an unknown type",
        ),
    ],
)  # fmt: skip
def test_a_slip_is_told(
    upload: Upload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    rows(tmp_path / "x.csv")
    found, out, err = upload(*arguments)
    assert (found, out) == (code, "")
    assert words in err


def test_wrong_keys_are_told(upload: Upload, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    code, _, err = upload(texts(tmp_path / "x"), f"{bucket}/x")
    assert code == ExitCode.NOT_PERMITTED
    assert "AccessDenied" in err


def test_json_lines(upload: Upload, bucket: str, tmp_path: Path) -> None:
    path = tmp_path / "2024 mails.jsonl"
    path.write_text("\n".join(json.dumps({"text": f"mail {i}", "label": i % 2}) for i in range(60)))
    code, out, err = upload(path, f"{bucket}/", "--task", "TextClassification", "--target", "label")
    assert code == 0, err
    assert yaml.safe_load(out)["metadata"]["name"] == "mails"
    assert yaml.safe_load(out)["spec"]["source"] == {"uri": f"{bucket}/2024 mails.jsonl", "format": "JSONLines"}


DATASETS = [
    ("mails", {"source": {"uri": "s3://b/sources/mails"}}),
    ("all", {"source": {"uri": "s3://b/"}}),
    ("held", {"source": {"uri": "s3://c/"}, "holdout": {"uri": "s3://b/sources/mails/test/"}}),
    ("other", {"source": {"uri": "s3://b/sources/mails-2/"}}),
]


PATH = "/apis/noria.dev/v1alpha1/namespaces/{}/datasets"


def put(cluster: FakeApi, datasets: Sequence[tuple[str, dict[str, Any]]], namespace: str = "shop") -> None:
    """Have these Datasets in the cluster."""
    for name, spec in datasets:
        cluster.add(f"{PATH.format(namespace)}/{name}", {"spec": spec})


def test_the_datasets_that_read_the_place_are_asked_to_look_again(cluster: FakeApi) -> None:
    put(cluster, DATASETS)
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    found = connect(Namespace(kubeconfig=None, context=None))
    assert look.ask(found, ["s3://b/sources/mails/"], now) == ["mails", "all"]
    assert look.ask(found, ["s3://b/sources/mails/test/x.txt"], now) == ["mails", "all", "held"]
    assert look.ask(found, ["s3://d/"], now) == []
    asked = [request for request in cluster.requests if request.startswith("PATCH")]
    assert len(asked) == 5
    annotations = cluster.objects[f"{PATH.format('shop')}/mails"]["metadata"]["annotations"]
    assert annotations == {"noria.dev/requestedAt": "2026-11-22T12:00:00+00:00"}


def test_an_upload_over_a_source_says_how_to_have_it_looked_at(upload: Upload, bucket: str, tmp_path: Path) -> None:
    table, uri = rows(tmp_path / "rows.csv"), f"{bucket}/rows.csv"
    arguments = (table, uri, "--task", "TabularClassification", "--target", "label", "--namespace", "shop")
    assert "requestedAt" not in upload(*arguments)[2]
    _, _, err = upload(*arguments)
    assert 'kubectl annotate dataset rows -n shop noria.dev/requestedAt="$(date -Is)" --overwrite' in err


def test_an_upload_with_now_asks_at_once(upload: Upload, bucket: str, tmp_path: Path, cluster: FakeApi) -> None:
    table, uri = rows(tmp_path / "rows.csv"), f"{bucket}/rows.csv"
    put(cluster, [("sizes", {"source": {"uri": uri}})], namespace="team")
    asked = ("--task", "TabularClassification", "--target", "label", "--now", "--namespace", "team")
    code, out, err = upload(table, uri, *asked)
    assert (code, yaml.safe_load(out)["kind"]) == (0, "Dataset")
    assert "asked to look again: sizes" in err
    assert "noria.dev/requestedAt" in cluster.objects[f"{PATH.format('team')}/sizes"]["metadata"]["annotations"]


def test_an_upload_that_cannot_ask_says_why(upload: Upload, bucket: str, tmp_path: Path, cluster: FakeApi) -> None:
    table = rows(tmp_path / "rows.csv")
    arguments = (table, f"{bucket}/rows.csv", "--task", "TabularClassification", "--target", "label", "--now")
    cluster.refuses[PATH.format("shop")] = (403, "datasets is forbidden")
    code, out, err = upload(*arguments)
    assert (code, yaml.safe_load(out)["kind"]) == (ExitCode.NOT_PERMITTED, "Dataset")
    assert "uploaded, but no Dataset was asked to look again: datasets is forbidden" in err


def test_an_upload_makes_what_shall_be_served(upload: Upload, bucket: str, tmp_path: Path, cluster: FakeApi) -> None:
    table = rows(tmp_path / "rows.csv")
    arguments = (table, f"{bucket}/rows.csv", "--task", "TabularClassification", "--target", "label")
    code, out, _ = upload(*arguments, "--serve")
    kinds = ("dataset", "trainingjob", "model")
    assert (code, out) == (0, "".join(f"{kind}/rows applied in namespace shop\n" for kind in kinds))
    assert len([request for request in cluster.requests if request.startswith("PATCH")]) == 3
    made = {body["kind"]: body["spec"] for body in cluster.objects.values()}
    assert made["TrainingJob"] == {"datasetRef": {"name": "rows"}}
    assert made["Model"] == {"source": {"trainingJobRef": {"name": "rows"}}}
    assert made["Dataset"]["source"]["uri"] == f"{bucket}/rows.csv"
