"""The objects that users write, as short as they may be, and waiting for them."""

from typing import Any

from kubectl import Kubectl, condition, is_settled, is_true

API_VERSION = "noria.dev/v1alpha1"
SYSTEM, BUCKET = "noria-system", "noria"


def make(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    """An object of ours."""
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}


def dataset(name: str, task: str, uri: str, **spec: Any) -> dict[str, Any]:
    """A Dataset of a source."""
    return make("Dataset", name, task=task, source={"uri": uri}, **spec)


def training_job(name: str, **spec: Any) -> dict[str, Any]:
    """A TrainingJob of the Dataset of the same name, small enough to run five trials on two cores."""
    spec.setdefault("datasetRef", {"name": name})
    return make("TrainingJob", name, **{"resources": {"cpu": "200m", "memory": "2Gi"}, **spec})


def model(name: str, **spec: Any) -> dict[str, Any]:
    """A Model of the TrainingJob of the same name, served by Noria's own server."""
    spec.setdefault("source", {"trainingJobRef": {"name": name}})
    server = {"type": "Noria", "resources": {"cpu": "100m", "memory": "1Gi"}}
    return make("Model", name, **{"server": server, **spec})


def resource(kind: str) -> str:
    """The name kubectl takes without doubt."""
    return f"{kind}.noria.dev"


def ready(kubectl: Kubectl, kind: str, name: str, *, timeout: float) -> dict[str, Any]:
    """The object once it is Ready; a Stalled one fails at once with its words."""
    found = kubectl.wait(resource(kind), name, is_settled, timeout=timeout)
    assert is_true(found, "Ready"), f"{kind} {name}: {condition(found, 'Ready')}"
    return found


def says(kubectl: Kubectl, kind: str, name: str, *words: str, timeout: float) -> dict[str, Any]:
    """The object once its Ready condition is False and has all the words in its reason or message."""

    def has_words(found: dict[str, Any]) -> bool:
        state = condition(found, "Ready")
        text = f"{state.get('reason')} {state.get('message')}"
        return state.get("status") == "False" and all(word in text for word in words)

    return kubectl.wait(resource(kind), name, has_words, timeout=timeout)


def script_pod(name: str, image: str, script: str, *arguments: str) -> dict[str, Any]:
    """A pod that runs Python in one of our images, as Pod Security `restricted` wants it."""
    container = {
        "name": "main",
        "image": image,
        "command": ["python3", "-c", script, *arguments],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    spec = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
