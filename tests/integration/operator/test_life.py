"""Whole lives on a real API server: from a Dataset and a TrainingJob to a result, and what it costs."""

import pytest

from kinds import condition, dataset, is_ready, told, training_job
from kubernetes_api import Namespace
from operator_process import ControlPlane, Operator

COUNTED = (
    ("noria_trial_total", {"result": "Succeeded"}),
    ("noria_api_writes_total", {"kind": "Job", "verb": "create", "code": "2xx"}),
    ("noria_api_writes_total", {"kind": "TrainingJob/status", "verb": "patch", "code": "2xx"}),
)
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_everything_applied_at_once_ends_with_a_result(leader: Operator, namespace: Namespace) -> None:
    await namespace.create(training_job())
    await namespace.create(dataset())
    profiled = await namespace.wait("Dataset", "pets", is_ready)
    assert profiled["status"]["examples"] == 1000
    found = await namespace.wait("TrainingJob", "pets", is_ready)
    assert condition(found, "Ready")["reason"] == "Succeeded"
    assert [trial["state"] for trial in found["status"]["trials"]] == ["Succeeded"] * 5
    assert found["status"]["best"]["score"] == 0.81
    await namespace.wait_for_any("Event", told("TrainingJob", "Succeeded"))


async def test_a_life_costs_few_writes_and_a_finished_object_none(
    leader: Operator, plane: ControlPlane, namespace: Namespace
) -> None:
    trials, jobs, statuses = [await leader.counted(name, **labels) for name, labels in COUNTED]
    await namespace.create(dataset())
    await namespace.wait("Dataset", "pets", is_ready)
    await namespace.create(training_job())
    await namespace.wait("TrainingJob", "pets", is_ready)
    await namespace.wait_for_any("Event", told("TrainingJob", "Succeeded"))
    life = await plane.writes(namespace.name)
    assert life.count("jobs") == 1 + 7
    assert life.count("datasets") <= 3
    assert life.count("trainingjobs") <= 8
    counted = [await leader.counted(name, **labels) for name, labels in COUNTED]
    assert counted == [trials + 5, jobs + life.count("jobs"), statuses + life.count("trainingjobs")]
    assert await leader.counted("noria_queue_depth_objects") == 0
    reconciles = await leader.reconciles()
    for kind in ("Dataset", "TrainingJob"):
        await namespace.merge(kind, "pets", {"metadata": {"labels": {"looked": "at"}}})
    await leader.wait_for_reconciles(reconciles + 2)
    assert await plane.writes(namespace.name) == life
