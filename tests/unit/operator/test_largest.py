"""The largest objects that the schemas let through: their Jobs, orders and statuses are within all bounds around them.

Linux takes 128 KiB for one variable of the environment and 2 MiB for all; etcd takes 1.5 MiB for an object.
"""

import json
from typing import Any

import pytest

from noria.api import Dataset, Resource, TrainingJob
from noria.api.retrain import ScheduleSpec
from noria.api.schema import definition
from noria.api.training_job import TrialStatus
from noria.contract import (
    ORDER,
    ChooseReport,
    ChosenConfiguration,
    StoredChoice,
    TrainOrder,
    order_in,
    replaced,
)
from noria.resources.choose_job import choose_job
from noria.resources.conclude_job import conclude_job
from noria.resources.manifest import Child, manifest
from noria.resources.profile_job import profile_job
from noria.resources.train_job import train_job
from unit.operator.test_resources import RUN
from unit.operator.world import SETTINGS, World, make, profiled, training_job

VARIABLE, ENVIRONMENT, OBJECT = 128 * 1024, 2 * 1024**2, 1536 * 1024
FITTING = {
    ScheduleSpec.model_json_schema()["properties"]["cron"]["pattern"]: "* * * * *",
    "^sha256:[0-9a-f]{64}$": "sha256:" + "0" * 64,
    r"^metadata\.name$": "metadata.name",
    "^([0-9]+h)?([0-9]+m)?([0-9]+s)?$": "87600h",
    r"^[0-9]+(\.[0-9]+)?(m|k|Ki|[MGTPE]i?)?$": "1",
}
"""Beginnings of texts by pattern; what other patterns stand for may be made of one letter."""


def spec_of(kind: type[Resource]) -> dict[str, Any]:
    """The schema of a kind's spec."""
    schema: dict[str, Any] = definition(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return schema


def largest(schema: dict[str, Any], *, filling: str, number: int = 0) -> Any:
    """The largest value that the schema lets through; texts without a pattern are made of the filling."""
    if "enum" in schema:
        return max(schema["enum"], key=len)
    if "properties" in schema:
        return {name: largest(inner, filling=filling, number=number) for name, inner in schema["properties"].items()}
    if "items" in schema:
        return [largest(schema["items"], filling=filling, number=n) for n in range(schema["maxItems"])]
    if "additionalProperties" in schema:
        keys = (f"k{n:02}".ljust(40, "a") for n in range(schema["maxProperties"]))
        return {key: largest(schema["additionalProperties"], filling=filling) for key in keys}
    if schema.get("type") in ("integer", "number"):
        return schema["maximum"]
    if schema.get("type") == "boolean":
        return True
    return text(schema, filling=filling, number=number)


def text(schema: dict[str, Any], *, filling: str, number: int) -> str:
    """The largest text; the number tells it from others of a list."""
    if "s3://" in json.dumps(schema):
        return "s3://b/".ljust(schema["maxLength"], filling)
    if "https://" in json.dumps(schema):
        return "https://h/".ljust(schema["maxLength"], filling)
    if "pattern" not in schema:
        return str(number).ljust(schema["maxLength"], filling)
    start = FITTING.get(schema["pattern"], "a")
    if start in ("metadata.name", "87600h"):
        return start
    return start.ljust(schema["maxLength"], start[-1].replace("/", "a"))


def size(child: Child) -> int:
    """Bytes of a child's JSON."""
    return len(json.dumps(manifest(child), ensure_ascii=False).encode())


def order_of(job: dict[str, Any]) -> Any:
    """The order in the Job's environment as its container gets it, once that is found to be within its bounds."""
    (container,) = job["spec"]["template"]["spec"]["containers"]
    given = {each["name"]: each["value"].replace("$$", "$") for each in container["env"] if "value" in each}
    strings = [f"{name}={value}".encode() for name, value in given.items()]
    assert max(map(len, strings)) < VARIABLE
    assert sum(map(len, strings)) < ENVIRONMENT
    return ORDER.validate_json(order_in(given))


@pytest.mark.parametrize("filling", ["x", "$", '"', "🌊"])
def test_the_largest_dataset(filling: str) -> None:
    spec = largest(spec_of(Dataset), filling=filling)
    most = 200_000 // len(spec["columns"])
    for column in spec["columns"]:
        column["name"] = column["name"][:most]
    dataset = make(Dataset, "a" * 40, spec)
    job = profile_job(dataset, 10**6, SETTINGS)
    assert size(job) < OBJECT
    order = order_of(manifest(job))
    assert order.columns == dataset.spec.columns
    assert len(order.columns) == 2000


def test_forty_characters_for_each_of_two_thousand_columns() -> None:
    columns = [{"name": f"{n:040}", "type": "Numeric"} for n in range(2000)]
    dataset = make(Dataset, "a", {**largest(spec_of(Dataset), filling="x"), "columns": columns})
    assert [column.name for column in order_of(manifest(profile_job(dataset, 1, SETTINGS))).columns] == [
        column["name"] for column in columns
    ]


@pytest.mark.parametrize("filling", ["x", "$", '"', "🌊"])
def test_the_largest_training_job(filling: str) -> None:
    job = make(TrainingJob, "a" * 40, largest(spec_of(TrainingJob), filling=filling))
    assert (len(job.spec.search.configurations), len(job.spec.search.configurations[0].parameters)) == (10, 16)
    trials = tuple(
        TrialStatus(name=f"t{n}", configuration=each, reason="r" * 480, message="m" * 1024)
        for n, each in enumerate(job.spec.search.configurations, 1)
    )
    job = replaced(job, status=replaced(job.status, trials=trials))
    assert len(json.dumps(job.status.to_dict()).encode()) < OBJECT / 4
    children = (choose_job(job, RUN, SETTINGS), train_job(job, RUN, trials[9], SETTINGS))
    conclude = conclude_job(job, RUN, trials, SETTINGS)
    assert max(map(size, (*children, conclude))) < OBJECT
    assert order_of(manifest(children[0])).configurations == job.spec.search.configurations
    assert [trial.configuration for trial in order_of(manifest(conclude)).trials] == list(
        job.spec.search.configurations
    )


@pytest.mark.parametrize("filling", ["x", '"', "🌊"])
def test_the_largest_choice_is_trained_from_its_stored_report(filling: str) -> None:
    spec = largest(spec_of(TrainingJob), filling=filling)
    world = World(training_job(search=spec["search"] | {"strategy": "Explicit"}), dataset=profiled())
    world.settle()
    configurations = world.object.spec.search.configurations
    choices = (ChosenConfiguration(configuration=each, why="listed in the TrainingJob") for each in configurations)
    world.ends("r1-choose", ChooseReport(strategy="Explicit", basis="listed", choices=tuple(choices)))
    world.settle()
    order = order_of(world.jobs[world.job("r1-t3")])
    assert isinstance(order, TrainOrder)
    assert order.configuration.parameters == {}
    assert order.choice == StoredChoice(report=world.object.status.choice.report_uri, number=2)
    assert order.choice.report.endswith("/1/choose.json")
