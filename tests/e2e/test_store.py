"""The embedded store of a release of its own: what was stored outlasts its pod, the release, and other values."""

import base64
import io
import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from minio import Minio

from e2e.conftest import CONTEXT, ROOT
from e2e.objects import BUCKET
from kubectl import Kubectl

POD = "app.kubernetes.io/component=object-store"
OBJECT, CONTENT = "runs/shop/clothes/model.tar", b"what took hours" * 1000


@dataclass(frozen=True)
class Release:
    """A release in a namespace of its own, whose operator works there alone."""

    kubectl: Kubectl

    def helm(self, *arguments: str) -> None:
        """Run Helm and wait."""
        command = [os.environ.get("HELM", "helm"), *(["--kube-context", CONTEXT] if CONTEXT else []), *arguments]
        command += ["--namespace", self.kubectl.namespace, "--wait", "--timeout", "4m"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def install(self, *values: str) -> None:
        """Install or upgrade with the local cluster's images and these values."""
        own = ("crds.install=false", f"watchNamespaces={{{self.kubectl.namespace}}}", *values)
        command = ["upgrade", "--install", "noria", str(ROOT / "helm/noria")]
        self.helm(*command, "--values", str(ROOT / "localcluster/values.yaml"), *(f"--set={value}" for value in own))

    @contextmanager
    def store(self) -> Iterator[Minio]:
        """A client with the keys that the Secret has now."""
        data = self.kubectl.get("secret", "noria-object-store")["data"]
        key, secret = (base64.b64decode(data[name]).decode() for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
        with self.kubectl.port_forward("svc/noria-object-store", 8333) as port:
            yield Minio(f"127.0.0.1:{port}", access_key=key, secret_key=secret, secure=False, region="us-east-1")


@pytest.fixture(scope="module")
def release(noria: Kubectl) -> Iterator[Release]:
    """A release with the embedded store, and an object in its bucket, which was there before anything was stored."""
    kubectl = Kubectl(f"store-{uuid.uuid4().hex[:8]}", CONTEXT)
    metadata = {"name": kubectl.namespace, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    made = Release(kubectl)
    try:
        made.install("objectStore.embedded.enabled=true")
        kubectl.run(
            "wait", "--for=condition=Complete", "job", "-l", "app.kubernetes.io/component=bucket", "--timeout=60s"
        )
        with made.store() as store:
            assert store.bucket_exists(BUCKET)
            store.put_object(BUCKET, OBJECT, io.BytesIO(CONTENT), len(CONTENT))
        yield made
    finally:
        made.helm("uninstall", "noria", "--ignore-not-found")
        kubectl.run("delete", "namespace", kubectl.namespace, "--wait=false")


def is_kept(release: Release) -> bool:
    with release.store() as store:
        return bool(store.get_object(BUCKET, OBJECT).data == CONTENT)


def test_the_death_of_its_pod_loses_nothing(release: Release) -> None:
    (pod,) = release.kubectl.list("pod", POD)
    release.kubectl.run("delete", "pod", pod["metadata"]["name"], "--grace-period=0", "--force")
    release.kubectl.run("rollout", "status", "deployment/noria-object-store", "--timeout=120s")
    (other,) = [each for each in release.kubectl.list("pod", POD) if "deletionTimestamp" not in each["metadata"]]
    assert other["metadata"]["uid"] != pod["metadata"]["uid"]
    assert is_kept(release)


def test_other_values_and_a_removal_lose_nothing(release: Release) -> None:
    release.install()
    assert not release.kubectl.list("deployment", POD)
    release.helm("uninstall", "noria")
    release.install("objectStore.embedded.enabled=true", "operator.logLevel=debug")
    assert is_kept(release)
