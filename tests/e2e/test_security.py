"""What Noria may do in a cluster, and how its own pods are admitted."""

import json

from e2e.objects import SYSTEM
from kubectl import Kubectl


def account(noria: Kubectl) -> str:
    """The operator's user name."""
    name = noria.get("deployment", "noria")["spec"]["template"]["spec"]["serviceAccountName"]
    return f"system:serviceaccount:{SYSTEM}:{name}"


def test_the_operator_has_no_access_to_secrets(noria: Kubectl) -> None:
    rules = noria.run("auth", "can-i", "--list", f"--as={account(noria)}")
    assert "jobs.batch" in rules
    assert "secrets" not in rules
    assert "*.*" not in rules


def test_noria_itself_runs_where_only_restricted_pods_may(noria: Kubectl) -> None:
    label = "pod-security.kubernetes.io/enforce=restricted"
    noria.run("label", "namespace", SYSTEM, label, "--overwrite")
    pods = noria.list("pod", "app.kubernetes.io/part-of=noria")
    assert pods
    for pod in pods:
        noria.run("create", "--dry-run=server", "-f", "-", input=restricted_copy(pod))


def restricted_copy(pod: dict[str, object]) -> str:
    """The pod under another name, for the API server to judge again."""
    spec = dict(pod["spec"])  # type: ignore[call-overload]  # a pod has a spec
    spec.pop("nodeName")
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "judged"}, "spec": spec})
