"""A served model is replaced, drained and scaled without a failed request."""

import io
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from minio import Minio

from e2e.objects import BUCKET, make, model, ready, resource, script_pod
from e2e.saved_model import add, digest
from kubectl import Kubectl, KubectlError

pytestmark = pytest.mark.timeout(2400)  # what a test and its fixtures may wait for, one after the other
ASK = """
import collections, json, sys, time, urllib.request
url, seconds, wanted = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
seen, begun, last = collections.Counter(), time.time(), None
body = json.dumps({"instances": [1.0]}).encode()
print("started", flush=True)
while time.time() < begun + seconds or (wanted and last not in wanted and time.time() < begun + 300):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body), timeout=10) as answer:
            last = str(json.load(answer)["predictions"][0])
    except Exception as error:
        last = f"{type(error).__name__}: {error}"
    seen[last] += 1
    time.sleep(0.02)
print(json.dumps({"seen": seen, "last": last}))
"""


@pytest.fixture(scope="module")
def artifacts(store: Minio, tmp_path_factory: pytest.TempPathFactory) -> dict[float, dict[str, Any]]:
    """Two artifacts in the store, by what they add."""
    found = {}
    for amount in (1.0, 2.0):
        content = add(amount, tmp_path_factory.mktemp("saved-model"))
        name = f"serving/add-{amount:.0f}.tar"
        store.put_object(BUCKET, name, io.BytesIO(content), len(content))
        found[amount] = {"uri": f"s3://{BUCKET}/{name}", "digest": digest(content)}
    return found


@pytest.fixture(scope="module")
def served(make_namespace: Callable[[], Kubectl], artifacts: dict[float, dict[str, Any]]) -> Kubectl:
    """A namespace with Model `adder` serving x + 1."""
    kubectl = make_namespace()
    kubectl.apply(model("adder", source={"artifact": artifacts[1.0]}))
    ready(kubectl, "Model", "adder", timeout=180)
    return kubectl


def asking(kubectl: Kubectl, name: str, *wanted: str, seconds: int) -> None:
    """Starts a pod that asks the Model all the time, on a new connection each time, and on until this is answered."""
    image = kubectl.get("deployment", "adder")["spec"]["template"]["spec"]["containers"][0]["image"]
    url = ready(kubectl, "Model", "adder", timeout=60)["status"]["url"] + ":predict"
    kubectl.apply(script_pod(name, image, ASK, url, str(seconds), *wanted))
    kubectl.wait("pod", name, lambda found: "started" in log(kubectl, name), timeout=60)


def log(kubectl: Kubectl, name: str) -> str:
    """The pod's log, empty while there is none."""
    try:
        return kubectl.run("logs", name)
    except KubectlError:
        return ""


def answers(kubectl: Kubectl, name: str, *, timeout: float) -> dict[str, Any]:
    """What the asking pod counted."""
    kubectl.wait("pod", name, lambda found: found["status"]["phase"] == "Succeeded", timeout=timeout)
    return json.loads(log(kubectl, name).splitlines()[-1])


def test_an_answer_comes_through_the_service_and_its_dns_name(served: Kubectl) -> None:
    asking(served, "once", seconds=1)
    assert set(answers(served, "once", timeout=60)["seen"]) == {"2.0"}


def test_the_pod_of_tensorflow_serving_runs_unchanged_in_our_image(
    served: Kubectl, artifacts: dict[float, dict[str, Any]]
) -> None:
    ours = served.get("deployment", "adder")["spec"]["template"]["spec"]
    image = ours["containers"][0]["image"]
    server = {"type": "TensorFlowServing", "image": image, "resources": {"cpu": "100m", "memory": "1Gi"}}
    served.apply(make("Model", "original", source={"artifact": artifacts[1.0]}, server=server))
    url = ready(served, "Model", "original", timeout=180)["status"]["url"]
    pod = served.get("deployment", "original")["spec"]["template"]["spec"]
    assert pod["containers"][0]["command"][0] == "/usr/bin/tensorflow_model_server"
    assert _flags(pod, "original") == _flags(ours, "adder")
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert json.dumps(pod["containers"][0][probe]).replace("original", "adder") == json.dumps(
            ours["containers"][0][probe]
        )
    served.apply(script_pod("ask-original", image, ASK, f"{url}:predict", "1"))
    assert set(answers(served, "ask-original", timeout=60)["seen"]) == {"2.0"}
    served.run("delete", resource("Model"), "original", "--wait=false")


def _flags(pod: dict[str, Any], name: str) -> list[str]:
    """The flags of a server's pod, as they are for the Model `adder`."""
    return [part.replace(name, "adder") for part in pod["containers"][0]["command"] if part.startswith("--")]


def test_a_new_version_replaces_the_old_one_without_a_failed_request(
    served: Kubectl, artifacts: dict[float, dict[str, Any]]
) -> None:
    asking(served, "swap", "3.0", seconds=45)
    served.apply(model("adder", source={"artifact": artifacts[2.0]}))
    found = served.wait(resource("Model"), "adder", lambda m: m["status"].get("served") == 2, timeout=240)
    assert [each["version"] for each in found["status"]["versions"]] == [1, 2]
    result = answers(served, "swap", timeout=360)
    assert set(result["seen"]) == {"2.0", "3.0"}
    assert result["last"] == "3.0"


def test_a_pod_is_drained_without_a_failed_request(served: Kubectl) -> None:
    found = served.get(resource("Model"), "adder")["spec"]
    served.apply(model("adder", source=found["source"], scaling={"minReplicas": 2, "maxReplicas": 2}))
    served.wait(resource("Model"), "adder", lambda m: m["status"].get("replicas") == 2, timeout=120)
    asking(served, "drain", seconds=15)
    pods = served.list("pod", "noria.dev/model=adder")
    served.run("delete", "pod", pods[0]["metadata"]["name"], "--wait=false")
    assert len(answers(served, "drain", timeout=60)["seen"]) == 1


def test_a_version_that_cannot_be_loaded_leaves_the_old_one_serving(
    served: Kubectl, artifacts: dict[float, dict[str, Any]]
) -> None:
    before = served.get(resource("Model"), "adder")["status"]["served"]
    wrong = {**artifacts[1.0], "digest": "sha256:" + "0" * 64}
    served.apply(model("adder", source={"artifact": wrong}))
    found = served.wait(
        resource("Model"), "adder", lambda m: "0000000" in json.dumps(m["status"]["conditions"]), timeout=120
    )
    assert {c["type"]: c["status"] for c in found["status"]["conditions"]}["Ready"] == "True"
    assert found["status"]["served"] == before
    asking(served, "still", seconds=2)
    assert len(answers(served, "still", timeout=60)["seen"]) == 1


def test_load_adds_replicas_and_the_budget_lets_one_go_at_a_time(
    served: Kubectl, artifacts: dict[float, dict[str, Any]], figures: list[str]
) -> None:
    source = {"artifact": artifacts[2.0]}
    before = 2  # no room for more until the load is there: starting alone takes CPU enough to ask for all of them
    served.apply(model("adder", source=source, scaling={"minReplicas": before, "maxReplicas": before}))
    served.wait("deployment", "adder", lambda d: _is_settled(d) and d["status"]["replicas"] == before, timeout=120)
    assert served.get("poddisruptionbudget", "adder")["spec"]["maxUnavailable"] == 1
    url = served.get(resource("Model"), "adder")["status"]["url"] + ":predict"
    image = served.get("deployment", "adder")["spec"]["template"]["spec"]["containers"][0]["image"]
    began = time.monotonic()
    served.apply(script_pod("burn", image, ASK.replace("time.sleep(0.02)", ""), url, "150"))
    scaling = {"minReplicas": 1, "maxReplicas": 4, "targetCPU": 10}
    served.apply(model("adder", source=source, scaling=scaling))
    served.wait("deployment", "adder", lambda d: d["status"].get("readyReplicas", 0) > before, timeout=240)
    figures.append(f"replica {before + 1} answered {time.monotonic() - began:.0f} s after the load began")
    served.run("delete", "pod", "burn", "--wait=false")


def _is_settled(deployment: dict[str, Any]) -> bool:
    """Whether all its pods are of the newest kind and ready: nothing is left of a candidate that failed."""
    status = deployment["status"]
    counts = {status.get(name, 0) for name in ("replicas", "updatedReplicas", "readyReplicas")}
    return status.get("observedGeneration") == deployment["metadata"]["generation"] and len(counts) == 1
