"""`noria doctor`: each fault is found, said once, and comes with what to do; a cluster without faults has none."""

import copy
import json
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from fake_api import FakeApi, fake_api
from noria.api import KINDS
from noria.api.schema import definition
from noria_cli.__main__ import main
from noria_cli.check import findings
from noria_cli.cluster.connection import connect
from noria_cli.doctor import told
from noria_cli.finding import Finding, Grade, fault
from noria_cli.survey import Seen, survey
from object_store import ObjectStore
from unit.cli import golden, shop

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LABELS = {"app.kubernetes.io/name": "noria", "app.kubernetes.io/component": "operator"}
READY = {"conditions": [{"type": "Ready", "status": "True"}]}


@cache
def kinds() -> list[dict[str, Any]]:
    """The CRDs as a cluster has them."""
    established = {"conditions": [{"type": "Established", "status": "True"}]}
    return [definition(kind) | {"status": established} for kind in KINDS]


def operator() -> dict[str, Any]:
    container = {"env": [{"name": "NORIA_LEASE_NAME", "value": "noria"}, {"name": "NORIA_BUCKET", "value": "noria"}]}
    return {
        "metadata": {"name": "noria", "namespace": "noria-system", "labels": LABELS},
        "spec": {"replicas": 1, "template": {"spec": {"containers": [container]}}},
        "status": {"availableReplicas": 1},
    }


def pod(name: str = "clothes-1", **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop", "labels": {}}, "status": status}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"containerStatuses": [{"image": "r/noria:1", "state": state}]}


def node(**status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "node"}, "spec": {}, "status": READY | status}


def healthy() -> dict[str, Any]:
    """Everything as it should be."""
    return {
        "namespace": "shop",
        "version": {"major": "1", "minor": "33", "gitVersion": "v1.33.1"},
        "definitions": kinds(),
        "operators": [operator()],
        "leases": [{"metadata": {"name": "noria"}, "spec": {"renewTime": "2026-11-22T11:59:55.123456Z"}}],
        "secret": {"data": {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}},
        "pods": [pod()],
        "nodes": [node()],
        "metrics": {"status": {"conditions": [{"type": "Available", "status": "True"}]}},
        "objects": [{"kind": "Model", "metadata": {"name": "clothes"}, "spec": {}, "status": READY}],
    }


def bad(found: list[Finding]) -> list[tuple[str, str]]:
    """What is wrong: the check and the message."""
    return [(each.check, each.message) for each in found if each.grade is not Grade.OK]


def test_a_healthy_cluster_has_no_faults() -> None:
    assert bad(findings(Seen(**healthy()), NOW)) == []


QUOTA = {
    "metadata": {"name": "team"},
    "spec": {},
    "status": {"hard": {"memory": "8Gi", "pods": "10"}, "used": {"memory": "7Gi", "pods": "3"}},
}
LIMITS = {"metadata": {"name": "small"}, "spec": {"limits": [{"type": "Container", "max": {"memory": "1Gi"}}]}}
GPU_JOB = {"kind": "TrainingJob", "metadata": {"name": "big"}, "spec": {"resources": {"gpus": 2}}, "status": READY}
STALLED = {"type": "Stalled", "status": "True", "reason": "Refused", "message": "two classes are needed"}
REFUSED = {"kind": "Dataset", "metadata": {"name": "pets"}, "spec": {}, "status": {"conditions": [STALLED]}}
STORE_POD = {
    "metadata": {
        "name": "noria-object-store-1",
        "namespace": "noria-system",
        "labels": {"app.kubernetes.io/component": "object-store"},
    },
    "status": {"conditions": [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes: Insufficient cpu"}]},
}


def changed(found: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    """The body with another value at a path."""
    body = copy.deepcopy(found)
    inner = body
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return body


FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "an old cluster": (
        {"version": {"major": "1", "minor": "29+", "gitVersion": "v1.29.0"}},
        "cluster",
        "Kubernetes is v1.29.0",
    ),
    "no namespace": ({"exists": False}, "namespace", "there is no namespace shop"),
    "no rights": ({"may_create": False}, "namespace", "you may not create TrainingJobs in namespace shop"),
    "no kinds": ({"definitions": []}, "kinds", "the cluster does not know datasets.noria.dev"),
    "old kinds": (
        {
            "definitions": [
                *kinds()[:2],
                changed(kinds()[2], "spec", "versions", to=[{"name": "v1alpha1", "schema": {}}]),
            ]
        },
        "kinds",
        "the CRDs of Model are older than this command",
    ),
    "no operator": ({"operators": []}, "operator", "no operator is installed"),
    "an operator for others": (
        {
            "operators": [
                changed(
                    operator(),
                    "spec",
                    "template",
                    "spec",
                    "containers",
                    to=[{"env": [{"name": "NORIA_WATCH_NAMESPACES", "value": "a,b"}]}],
                )
            ]
        },
        "operator",
        "no operator works in namespace shop",
    ),
    "an operator that is scaled away": (
        {"operators": [changed(operator(), "spec", "replicas", to=0)]},
        "operator",
        "noria-system/noria is scaled to 0",
    ),
    "an operator that crashes": (
        {
            "operators": [changed(operator(), "status", to={})],
            "operator_pods": [pod("noria-1", **waiting("CrashLoopBackOff"))],
        },
        "operator",
        "noria-system/noria does not run: CrashLoopBackOff",
    ),
    "an operator that does not lead": (
        {"leases": [{"metadata": {"name": "noria"}, "spec": {"renewTime": "2026-11-22T11:00:00Z"}}]},
        "operator",
        "noria-system/noria does not lead: its Lease was renewed 1h ago",
    ),
    "no Secret": ({"secret": None}, "store", "namespace shop has no Secret noria-object-store"),
    "half a Secret": (
        {"secret": {"data": {"AWS_ACCESS_KEY_ID": "a"}}},
        "store",
        "the Secret noria-object-store lacks AWS_SECRET_ACCESS_KEY",
    ),
    "a store without a volume": (
        {"claims": [{"metadata": {"name": "noria-object-store"}, "status": {"phase": "Pending"}}]},
        "store",
        "volume noria-object-store of the embedded store is not bound",
    ),
    "a store without a node": (
        {"operator_pods": [STORE_POD]},
        "store",
        "the embedded store does not run: 0/1 nodes: Insufficient cpu",
    ),
    "no image": (
        {"pods": [pod(**waiting("ImagePullBackOff"))]},
        "images",
        "pod shop/clothes-1 cannot pull r/noria:1: ImagePullBackOff",
    ),
    "no Secret of a source": (
        {"pods": [pod(**waiting("CreateContainerConfigError", 'secret "mine" not found'))]},
        "secrets",
        'pod shop/clothes-1 cannot start: secret "mine" not found',
    ),
    "a full quota": ({"quotas": [QUOTA]}, "quota", "quota team leaves 1073741824 of requests.memory, a step needs 2Gi"),
    "a small limit": ({"limits": [LIMITS]}, "quota", "limit range small admits 1Gi of memory, a step needs 2Gi"),
    "no node": ({"nodes": [node(conditions=[])]}, "nodes", "no node is ready for pods"),
    "a full node": (
        {"nodes": [node(conditions=[*READY["conditions"], {"type": "DiskPressure", "status": "True"}])]},
        "nodes",
        "node node has DiskPressure",
    ),
    "no GPUs": (
        {"objects": [GPU_JOB], "nodes": [node(allocatable={"nvidia.com/gpu": "1"})]},
        "GPUs",
        "trainingjob/big asks for 2 on one node, and none offers more than 1",
    ),
    "no metrics": ({"metrics": None}, "metrics", "pod metrics are not available, so Models do not scale"),
    "an object that waits": ({"objects": [REFUSED]}, "objects", "dataset/pets needs a person: Refused"),
}
"""What is different, and what is then found."""


@pytest.mark.parametrize(("changes", "check", "message"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found_and_no_other(changes: dict[str, Any], check: str, message: str) -> None:
    found = findings(Seen(**{**healthy(), **changes}), NOW)
    ((where, said),) = bad(found)
    assert (where, said.startswith(message)) == (check, True), said
    (cure,) = (each.cure for each in found if each.grade is not Grade.OK)
    assert cure


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    """A cluster that the environment names."""
    with fake_api() as running:
        monkeypatch.setenv("KUBECONFIG", str(running.kubeconfig(tmp_path)))
        running.add("/version", healthy()["version"])
        yield running


def test_the_bucket_is_asked_and_faults_are_the_exit_code(
    api: FakeApi, object_store: ObjectStore, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.keep(api, object_store.environment)
    code = main(["doctor", "--output", "json"])
    found = {each["check"]: each for each in json.loads(capsys.readouterr().out)["findings"]}
    assert code == 1
    assert found["operator"]["grade"] == "fault"
    assert found["bucket"]["message"].startswith(f"{object_store.endpoint} has no bucket 'noria'")
    assert found["bucket"]["cure"] == "create it, or correct s3://noria/"
    assert main(["doctor"]) == 1
    printed = capsys.readouterr().out
    golden.check("doctor", printed)
    assert object_store.environment["AWS_SECRET_ACCESS_KEY"] not in printed


def test_faults_and_warnings_are_counted() -> None:
    bad = fault("store", "it is away", "bring it back")
    assert told([bad]).splitlines()[-1] == "1 fault, 0 warnings"
    assert told([]).splitlines()[-1] == "all is well"


def test_what_may_not_be_read_is_said(api: FakeApi) -> None:
    for path in ("/api/v1/nodes", "/apis/apps/v1/deployments", "/api/v1/namespaces/shop/secrets/noria-object-store"):
        api.refuses[path] = (403, "forbidden")
    seen = survey(connect(Namespace(kubeconfig=None, context=None)))
    assert (seen.nodes, seen.operators, seen.may_read_secret) == (None, None, False)
    unchecked = {each.check for each in findings(seen, NOW) if "you may not read" in each.message}
    assert unchecked == {"operator", "store", "nodes"}
