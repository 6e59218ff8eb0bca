"""Runs are steered by their spec: suspended, limited, repeated, removed."""

import asyncio
from typing import Any

import pytest

from kinds import condition, dataset, has_reason, is_ready, training_job
from kubernetes_api import ApiError, Body, Namespace
from noria.contract import ConcludeOrder, TrainOrder
from operator_process import Operator
from played_node import Ending, Play, succeed

pytestmark = pytest.mark.asyncio(loop_scope="session")


def until_training(order: object) -> Ending | None:
    """Steps succeed, and trials go on for ever."""
    return None if isinstance(order, TrainOrder) else succeed(order)


@pytest.fixture
def endless(play: Play, namespace: Namespace) -> Namespace:
    """A namespace in which trials do not end."""
    play.by_namespace[namespace.name] = until_training
    return namespace


def trials(state: str, count: int) -> Any:
    """A question: whether so many trials are in the state."""
    return lambda found: [t["state"] for t in found["status"].get("trials", [])].count(state) == count


def running(count: int) -> Any:
    """A question: whether so many pods run."""
    return lambda pods: [pod["status"]["phase"] for pod in pods].count("Running") == count


def train_jobs(jobs: list[Body]) -> list[Body]:
    return [job for job in jobs if job["metadata"]["labels"].get("noria.dev/step") == "train"]


async def test_suspension_gives_resources_back_and_resumption_goes_on(
    leader: Operator, play: Play, endless: Namespace
) -> None:
    await endless.create(dataset())
    await endless.create(training_job())
    await endless.wait_for_any("Pod", running(5))
    await endless.merge("TrainingJob", "pets", {"spec": {"suspend": True}})
    found = await endless.wait("TrainingJob", "pets", has_reason("SuspendedByUser", "Suspended"))
    assert not condition(found, "Reconciling")
    await endless.wait_for_any("Job", lambda jobs: not train_jobs(jobs))
    await endless.wait_for_any("Pod", lambda pods: all(p["status"]["phase"] == "Succeeded" for p in pods))
    play.by_namespace[endless.name] = succeed
    await endless.merge("TrainingJob", "pets", {"spec": {"suspend": False}})
    found = await endless.wait("TrainingJob", "pets", is_ready)
    assert found["status"]["run"]["number"] == 1
    assert not condition(found, "Suspended")


async def test_no_more_trials_run_than_parallelism_allows(leader: Operator, play: Play, namespace: Namespace) -> None:
    release = asyncio.Event()

    def end(order: object) -> Ending | None:
        return succeed(order) if release.is_set() or not isinstance(order, TrainOrder) else None

    play.by_namespace[namespace.name] = end
    await namespace.create(dataset())
    await namespace.create(training_job(parallelism=2))
    await namespace.wait("TrainingJob", "pets", trials("Running", 2))
    await namespace.wait_for_any("Job", lambda jobs: len(train_jobs(jobs)) >= 2)
    reconciles = await leader.reconciles()
    await namespace.merge("TrainingJob", "pets", {"metadata": {"labels": {"looked": "at"}}})
    await leader.wait_for_reconciles(reconciles + 1)
    assert len(train_jobs(await namespace.every("Job"))) == 2
    release.set()
    for job in train_jobs(await namespace.every("Job")):
        await namespace.delete("Job", job["metadata"]["name"])
    found = await namespace.wait("TrainingJob", "pets", is_ready)
    assert found["status"]["trialsDone"] == "5/5"


async def test_a_change_that_matters_starts_a_run_and_the_rest_does_not(leader: Operator, namespace: Namespace) -> None:
    await namespace.create(dataset())
    await namespace.create(training_job())
    first = await namespace.wait("TrainingJob", "pets", is_ready)
    await namespace.merge("TrainingJob", "pets", {"spec": {"parallelism": 1, "ttlSecondsAfterFinished": 3600}})
    same = await namespace.wait("TrainingJob", "pets", is_ready)
    assert same["status"]["run"] == first["status"]["run"]
    await namespace.merge("TrainingJob", "pets", {"spec": {"search": {"trials": 2}}})
    second = await namespace.wait(
        "TrainingJob", "pets", lambda found: is_ready(found) and found["status"]["run"]["number"] == 2
    )
    assert len(second["status"]["trials"]) == 2


async def test_a_change_in_the_middle_ends_what_is_unfinished(leader: Operator, play: Play, endless: Namespace) -> None:
    await endless.create(dataset())
    await endless.create(training_job())
    await endless.wait_for_any("Pod", running(5))
    play.by_namespace[endless.name] = succeed
    await endless.merge("TrainingJob", "pets", {"spec": {"search": {"trials": 1}}})
    await endless.wait("TrainingJob", "pets", lambda found: is_ready(found) and found["status"]["run"]["number"] == 2)
    await endless.wait_for_any(
        "Job", lambda jobs: {job["metadata"]["labels"]["noria.dev/run"] for job in train_jobs(jobs)} == {"2"}
    )


async def test_the_deadline_ends_trials(leader: Operator, endless: Namespace) -> None:
    await endless.create(dataset())
    await endless.wait("Dataset", "pets", is_ready)
    await endless.create(training_job(maxDuration="10s"))
    found = await endless.wait("TrainingJob", "pets", has_reason("DeadlineExceeded", "Stalled"))
    assert "10s" in condition(found, "Ready")["message"]
    await endless.wait_for_any("Job", lambda jobs: not train_jobs(jobs))


async def test_the_ttl_removes_children_and_keeps_the_result(leader: Operator, namespace: Namespace) -> None:
    await namespace.create(dataset())
    await namespace.create(training_job(ttlSecondsAfterFinished=0))
    before = await namespace.wait("TrainingJob", "pets", is_ready)
    mine = "noria.dev/trainingjob"
    await namespace.wait_for_any("Job", lambda jobs: not any(mine in job["metadata"]["labels"] for job in jobs))
    await namespace.merge("TrainingJob", "pets", {"metadata": {"labels": {"looked": "at"}}})
    reconciles = await leader.reconciles()
    await namespace.merge("TrainingJob", "pets", {"metadata": {"labels": {"looked": "twice"}}})
    await leader.wait_for_reconciles(reconciles + 1)
    after = await namespace.get("TrainingJob", "pets")
    assert after["status"] == before["status"]
    assert not [job for job in await namespace.every("Job") if mine in job["metadata"]["labels"]]


async def test_deletion_in_the_middle_leaves_nothing(leader: Operator, endless: Namespace) -> None:
    await endless.create(dataset())
    await endless.create(training_job())
    await endless.wait_for_any("Pod", running(5))
    await endless.delete("TrainingJob", "pets")
    await endless.wait_for_any("Job", lambda jobs: not train_jobs(jobs))
    await endless.wait_for_any("Pod", lambda pods: all(p["status"]["phase"] == "Succeeded" for p in pods))
    with pytest.raises(ApiError, match="404"):
        await endless.get("TrainingJob", "pets")


async def test_a_recreated_job_starts_anew(leader: Operator, namespace: Namespace) -> None:
    await namespace.create(dataset())
    await namespace.create(training_job())
    first = await namespace.wait("TrainingJob", "pets", is_ready)
    await namespace.delete("TrainingJob", "pets")
    await namespace.create(training_job())
    second = await namespace.wait("TrainingJob", "pets", is_ready)
    assert second["metadata"]["uid"] != first["metadata"]["uid"]
    assert second["status"]["run"]["startedAt"] >= first["status"]["run"]["startedAt"]


async def test_a_job_that_vanishes_is_made_again(leader: Operator, play: Play, namespace: Namespace) -> None:
    stuck = asyncio.Event()

    def end(order: object) -> Ending | None:
        return None if isinstance(order, ConcludeOrder) and not stuck.is_set() else succeed(order)

    play.by_namespace[namespace.name] = end
    await namespace.create(dataset())
    await namespace.create(training_job())
    await namespace.wait("TrainingJob", "pets", has_reason("Concluding"))
    step = "noria.dev/step"
    jobs = await namespace.wait_for_any(
        "Job", lambda jobs: any(job["metadata"]["labels"][step] == "conclude" for job in jobs)
    )
    stuck.set()
    name = next(job["metadata"]["name"] for job in jobs if job["metadata"]["labels"][step] == "conclude")
    await namespace.delete("Job", name)
    await namespace.wait("TrainingJob", "pets", is_ready)
