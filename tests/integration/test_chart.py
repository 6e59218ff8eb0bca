"""The chart on a real API server: installed, upgraded and removed by Helm, with what its operator may then do."""

import base64
import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from kubectl import Kubectl, KubectlError
from operator_process import ControlPlane

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm/noria"
RENDERED = [ROOT / "manifests/install.yaml", *sorted((ROOT / "tests/data/chart").glob("*.yaml"))]


@dataclass(frozen=True)
class Release:
    """A release of the chart in a namespace of its own; the CRDs are another test's."""

    kubectl: Kubectl
    work: Kubectl
    """A namespace that the operator works in."""

    def helm(self, *arguments: str) -> str:
        """Standard output of Helm."""
        command = [os.environ.get("HELM", "helm"), *arguments, "--namespace", self.kubectl.namespace]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def install(self, *values: str) -> str:
        """Install or upgrade with these values; the notes."""
        settings = [f"--set={value}" for value in ("crds.install=false", *values)]
        return self.helm("upgrade", "--install", "--take-ownership", "noria", str(CHART), *settings)

    def may(self, verb: str, resource: str, namespace: str) -> bool:
        """Whether the operator may do this there; `resource` is PLURAL.GROUP or PLURAL.GROUP/SUBRESOURCE."""
        account = f"--as=system:serviceaccount:{self.kubectl.namespace}:noria"
        name, _, subresource = resource.partition("/")
        try:
            Kubectl(namespace).run("auth", "can-i", verb, name, f"--subresource={subresource}", account)
        except KubectlError as error:
            if "resource type" in str(error):  # kubectl also says no to what it does not know
                raise
            return False
        return True


def make_namespace(prefix: str) -> Kubectl:
    """A namespace that admits restricted pods alone."""
    kubectl = Kubectl(f"{prefix}-{uuid.uuid4().hex[:8]}")
    metadata = {"name": kubectl.namespace, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    return kubectl


@pytest.fixture(scope="module")
def namespace(quiet_plane: ControlPlane) -> Iterator[Kubectl]:
    """A namespace with the operator's account."""
    kubectl = make_namespace("rendered")
    kubectl.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "noria"}})
    yield kubectl
    kubectl.run("delete", "namespace", kubectl.namespace, "--wait=false")


@pytest.fixture
def release(quiet_plane: ControlPlane) -> Iterator[Release]:
    """Two namespaces, and no trace of the release afterwards."""
    made = Release(make_namespace("chart"), make_namespace("work"))
    yield made
    made.helm("uninstall", "noria", "--ignore-not-found")
    for kubectl in (made.kubectl, made.work):
        kubectl.run("delete", "namespace", kubectl.namespace, "--wait=false")


def credentials(kubectl: Kubectl) -> dict[str, str]:
    """The object store's Secret, decoded."""
    data = kubectl.get("secret", "noria-object-store")["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


@pytest.mark.parametrize("manifest", [pytest.param(path, id=path.stem) for path in RENDERED])
def test_the_api_server_takes_every_rendering(namespace: Kubectl, manifest: Path) -> None:
    text = manifest.read_text()
    for name in ("noria-system", "team-a", "team-b"):
        text = text.replace(f"namespace: {name}\n", f"namespace: {namespace.namespace}\n")
    namespace.run(
        "apply", "--server-side", "--dry-run=server", "--validate=strict", "--force-conflicts", "-f", "-", input=text
    )


@pytest.mark.parametrize("manifest", [pytest.param(path, id=path.stem) for path in RENDERED])
def test_every_pod_is_one_that_pod_security_admits(namespace: Kubectl, manifest: Path) -> None:
    found = [body for body in yaml.safe_load_all(manifest.read_text()) if body["kind"] in ("Deployment", "Job")]
    assert found
    for owner in found:
        spec = owner["spec"]["template"]["spec"] | {"serviceAccountName": "noria"}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "judged"}, "spec": spec}
        assert "created" in namespace.run("create", "--dry-run=server", "-f", "-", input=json.dumps(pod))


def test_an_operator_of_all_namespaces_may_work_in_each(release: Release) -> None:
    release.install()
    assert release.may("create", "jobs.batch", release.work.namespace)
    assert release.may("patch", "models.noria.dev/status", release.work.namespace)
    assert release.may("update", "leases.coordination.k8s.io", release.kubectl.namespace)


def test_an_operator_of_listed_namespaces_may_work_only_there(release: Release) -> None:
    release.install(f"watchNamespaces={{{release.work.namespace}}}")
    assert release.may("create", "jobs.batch", release.work.namespace)
    assert not release.may("create", "jobs.batch", "default")
    assert not release.may("list", "datasets.noria.dev", "default")
    assert release.may("watch", "customresourcedefinitions.apiextensions.k8s.io", "default")


def test_no_operator_may_touch_secrets_or_specs(release: Release) -> None:
    release.install(f"watchNamespaces={{{release.work.namespace}}}")
    for namespace in (release.kubectl.namespace, release.work.namespace, "default"):
        assert not any(release.may(verb, "secrets", namespace) for verb in ("get", "list", "watch", "create"))
        assert not any(release.may(verb, "trainingjobs.noria.dev", namespace) for verb in ("update", "patch", "delete"))
        assert not release.may("create", "pods", namespace)
        assert not release.may("create", "pods/exec", namespace)


@pytest.fixture
def storage_class(quiet_plane: ControlPlane) -> Iterator[str]:
    """A default StorageClass; the cluster has no other."""
    kubectl = Kubectl("default")
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"}
    metadata = {"name": f"folder-{uuid.uuid4().hex[:8]}", "annotations": annotations}
    provisioner = "kubernetes.io/no-provisioner"
    kubectl.apply(
        {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": metadata, "provisioner": provisioner}
    )
    yield str(metadata["name"])
    kubectl.run("delete", "storageclass", str(metadata["name"]))


def test_the_embedded_store_keeps_the_credentials_that_it_made(release: Release, storage_class: str) -> None:
    values = "objectStore.embedded.enabled=true", f"objectStore.namespaces={{{release.work.namespace}}}"
    notes = release.install(*values)
    made = credentials(release.kubectl)
    assert len(made["AWS_SECRET_ACCESS_KEY"]) == 40
    assert made["AWS_ENDPOINT_URL"] == f"http://noria-object-store.{release.kubectl.namespace}.svc:8333"
    assert credentials(release.work) == made
    assert release.work.namespace in notes
    release.install(*values)
    assert credentials(release.kubectl) == made


@pytest.mark.parametrize("how", ["uninstalled", "upgraded to values without the store"])
def test_keys_and_volume_outlive_the_store(release: Release, storage_class: str, how: str) -> None:
    values = "objectStore.embedded.enabled=true", f"objectStore.namespaces={{{release.work.namespace}}}"
    release.install(*values)
    made, volume = credentials(release.kubectl), release.kubectl.get("persistentvolumeclaim", "noria-object-store")
    assert volume["spec"]["storageClassName"] == storage_class
    if how == "uninstalled":
        release.helm("uninstall", "noria", "--wait")
    else:
        assert "WARNING: these values end the embedded object store" in release.install()
    assert not release.kubectl.list("deployment", "app.kubernetes.io/component=object-store")
    assert credentials(release.work) == made
    release.install(*values)
    assert credentials(release.kubectl) == credentials(release.work) == made
    found = release.kubectl.get("persistentvolumeclaim", "noria-object-store")
    assert found["metadata"]["uid"] == volume["metadata"]["uid"]


def test_a_volume_keeps_its_class_when_the_values_name_another(release: Release, storage_class: str) -> None:
    enabled, named = "objectStore.embedded.enabled=true", "objectStore.embedded.persistence.storageClass"
    release.install(enabled, f"{named}={storage_class}")
    release.install(enabled)
    release.install(enabled, f"{named}=-")
    found = release.kubectl.get("persistentvolumeclaim", "noria-object-store")
    assert found["spec"]["storageClassName"] == storage_class


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param("", "no default StorageClass", id="none is the default"),
        pytest.param("fast", "no StorageClass fast", id="the one named is not there"),
    ],
)
def test_a_volume_that_nothing_would_provide_is_refused(release: Release, value: str, words: str) -> None:
    named = f"objectStore.embedded.persistence.storageClass={value}"
    with pytest.raises(subprocess.CalledProcessError) as refused:
        release.install("objectStore.embedded.enabled=true", named)
    assert words in refused.value.stderr
    assert "persistence.enabled=false" in refused.value.stderr


def test_a_volume_without_class_and_a_store_without_volume_are_taken(release: Release) -> None:
    enabled, volume = "objectStore.embedded.enabled=true", "objectStore.embedded.persistence"
    assert "WARNING: it has no volume" in release.install(enabled, f"{volume}.enabled=false")
    release.install(enabled, f"{volume}.storageClass=-")
    found = release.kubectl.get("persistentvolumeclaim", "noria-object-store")
    assert found["spec"]["storageClassName"] == ""


def test_no_keys_are_generated_where_they_would_change_with_each_rendering() -> None:
    command = [
        os.environ.get("HELM", "helm"),
        "template",
        "noria",
        str(CHART),
        "--set=objectStore.embedded.enabled=true",
    ]
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode != 0
    assert "set objectStore.accessKey and objectStore.secretKey" in refused.stderr


def test_a_store_outside_is_told_to_the_listed_namespaces(release: Release) -> None:
    notes = release.install(
        "objectStore.endpoint=https://s3.example.org",
        "objectStore.accessKey=key",
        "objectStore.secretKey=secret",
        f"objectStore.namespaces={{{release.work.namespace}}}",
    )
    assert credentials(release.work) == {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": "https://s3.example.org",
        "AWS_REGION": "us-east-1",
    }
    assert "kubectl wait" in notes


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param("watchNamespace=team-a", "watchNamespace", id="a typing mistake"),
        pytest.param("imagePullPolicy=Sometimes", "IfNotPresent", id="none of the values there are"),
        pytest.param("operator.replicas=0", "replicas", id="out of bounds"),
        pytest.param("objectStore.accessKey=key", "set both or neither", id="half of the credentials"),
    ],
)
def test_a_wrong_value_is_refused_by_name(release: Release, value: str, words: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        release.install(value)
    assert words in refused.value.stderr


def test_the_kinds_and_their_objects_outlive_the_release(release: Release) -> None:
    release.install("crds.install=true")
    kept = {"apiVersion": "noria.dev/v1alpha1", "kind": "TrainingJob", "metadata": {"name": "kept"}}
    release.work.apply({**kept, "spec": {"datasetRef": {"name": "a"}}})
    release.helm("uninstall", "noria", "--wait")
    assert not release.kubectl.list("serviceaccount", "app.kubernetes.io/part-of=noria")
    assert release.work.get("trainingjob", "kept")["spec"]["datasetRef"] == {"name": "a"}


def test_helm_installs_the_generated_crds_and_keeps_them(quiet_plane: ControlPlane) -> None:
    command = [os.environ.get("HELM", "helm"), "template", "noria", str(CHART), "--show-only", "templates/crds.yaml"]
    rendered = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    shipped = {body["metadata"]["name"]: body for body in yaml.safe_load_all(rendered)}
    generated = [yaml.safe_load(path.read_text()) for path in sorted((ROOT / "crds").glob("*.yaml"))]
    assert len(generated) == 3
    for body in generated:
        found = shipped.pop(body["metadata"]["name"])
        assert found["metadata"].pop("annotations") == {"helm.sh/resource-policy": "keep"}
        assert found == body
    assert not shipped
