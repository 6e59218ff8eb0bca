"""What GitOps tools make of our objects: Helm and Flux by kstatus, Argo CD by the script that we ship.

The objects are what decisions really say in each state; the rules are cli-utils' `pkg/kstatus/status/generic.go`.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lupa
import pytest

from noria.contract import ExitCode, FailureReport, Problem, ProfileReport, Severity
from unit.operator import serving as models
from unit.operator.world import World, begun, dataset, finished, model, profiled, training_job

SCRIPT = Path(__file__).parents[3] / "manifests/argocd/health.lua"
Body = dict[str, Any]


def kstatus(found: Body) -> str:
    """kstatus' verdict on a custom resource."""
    metadata, status = found["metadata"], found.get("status", {})
    if "deletionTimestamp" in metadata:
        return "Terminating"
    if status.get("observedGeneration", metadata["generation"]) != metadata["generation"]:
        return "InProgress"
    conditions = {each["type"]: each["status"] for each in status.get("conditions", ())}
    for each in status.get("conditions", ()):
        if each["type"] == "Reconciling" and each["status"] == "True":
            return "InProgress"
        if each["type"] == "Stalled" and each["status"] == "True":
            return "Failed"
    return "Current" if conditions.get("Ready", "True") == "True" else "InProgress"


def argo(found: Body) -> str:
    """Argo CD's verdict by our script."""
    lua = lupa.LuaRuntime(unpack_returned_tuples=True)
    lua.globals()["obj"] = lua.table_from(json.loads(json.dumps(found)), recursive=True)
    health = lua.execute(SCRIPT.read_text())
    assert health["message"]
    return str(health["status"])


def body(found: Any) -> Body:
    """An object as GitOps tools read it."""
    metadata = {"name": found.metadata.name, "generation": found.metadata.generation}
    if found.metadata.deletion_timestamp:
        metadata["deletionTimestamp"] = "2026-11-22T12:00:00Z"
    return {"metadata": metadata, "status": found.status.to_dict()}


def settled(found: Any, **further: Any) -> World:
    """The object after its first passes."""
    world = World(found, **further)
    world.settle()
    return world


def profile_ended(report: Any, code: int) -> World:
    """A Dataset whose look ended like this."""
    world = settled(dataset())
    world.ends("p1", report, code, reason="Error")
    world.settle()
    return world


def all_failed() -> World:
    """A TrainingJob without a trial that succeeded."""
    world = begun()
    for number in range(1, 6):
        world.ends(f"r1-t{number}", "", 137, reason="OOMKilled")
    world.settle()
    return world


def changed() -> World:
    """A finished TrainingJob whose spec has just been changed."""
    world = finished(begun())
    world.change(metric="MacroF1")
    return world


def deleted() -> World:
    """A TrainingJob on its way out."""
    world = begun()
    metadata = world.object.metadata.model_copy(update={"deletion_timestamp": world.now})
    world.object = world.object.model_copy(update={"metadata": metadata})
    return world


def model_with(found: Any, job: Any, **seen: Any) -> Any:
    """A Model after a pass that saw this."""
    return models.after(found, models.decide(found, training_job=job, **seen))


BAD = ProfileReport(problems=(Problem(reason="OneClass", severity=Severity.ERROR, message="one class"),))
AWAY = FailureReport(reason="NoSuchHost", message="no such host")
OLD, CANDIDATE = models.pod(1, ready=True), models.pod(2, exit=models.WRONG)

STATES: dict[str, tuple[Callable[[], Any], str, str]] = {
    "Dataset just created": (dataset, "InProgress", "Progressing"),
    "Dataset being profiled": (lambda: settled(dataset()).object, "InProgress", "Progressing"),
    "Dataset refused": (lambda: profile_ended(BAD, 0).object, "Failed", "Degraded"),
    "Dataset's source unavailable, tried again": (
        lambda: profile_ended(AWAY, ExitCode.UNAVAILABLE).object,
        "InProgress",
        "Progressing",
    ),
    "TrainingJob just created": (training_job, "InProgress", "Progressing"),
    "TrainingJob without its Dataset": (lambda: settled(training_job()).object, "InProgress", "Progressing"),
    "TrainingJob choosing": (
        lambda: settled(training_job(), dataset=profiled()).object,
        "InProgress",
        "Progressing",
    ),
    "TrainingJob training": (lambda: begun().object, "InProgress", "Progressing"),
    "TrainingJob suspended": (lambda: settled(training_job(suspend=True)).object, "InProgress", "Suspended"),
    "TrainingJob succeeded": (lambda: finished(begun()).object, "Current", "Healthy"),
    "TrainingJob changed a moment ago": (lambda: changed().object, "InProgress", "Progressing"),
    "TrainingJob failed": (lambda: all_failed().object, "Failed", "Degraded"),
    "TrainingJob with a metric that does not fit": (
        lambda: settled(training_job(metric="RMSE"), dataset=profiled()).object,
        "Failed",
        "Degraded",
    ),
    "TrainingJob being deleted": (lambda: deleted().object, "Terminating", "Progressing"),
    "Model just created": (model, "InProgress", "Progressing"),
    "Model without a version": (lambda: model_with(model(), None), "InProgress", "Progressing"),
    "Model loading": (lambda: model_with(model(), models.best()), "InProgress", "Progressing"),
    "Model serving": (models.serving, "Current", "Healthy"),
    "Model serving, a candidate on its way": (
        lambda: model_with(models.serving(), models.best(2), pods=(OLD,)),
        "Current",
        "Healthy",
    ),
    "Model serving, the candidate failed": (
        lambda: model_with(models.serving(), models.best(2), pods=(OLD, CANDIDATE)),
        "Current",
        "Healthy",
    ),
    "Model that cannot load": (
        lambda: model_with(model(), models.best(), pods=(models.pod(1, exit=models.WRONG),)),
        "Failed",
        "Degraded",
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_gitops_tools_read_each_state(state: str) -> None:
    make, by_kstatus, by_argo = STATES[state]
    found = body(make())
    assert kstatus(found) == by_kstatus
    assert argo(found) == by_argo


@pytest.mark.parametrize("state", STATES)
def test_abnormal_conditions_are_there_only_while_they_hold(state: str) -> None:
    conditions = {each["type"]: each["status"] for each in body(STATES[state][0]())["status"].get("conditions", ())}
    abnormal = {type for type in conditions if type in ("Reconciling", "Stalled", "Suspended")}
    assert all(conditions[type] == "True" for type in abnormal)
    assert len(abnormal) <= 1
    assert not abnormal or conditions["Ready"] == "False"
