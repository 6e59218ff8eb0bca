"""What images promise: they run as nobody in particular, on a read-only root, without installers or compilers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubectl import Kubectl

VALUES = Path(__file__).resolve().parents[2] / "localcluster/values.yaml"
PROBE = """
import glob, importlib.util, json, os, shutil, sys
def refused(path):
    try:
        open(path, "w")
    except OSError as error:
        return error.strerror
stale = [path for path in glob.glob("/opt/**/*.pyc", recursive=True) if not open(path, "rb").read(8)[4] & 1]
print(json.dumps({
    "user": os.getuid(),
    "root": refused("/opt/x") and refused("/x"),
    "tmp": refused(os.path.expanduser("~/x")),
    "tools": [name for name in ("pip", "uv", "gcc", "cc") if shutil.which(name)],
    "pip": importlib.util.find_spec("pip") is not None,
    "compiled": bool(glob.glob("/opt/noria/noria/__pycache__/*.pyc")) and not stale,
}))
"""


@pytest.fixture(scope="module")
def namespace() -> Iterator[Kubectl]:
    kubectl = Kubectl("images")
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "images", "labels": labels}})
    yield kubectl
    kubectl.run("delete", "namespace", "images", "--wait=false")


@pytest.mark.parametrize("name", ["operator", "trainer", "server"])
def test_an_image_needs_no_rights_and_brings_no_tools(namespace: Kubectl, name: str) -> None:
    found = re.search(rf"^  {name}: (\S+)$", VALUES.read_text(), re.MULTILINE)
    assert found
    namespace.apply(pod(name, found[1]))
    namespace.run("wait", "--for=jsonpath={.status.phase}=Succeeded", f"pod/{name}", "--timeout=90s")
    assert json.loads(namespace.run("logs", name)) == {
        "user": 10001, "root": "Read-only file system", "tmp": None, "tools": [], "pip": False, "compiled": True,
    }  # fmt: skip


def pod(name: str, image: str) -> dict[str, object]:
    locked = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    container = {
        "name": "main", "image": image, "command": ["python", "-c", PROBE],
        "securityContext": locked, "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }  # fmt: skip
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {
            "restartPolicy": "Never", "containers": [container], "volumes": [{"name": "tmp", "emptyDir": {}}],
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        },
    }  # fmt: skip
