"""Models serve what is promoted of their TrainingJob, and go on serving whatever happens to it."""

from collections.abc import Callable
from typing import Any

import pytest

from kinds import condition, dataset, has_reason, is_ready, model, told, training_job
from kubernetes_api import Body, Namespace
from noria.contract import ExitCode, ProveOrder, ProveReport, PullOrder, Verdict, termination_message
from operator_process import ControlPlane, Operator
from played_node import DIGEST, Ending, Play, failure, succeed

pytestmark = pytest.mark.asyncio(loop_scope="session")
CHILDREN = ("Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget")
ALWAYS = {"policy": "Always"}
WORDS = "the artifact's digest is not the one that was ordered"


def serves(version: int) -> Callable[[Body], bool]:
    """A question: whether all there is serves this version."""
    return lambda found: has_reason("Serving")(found) and found["status"].get("served") == version


def refuse_second_run(order: object) -> Ending | None:
    """What the second run made cannot be pulled."""
    if isinstance(order, PullOrder) and "/2/" in order.artifact.uri:
        return failure(ExitCode.BAD_DATA, "DigestMismatch", WORDS)
    return succeed(order)


async def serving(namespace: Namespace, **spec: Any) -> Body:
    """A Model that serves the result of a first run."""
    for body in (model(**spec), training_job(), dataset()):
        await namespace.create(body)
    return await namespace.wait("Model", "pets", serves(1))


async def test_all_applied_at_once_ends_in_a_served_model(leader: Operator, namespace: Namespace) -> None:
    found = await serving(namespace)
    assert is_ready(found)
    assert found["status"]["url"].startswith(f"http://pets.{namespace.name}.svc")
    for kind in CHILDREN:
        owner = (await namespace.every(kind))[0]["metadata"]["ownerReferences"][0]
        assert (owner["kind"], owner["name"], owner["controller"]) == ("Model", "pets", True)


async def test_a_later_success_replaces_the_served_version_once_it_is_proven(
    leader: Operator, namespace: Namespace
) -> None:
    await serving(namespace)
    await namespace.merge("TrainingJob", "pets", {"spec": {"search": {"trials": 2}}})
    found = await namespace.wait("Model", "pets", serves(2))
    assert [version["version"] for version in found["status"]["versions"]] == [1, 2]
    deployment = await namespace.get("Deployment", "pets")
    assert deployment["spec"]["template"]["metadata"]["labels"]["noria.dev/version"] == "2"
    verdict = found["status"]["versions"][1]["verdict"]
    assert (verdict["result"], verdict["reason"], verdict["gain"]) == ("Promoted", "Better", "0.04")
    (job,) = [body for body in await namespace.every("Job") if body["metadata"]["labels"]["noria.dev/step"] == "prove"]
    assert job["metadata"]["ownerReferences"][0]["kind"] == "Model"
    await namespace.wait_for_any("Event", told("Model", "Promoted"))


async def test_a_worse_success_is_rejected_and_a_person_promotes_it(
    leader: Operator, play: Play, namespace: Namespace
) -> None:
    play.by_namespace[namespace.name] = reject
    await serving(namespace)
    await namespace.merge("TrainingJob", "pets", {"spec": {"search": {"trials": 2}}})
    found = await namespace.wait("Model", "pets", lambda found: len(verdicts(found)) == 2)
    assert (found["status"]["served"], verdicts(found)[1]["result"]) == (1, "Rejected")
    assert is_ready(found)
    await namespace.wait_for_any("Event", told("Model", "Rejected"))
    annotations = {"noria.dev/promote": "2", "noria.dev/decided-by": "admin"}
    await namespace.merge("Model", "pets", {"metadata": {"annotations": annotations}})
    found = await namespace.wait("Model", "pets", serves(2))
    assert (verdicts(found)[1]["reason"], verdicts(found)[1]["by"]) == ("ByPerson", "admin")
    await namespace.merge("Model", "pets", {"metadata": {"annotations": {"noria.dev/serve": "1"}}})
    found = await namespace.wait("Model", "pets", serves(1))
    assert condition(found, "Pinned")["status"] == "True"
    await namespace.merge("Model", "pets", {"metadata": {"annotations": {"noria.dev/serve": None}}})
    assert condition(await namespace.wait("Model", "pets", serves(2)), "Pinned") == {}


def reject(order: object) -> Ending | None:
    """Every candidate is worse."""
    if isinstance(order, ProveOrder):
        worse = ProveReport(result=Verdict.REJECTED, reason="Worse", message="accuracy 0.7 vs 0.81", gain=-0.11)
        return Ending(message=termination_message(worse))
    return succeed(order)


def verdicts(found: Body) -> list[Body]:
    """The verdicts on a Model's versions."""
    return [version["verdict"] for version in found["status"].get("versions", ()) if "verdict" in version]


async def test_a_candidate_that_cannot_be_loaded_leaves_the_old_version_serving(
    leader: Operator, play: Play, namespace: Namespace
) -> None:
    play.by_namespace[namespace.name] = refuse_second_run
    await serving(namespace, promotion=ALWAYS)
    await namespace.merge("TrainingJob", "pets", {"spec": {"search": {"trials": 2}}})
    found = await namespace.wait("Model", "pets", has_reason("CandidateFailed"))
    assert is_ready(found)
    assert found["status"]["served"] == 1
    assert WORDS in condition(found, "Ready")["message"]


async def test_an_artifact_that_cannot_be_loaded_is_said_and_heals(
    leader: Operator, play: Play, namespace: Namespace
) -> None:
    play.by_namespace[namespace.name] = refuse_second_run
    wrong, right = ({"uri": f"s3://noria/{run}/model.tar", "digest": DIGEST} for run in (2, 1))
    await namespace.create(model(source={"artifact": wrong}))
    found = await namespace.wait("Model", "pets", has_reason("LoadFailed", "Stalled"))
    assert WORDS in condition(found, "Ready")["message"]
    await namespace.merge("Model", "pets", {"spec": {"source": {"artifact": right}}})
    await namespace.wait("Model", "pets", is_ready)


async def test_what_belongs_to_somebody_else_is_not_taken(leader: Operator, namespace: Namespace) -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "pets"}, "spec": {"ports": [{"port": 80}]}}
    theirs = await namespace.create(service)
    await namespace.create(model(source={"artifact": {"uri": "s3://noria/1/model.tar", "digest": DIGEST}}))
    found = await namespace.wait(
        "Model",
        "pets",
        lambda found: found["status"].get("replicas") and "does not belong to this Model" in said(found),
    )
    assert "Service pets" in said(found)
    assert not is_ready(found), "its URL leads elsewhere"
    assert (await namespace.get("Service", "pets"))["spec"]["ports"] == theirs["spec"]["ports"]
    await namespace.delete("Service", "pets")
    await namespace.wait("Model", "pets", lambda found: serves(1)(found) and "does not belong" not in said(found))
    await namespace.wait("Service", "pets", lambda found: len(found["spec"]["ports"]) == 2)


async def test_what_serves_outlives_its_job_heals_and_costs_nothing(
    leader: Operator, plane: ControlPlane, namespace: Namespace
) -> None:
    await serving(namespace)
    await namespace.delete("TrainingJob", "pets")
    before = await namespace.get("Service", "pets")
    await namespace.delete("Service", "pets")
    await namespace.wait(
        "Service", "pets", lambda found: found["metadata"]["uid"] != before["metadata"]["uid"], timeout=15
    )
    await look(leader, namespace, "once")
    writes = await plane.writes(namespace.name)
    await look(leader, namespace, "twice")
    assert await plane.writes(namespace.name) == writes
    assert is_ready(await namespace.get("Model", "pets"))


def said(found: Body) -> str:
    """What Ready says."""
    return str(condition(found, "Ready").get("message", ""))


async def look(leader: Operator, namespace: Namespace, label: str) -> None:
    """Have the operator look at the Model."""
    reconciles = await leader.reconciles()
    await namespace.merge("Model", "pets", {"metadata": {"labels": {"looked": label}}})
    await leader.wait_for_reconciles(reconciles + 1)
