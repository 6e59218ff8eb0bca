"""A cluster with Noria in it, as a user would have: installed by Helm, spoken to by kubectl."""

import base64
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from minio import Minio

from e2e.objects import BUCKET, SYSTEM, resource
from kubectl import Kubectl
from noria_store.store import Store
from noria_trainers.data.revision import Revision

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = os.environ.get("CONTEXT") or None


@pytest.fixture(scope="session")
def noria() -> Kubectl:
    """Noria installed by its chart, with the trial object store, watching every namespace."""
    helm = [os.environ.get("HELM", "helm"), *(["--kube-context", CONTEXT] if CONTEXT else [])]
    command = [*helm, "upgrade", "--install", "noria", str(ROOT / "helm/noria"), "--namespace", SYSTEM]
    command += ["--create-namespace", "--wait", "--timeout", "5m", "--values", str(ROOT / "localcluster/values.yaml")]
    settings = "operator.settings.landmarkSeconds=10"  # enough for these tables; the default is a minute of CPU
    command += ["--set", f"objectStore.embedded.enabled=true,objectStore.bucket={BUCKET},{settings}"]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    kubectl = Kubectl(SYSTEM, CONTEXT)
    if done.returncode:
        state = [kubectl.run("get", kind, "--all-namespaces") for kind in ("nodes", "pods", "events")]
        pytest.fail("\n".join([done.stderr, *state]))
    return kubectl


@pytest.fixture(scope="session")
def store_port(noria: Kubectl) -> Iterator[int]:
    """The object store on a local port."""
    with noria.port_forward("svc/noria-object-store", 8333) as port:
        yield port


@pytest.fixture(scope="session")
def store_secret(noria: Kubectl) -> dict[str, str]:
    """The object store's credentials, decoded."""
    return {k: base64.b64decode(v).decode() for k, v in noria.get("secret", "noria-object-store")["data"].items()}


@pytest.fixture(scope="session")
def store(store_port: int, store_secret: dict[str, str]) -> Minio:
    """A client of the object store."""
    client = Minio(
        f"127.0.0.1:{store_port}",
        access_key=store_secret["AWS_ACCESS_KEY_ID"],
        secret_key=store_secret["AWS_SECRET_ACCESS_KEY"],
        secure=False,
    )
    if not client.bucket_exists(BUCKET):
        client.make_bucket(BUCKET)
    return client


@pytest.fixture(scope="session")
def store_environment(store_port: int, store_secret: dict[str, str]) -> dict[str, str]:
    """The process environment with which `noria` reaches the object store from here."""
    return {**os.environ, **store_secret, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{store_port}"}


@pytest.fixture(scope="session")
def make_namespace(store_secret: dict[str, str], noria: Kubectl) -> Iterator[Callable[[], Kubectl]]:
    """Makes namespaces that enforce Pod Security `restricted` and have the object store's Secret."""
    made: list[str] = []

    def make() -> Kubectl:
        name = f"e2e-{uuid.uuid4().hex[:8]}"
        kubectl = Kubectl(name, CONTEXT)
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
        made.append(name)
        metadata = {"name": "noria-object-store", "namespace": name}
        kubectl.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": store_secret})
        return kubectl

    yield make
    for name in made:
        noria.run("delete", "namespace", name, "--wait=false")


@pytest.fixture
def namespace(make_namespace: Callable[[], Kubectl]) -> Kubectl:
    """A namespace for one test."""
    return make_namespace()


@pytest.fixture
def open_revision(
    store_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[Kubectl, str], Revision]:
    """Opens the revision that a Dataset's status names, from this machine."""
    for key, value in store_environment.items():
        monkeypatch.setenv(key, value)

    def open_(kubectl: Kubectl, name: str) -> Revision:
        revision = kubectl.get(resource("Dataset"), name)["status"]["revision"]
        place = f"s3://{BUCKET}/datasets/{kubectl.namespace}/{name}/{revision}/"
        return Revision.open(Store.from_environment(), place)

    return open_


@pytest.fixture(scope="session")
def public_data(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Lays out public data by name in a temporary folder, as `tools/public_data.py` does."""

    def lay_out(name: str, *options: str) -> Path:
        out = tmp_path_factory.mktemp(name.replace(":", "-"))
        subprocess.run([sys.executable, str(ROOT / "tools/public_data.py"), name, str(out), *options], check=True)
        return out

    return lay_out
