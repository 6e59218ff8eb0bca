"""Who may decide which version a Model serves: the chart's admission policy on a real API server, by role."""

import json
import time
from collections.abc import Iterator

import pytest

from integration.test_chart import Release, make_namespace
from kubectl import Kubectl, KubectlError
from kubernetes_api import ApiError, connect
from operator_process import ControlPlane

ROLES = {"vera": "view", "ed": "edit", "amy": "noria-approver", "ann": "noria-approver"}
"""Users, each with a ClusterRole in the namespace."""


@pytest.fixture(scope="module")
def release(quiet_plane: ControlPlane) -> Iterator[Release]:
    """The chart, and a namespace with users of three roles."""
    made = Release(make_namespace("approval"), make_namespace("models"))
    made.install()
    try:
        for user, role in ROLES.items():
            made.work.run("create", "rolebinding", user, f"--clusterrole={role}", f"--user={user}")
        _wait_for_policy(made.work)
        yield made
    finally:
        made.helm("uninstall", "noria", "--ignore-not-found")
        for kubectl in (made.kubectl, made.work):
            kubectl.run("delete", "namespace", kubectl.namespace, "--wait=false")


@pytest.fixture
def work(release: Release) -> Kubectl:
    """The namespace."""
    return release.work


@pytest.fixture
def model(work: Kubectl) -> Iterator[Kubectl]:
    """The namespace with a Model about which nothing was decided."""
    work.run("create", "-f", "-", input=body("pets"))
    yield work
    work.run("delete", "models.noria.dev", "pets")


def body(name: str, annotations: dict[str, str] | None = None) -> str:
    """A Model as JSON."""
    metadata = {"name": name, "annotations": annotations or {}}
    spec = {"source": {"trainingJobRef": {"name": "pets"}}}
    return json.dumps({"apiVersion": "noria.dev/v1alpha1", "kind": "Model", "metadata": metadata, "spec": spec})


def _wait_for_policy(kubectl: Kubectl) -> None:
    """The API server compiles a policy a moment after it was made."""
    deadline = time.monotonic() + 60
    while "set noria.dev/decided-by=" not in _tried(kubectl, body("probe", {"noria.dev/serve": "1"})):
        assert time.monotonic() < deadline, "the policy is not enforced"
        time.sleep(0.2)


def _tried(kubectl: Kubectl, made: str) -> str:
    """What the API server says against this object."""
    try:
        kubectl.run("create", "--dry-run=server", "-f", "-", input=made)
    except KubectlError as error:
        return str(error)
    return ""


def annotate(kubectl: Kubectl, user: str, *values: str) -> str:
    """Annotate the Model as this user; what the API server says to it, nothing where it does it."""
    try:
        kubectl.run("annotate", "models.noria.dev", "pets", "--overwrite", *values, f"--as={user}")
    except KubectlError as error:
        return str(error)
    return ""


def annotations(kubectl: Kubectl) -> dict[str, str]:
    """The annotations of ours on the Model."""
    found = kubectl.get("models.noria.dev", "pets")["metadata"].get("annotations") or {}
    return {key: value for key, value in found.items() if key.startswith("noria.dev/")}


@pytest.mark.parametrize("word", ["promote", "reject", "serve"])
def test_an_approver_decides_in_her_own_name(model: Kubectl, word: str) -> None:
    assert "set noria.dev/decided-by=amy as well" in annotate(model, "amy", f"noria.dev/{word}=2")
    assert "decided-by=amy" in annotate(model, "amy", f"noria.dev/{word}=2", "noria.dev/decided-by=ed")
    assert annotate(model, "amy", f"noria.dev/{word}=2", "noria.dev/decided-by=amy") == ""
    assert annotations(model) == {f"noria.dev/{word}": "2", "noria.dev/decided-by": "amy"}
    assert "decided-by=ann" in annotate(model, "ann", f"noria.dev/{word}=3")
    assert annotate(model, "ann", f"noria.dev/{word}-", "noria.dev/decided-by-") == ""
    assert annotations(model) == {}


@pytest.mark.parametrize("word", ["promote", "reject", "serve", "decided-by"])
def test_an_editor_changes_all_but_decisions(model: Kubectl, word: str) -> None:
    refusal = annotate(model, "ed", f"noria.dev/{word}=ed", "noria.dev/decided-by=ed")
    assert "ed may not decide which version is served" in refusal
    assert "noria-approver" in refusal
    assert annotate(model, "ed", "team=vision", "noria.dev/requestedAt=now") == ""
    scaling = '{"spec":{"scaling":{"minReplicas":2}}}'
    model.run("patch", "models.noria.dev", "pets", "--type=merge", f"--patch={scaling}", "--as=ed")
    annotate(model, "amy", "noria.dev/serve=1", "noria.dev/decided-by=amy")
    assert "may not decide" in annotate(model, "ed", "noria.dev/serve-", "noria.dev/decided-by-")
    assert "may not decide" in annotate(model, "ed", "noria.dev/decided-by=ed")
    assert annotate(model, "ed", "team=text") == ""
    assert annotations(model)["noria.dev/serve"] == "1"


def test_a_viewer_changes_nothing(model: Kubectl) -> None:
    assert "cannot patch" in annotate(model, "vera", "noria.dev/promote=2", "noria.dev/decided-by=vera")


def test_a_model_is_not_made_with_a_decision_by_who_may_not_decide(work: Kubectl) -> None:
    made = body("made", {"noria.dev/promote": "1", "noria.dev/decided-by": "ed"})
    with pytest.raises(KubectlError, match="may not decide"):
        work.run("create", "--dry-run=server", "--as=ed", "-f", "-", input=made)


async def test_the_operator_writes_its_status_and_decides_nothing(
    model: Kubectl, release: Release, quiet_plane: ControlPlane
) -> None:
    annotate(model, "amy", "noria.dev/serve=1", "noria.dev/decided-by=amy")
    patch = {"metadata": {"annotations": {"noria.dev/serve": "9"}}, "status": {"served": 1}}
    async with connect(quiet_plane.admin) as api:
        api.session.headers["Impersonate-User"] = f"system:serviceaccount:{release.kubectl.namespace}:noria"
        as_operator = api.namespace(model.namespace)
        await as_operator.merge("Model", "pets", patch, subresource="/status")
        with pytest.raises(ApiError, match="cannot patch"):
            await as_operator.merge("Model", "pets", patch)
    assert model.get("models.noria.dev", "pets")["status"]["served"] == 1
    assert annotations(model)["noria.dev/serve"] == "1"


def test_kubectl_shows_the_candidate_and_the_verdict_on_the_newest_version(model: Kubectl) -> None:
    artifact = {"uri": "s3://noria/m.tar", "digest": "sha256:" + "0" * 64}
    verdict = {"result": "Rejected", "reason": "Worse", "at": "2026-11-22T12:00:00Z", "by": "policy"}
    versions = [{"version": 1, "artifact": artifact}, {"version": 2, "artifact": artifact, "verdict": verdict}]
    candidate = {"version": 3, "since": "2026-11-22T12:00:00Z", "reason": "Proving"}
    status = json.dumps({"status": {"url": "http://pets", "served": 1, "versions": versions, "candidate": candidate}})
    model.run("patch", "models.noria.dev", "pets", "--type=merge", f"--patch={status}", "--subresource=status")
    names, row = model.run("get", "models.noria.dev", "pets", "-o", "wide").splitlines()
    shown = dict(zip(names.split(), row.split(), strict=False))
    assert (shown["CANDIDATE"], shown["WAITS"], shown["VERDICT"], shown["BECAUSE"]) == (
        "3",
        "Proving",
        "Rejected",
        "Worse",
    )
