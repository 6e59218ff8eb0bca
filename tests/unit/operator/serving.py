"""Models and what is seen around them, for the tests of their decisions."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from noria.api import Model, TrainingJob
from noria.api.model import ModelStatus
from noria.api.training_job import BestStatus
from noria.contract import Artifact, FailureReport, Metric, Task, termination_message
from noria.decision import Decision
from noria.decisions import read
from noria.decisions.model import decide_model
from noria.decisions.seen import SeenDeployment, SeenExit, SeenModel, SeenPod
from noria.resources.manifest import manifest
from unit.operator.world import DIGEST, NOW, SETTINGS, model, training_job

ALWAYS = {"policy": "Always", "watch": {"duration": "0s"}}
"""A promotion that asks for no proof."""


def best(run: int = 1, **further: Any) -> TrainingJob:
    """A TrainingJob with this run's success."""
    digest = DIGEST if run == 1 else f"{DIGEST[: -len(str(run))]}{run}"  # other runs make other bytes
    facts = {
        "artifact": Artifact(uri=f"s3://noria/{run}.tar", digest=digest),
        "dataset": "clothes",
        "revision": f"rev{run}",
        "task": Task.IMAGE_CLASSIFICATION,
        "metric": Metric.ACCURACY,
        **further,
    }
    found = BestStatus(trial="t2", run=run, score=0.8, interval=(0.7, 0.9), **facts)
    job = training_job()
    return job.model_copy(update={"status": job.status.model_copy(update={"best": found})})


def decide(found: Model, **seen: Any) -> Decision[ModelStatus]:
    """What is decided of a Model."""
    return decide_model(found, SeenModel(**seen), SETTINGS, NOW)


def after(found: Model, decision: Decision[ModelStatus]) -> Model:
    """The Model with the status that was decided, as the API server gives it back."""
    status = ModelStatus.model_validate(json.loads(json.dumps(decision.status.to_dict())))
    assert status == decision.status
    return found.model_copy(update={"status": status})


def applied(decision: Decision[ModelStatus]) -> dict[str, Any]:
    """What the readers see of the children that were applied."""
    bodies = [manifest(child) for child in decision.apply]
    (deployment,) = [body for body in bodies if body["kind"] == "Deployment"]
    return {
        "deployment": read.read_deployment(deployment),
        "children": tuple(read.read_child(body) for body in bodies if body is not deployment),
    }


def rollout(version: int, *, replicas: int = 1, updated: int = 1, **further: Any) -> SeenDeployment:
    """A Deployment as its controller has brought it."""
    return SeenDeployment(name="clothes", version=version, replicas=replicas, updated=updated, **further)


def pod(version: int, *, ready: bool = False, **further: Any) -> SeenPod:
    """A pod that serves, or will."""
    return SeenPod(name=f"clothes-{version}", created_at=NOW, version=version, ready=ready, **further)


def later(pod: SeenPod) -> SeenPod:
    """The pod that replaces one of the same version."""
    return replace(pod, name=f"{pod.name}-later", created_at=NOW + timedelta(seconds=1))


def ended(container: str, code: int, message: str = "", reason: str = "Error") -> SeenExit:
    """How a container ended."""
    return SeenExit(container=container, code=code, reason=reason, message=message)


def serving(version: int = 1) -> Model:
    """A Model that serves so many versions by now, the last one, each promoted at once."""
    found = model(promotion=ALWAYS)
    for run in range(1, version + 1):
        decision = decide(found, training_job=best(run), deployment=rollout(run), pods=(pod(run, ready=True),))
        found = after(found, decision)
    return found


REPORT = termination_message(FailureReport(reason="DigestMismatch", message="expected a, found b"))
WRONG = ended("puller", 65, REPORT)
