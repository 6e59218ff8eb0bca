"""Objects of our kinds as a user would write them, and what their status says."""

from collections.abc import Callable
from typing import Any

Body = dict[str, Any]


def dataset(name: str = "pets", **spec: Any) -> Body:
    """A Dataset of images."""
    needed = {"task": "ImageClassification", "source": {"uri": "s3://bucket/pets"}}
    return _body("Dataset", name, {**needed, **spec})


def training_job(name: str = "pets", **spec: Any) -> Body:
    """A TrainingJob for the Dataset."""
    return _body("TrainingJob", name, {"datasetRef": {"name": "pets"}, **spec})


def model(name: str = "pets", **spec: Any) -> Body:
    """A Model of the TrainingJob."""
    return _body("Model", name, {"source": {"trainingJobRef": {"name": "pets"}}, **spec})


def _body(kind: str, name: str, spec: Body) -> Body:
    return {"apiVersion": "noria.dev/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def condition(found: Body, type: str) -> Body:
    """The condition of this type, empty while there is none."""
    conditions = found.get("status", {}).get("conditions", [])
    return next((dict(each) for each in conditions if each["type"] == type), {})


def is_ready(found: Body) -> bool:
    """Whether Ready is True and speaks of the present spec."""
    current = found["status"].get("observedGeneration") == found["metadata"]["generation"]
    return bool(current and condition(found, "Ready").get("status") == "True")


def has_reason(reason: str, type: str = "Ready") -> Callable[[Body], bool]:
    """A question: whether the condition of this type has this reason."""
    return lambda found: condition(found, type).get("reason") == reason


def told(kind: str, reason: str) -> Callable[[list[Body]], bool]:
    """A question: whether an event of this reason tells of an object of the kind."""
    return lambda events: any(e["involvedObject"]["kind"] == kind and e["reason"] == reason for e in events)
