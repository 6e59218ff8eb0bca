"""The cluster as commands reach it: what a kubeconfig says, what refusals mean, ports that lead to pods."""

import base64
import gc
import json
import os
import threading
import time
import urllib.request
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from fake_api import FakeApi, fake_api
from noria.contract import ExitCode
from noria_cli.__main__ import main
from noria_cli.cluster.connection import connect
from noria_cli.cluster.forward import forwarded
from noria_cli.cluster.store import bucket, service_of
from noria_store.error import StepError
from object_store import ObjectStore

SHOP = "/api/v1/namespaces/shop"
DATASETS = "/apis/noria.dev/v1alpha1/namespaces/shop/datasets"
SECRET = f"{SHOP}/secrets/noria-object-store"


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    """A cluster that the environment names, and no store."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    with fake_api() as running:
        monkeypatch.setenv("KUBECONFIG", str(running.kubeconfig(tmp_path)))
        yield running


def failure(capsys: pytest.CaptureFixture[str], *command: str) -> tuple[int, str]:
    """Exit code and complaint of a command."""
    code = main([*command])
    return code, capsys.readouterr().err.strip()


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        ((401, "Unauthorized"), ExitCode.NOT_PERMITTED, "log in again"),
        ((403, 'datasets is forbidden: User "ed"'), ExitCode.NOT_PERMITTED, "ask for a role in the namespace"),
        ((404, "page not found"), ExitCode.UNAVAILABLE, "has no Noria: install it with Helm"),
        ((503, "etcd is slow"), ExitCode.UNAVAILABLE, "(503: etcd is slow): try again in a moment"),
    ],
)
def test_a_refusal_says_what_to_do(
    api: FakeApi, capsys: pytest.CaptureFixture[str], answer: tuple[int, str], code: ExitCode, words: str
) -> None:
    api.refuses[DATASETS] = answer
    found, told = failure(capsys, "status")
    assert (found, words in told) == (code, True), told
    assert len(told.splitlines()) == 1


def test_a_cluster_that_is_down_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(FakeApi(address="http://127.0.0.1:9").kubeconfig(tmp_path)))
    code, told = failure(capsys, "status")
    assert code == ExitCode.UNAVAILABLE
    assert told.startswith("Unreachable: the cluster at http://127.0.0.1:9 does not answer: ")
    assert "Connection refused" in told
    assert "choose another with --context" in told


def test_a_kubeconfig_that_names_no_cluster_is_told(
    api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failure(capsys, "status", "--context", "other") == (
        ExitCode.BAD_ORDER,
        "NoCluster: the kubeconfig has no context other: choose one of fake with --context",
    )
    code, told = failure(capsys, "status", "--kubeconfig", str(tmp_path / "none"))
    assert (code, "correct --kubeconfig" in told) == (ExitCode.BAD_ORDER, True)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    code, told = failure(capsys, "status")
    assert (code, "give --kubeconfig FILE" in told) == (ExitCode.UNAVAILABLE, True)


def options(**given: str) -> Namespace:
    """The options that say which cluster."""
    return Namespace(kubeconfig=None, context=None, **given)


def service(api: FakeApi, namespace: str, name: str, port: int, local: int) -> None:
    """A Service whose one pod listens at a port of this machine."""
    path = f"/api/v1/namespaces/{namespace}"
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    container = {"ports": [{"name": "http", "containerPort": 8333}]}
    ports = [{"port": port, "targetPort": "http"}]
    api.add(f"{path}/services/{name}", {"spec": {"selector": {"app": name}, "ports": ports}})
    api.add(f"{path}/pods/{name}-0", {"status": ready, "spec": {"containers": [container]}})
    api.ports[f"{name}-0:8333"] = local


def test_the_bucket_is_reached_with_the_keys_of_the_secret(
    api: FakeApi, object_store: ObjectStore, capfd: pytest.CaptureFixture[str]
) -> None:
    service(api, "noria-system", "noria-object-store", 80, int(object_store.endpoint.rpartition(":")[2]))
    values = {**object_store.environment, "AWS_ENDPOINT_URL": "http://noria-object-store.noria-system.svc"}
    api.add(SECRET, {"data": {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}})
    name, data = object_store.bucket(), os.urandom(12 << 20)
    with bucket(connect(options())) as store:
        store.write(f"s3://{name}/a/b", data)
        assert store.read(f"s3://{name}/a/b") == data
        assert [uri for uri, _ in store.list(f"s3://{name}/")] == [f"s3://{name}/a/b"]
    shown = "".join(capfd.readouterr())
    assert not any(key in shown for key in (values["AWS_ACCESS_KEY_ID"] + ":", values["AWS_SECRET_ACCESS_KEY"]))


def test_a_service_without_a_ready_pod_is_told(api: FakeApi) -> None:
    service(api, "shop", "clothes", 8501, 9)
    api.objects[f"{SHOP}/pods/clothes-0"]["status"] = {}
    with (
        pytest.raises(StepError, match="no pod of Service clothes in shop is ready"),
        forwarded(connect(options()), "shop", "clothes", 8501),
    ):
        pass


def test_a_forward_that_is_not_permitted_is_told(api: FakeApi) -> None:
    service(api, "shop", "clothes", 8501, 9)
    api.refuses[f"{SHOP}/pods/clothes-0/portforward"] = (403, "no")
    with (
        pytest.raises(StepError, match="may not forward ports") as failed,
        forwarded(connect(options()), "shop", "clothes", 8501),
    ):
        pass
    assert failed.value.exit_code == ExitCode.NOT_PERMITTED


def test_several_connections_are_led_at_once(api: FakeApi) -> None:
    api.add(DATASETS + "/clothes", {"kind": "Dataset"})
    service(api, "shop", "clothes", 8501, int(api.address.rpartition(":")[2]))
    with forwarded(connect(options()), "shop", "clothes", 8501) as port:
        for _ in range(3):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{DATASETS}/clothes") as answer:
                assert json.load(answer)["kind"] == "Dataset"
    while any(each.name.startswith("Kubernetes port forward") for each in threading.enumerate()):
        time.sleep(0.01)
    gc.collect()  # warns of connections that were left open
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}{DATASETS}/clothes")


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://store.system.svc:8333", ("store", "system", 8333)),
        ("http://store.system.svc.cluster.local", ("store", "system", 80)),
        ("https://store", ("store", "shop", 443)),
        ("http://minio.storage:9000", ("minio", "storage", 9000)),
        ("https://s3.eu-west-1.amazonaws.com", None),
        ("http://localhost:8333", None),
        ("http://10.0.0.7:9000", None),
        ("", None),
    ],
)
def test_an_endpoint_inside_the_cluster_is_a_service(endpoint: str, expected: tuple[str, str, int] | None) -> None:
    assert service_of(endpoint, "shop") == expected


def test_without_a_secret_the_environment_counts(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    api.add(f"{SHOP}/secrets/other", {})
    with pytest.raises(StepError, match="no Secret noria-object-store"), bucket(connect(options())):
        pass
    api.refuses[SECRET] = (403, "secrets is forbidden")
    with pytest.raises(StepError, match="secrets is forbidden"), bucket(connect(options())):
        pass
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    with bucket(connect(options())) as store:
        assert store.exists(__file__)
