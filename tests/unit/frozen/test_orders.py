"""What the operator makes for a life of each task: every Job with its order, and all that serves the result."""

import json
from typing import Any

import pytest

from noria.api import TrainingJob
from noria.contract import ChooseReport, ProfileReport
from noria.resources.manifest import manifest
from unit.frozen.golden import check_yaml
from unit.frozen.plan import PLANS, Plan
from unit.operator.serving import best, decide
from unit.operator.world import World, concluded, dataset, make, model, trained

TASKS = {name: plan for name, plan in PLANS.items() if not plan.ensemble}
MODELS: dict[str, dict[str, Any]] = {
    "TensorFlowServing": {"scaling": {"minReplicas": 2, "maxReplicas": 5}},
    "Noria": {"server": {"type": "Noria", "gpus": 1}, "scaling": {"maxReplicas": 3, "targetCPU": 60}},
}


def jobs_of(plan: Plan) -> list[dict[str, Any]]:
    """Every Job of a Dataset and of its TrainingJob, in the order that they are made."""
    looked = World(dataset(task=plan.task, source={"uri": f"s3://noria/{plan.file}"}, target=plan.target))
    looked.settle()
    made = list(looked.jobs.values())
    looked.ends("p1", ProfileReport(revision="rev1", examples=100, class_count=2, profile_uri="s3://noria/p.json"))
    looked.settle()
    search = {"strategy": "Explicit", "configurations": plan.configurations}
    spec = {"datasetRef": {"name": "clothes"}, "search": search, "resources": {"cpu": "2"}}
    world = World(make(TrainingJob, "clothes", spec), dataset=looked.object)
    world.settle()
    choices = [{"configuration": each, "why": "listed"} for each in plan.configurations]
    world.ends(
        "r1-choose", ChooseReport.model_validate({"strategy": "Explicit", "basis": "listed", "choices": choices})
    )
    world.settle()
    for number in range(1, len(choices) + 1):
        world.ends(f"r1-t{number}", trained(0.5 + number / 100))
        world.settle()
    made += world.jobs.values()
    world.ends("r1-conclude", concluded("t1"))
    world.settle()
    assert world.reason == "Succeeded"
    return made


def order_of(job: dict[str, Any]) -> dict[str, Any]:
    """The order in a Job, taken out of it."""
    (container,) = job["spec"]["template"]["spec"]["containers"]
    (variable,) = (each for each in container["env"] if each["name"] == "NORIA_ORDER")
    found: dict[str, Any] = json.loads(variable.pop("value"))
    return found


@pytest.mark.parametrize("name", TASKS)
def test_jobs_and_their_orders(name: str) -> None:
    jobs = jobs_of(TASKS[name])
    orders = {job["metadata"]["name"]: order_of(job) for job in jobs}
    for job in jobs:
        job.pop("status", None)
    check_yaml(f"orders/{name}.yaml", orders)
    check_yaml(f"jobs/{name}.yaml", *jobs)


@pytest.mark.parametrize("name", MODELS)
def test_what_serves_a_model(name: str) -> None:
    decision = decide(model(**MODELS[name]), training_job=best())
    check_yaml(f"serving/{name}.yaml", *map(manifest, decision.apply))
