"""What is wrong is said on the object, in the words of whoever knows, and mending it heals the object."""

import pytest

from kinds import condition, dataset, has_reason, is_ready, model, told, training_job
from kubernetes_api import Body, Namespace
from noria.contract import ChooseOrder, ExitCode, TrainOrder
from operator_process import Operator
from played_node import DIGEST, Ending, Play, failure, succeed

pytestmark = pytest.mark.asyncio(loop_scope="session")
SOON = 30.0
"""Seconds within which the cluster's words are on the object, from when the cluster has said them."""


async def test_a_training_job_without_dataset_waits_for_it_by_name(leader: Operator, namespace: Namespace) -> None:
    await namespace.create(training_job(datasetRef={"name": "puppies"}))
    found = await namespace.wait("TrainingJob", "pets", has_reason("DatasetNotFound"))
    message = condition(found, "Ready")["message"]
    assert all(word in message for word in ("Dataset puppies", namespace.name, "correct spec.datasetRef"))
    assert condition(found, "Reconciling")["status"] == "True"
    await namespace.create(dataset("puppies"))
    await namespace.wait("TrainingJob", "pets", is_ready)


async def test_an_unknown_family_is_refused_in_the_chooser_s_words(
    leader: Operator, play: Play, namespace: Namespace
) -> None:
    words = "there is no family image-llm: image-cnn, image-backbone"

    def choose(order: object) -> Ending | None:
        if isinstance(order, ChooseOrder) and any(c.family == "image-llm" for c in order.configurations):
            return failure(ExitCode.BAD_ORDER, "UnknownFamily", words)
        return succeed(order)

    play.by_namespace[namespace.name] = choose
    await namespace.create(dataset())
    explicit = {"strategy": "Explicit", "configurations": [{"family": "image-llm"}]}
    await namespace.create(training_job(search=explicit))
    found = await namespace.wait("TrainingJob", "pets", has_reason("ChoiceFailed", "Stalled"))
    assert words in condition(found, "Stalled")["message"]
    mended = {"strategy": "Explicit", "configurations": [{"family": "image-cnn"}]}
    await namespace.merge("TrainingJob", "pets", {"spec": {"search": mended}})
    await namespace.wait("TrainingJob", "pets", is_ready)


async def test_a_refused_dataset_says_why_and_heals(leader: Operator, play: Play, namespace: Namespace) -> None:
    def refuse(order: object) -> Ending:
        return failure(ExitCode.NOT_PERMITTED, "AccessDenied", "the keys of Secret pets may not read s3://bucket/pets")

    play.by_namespace[namespace.name] = refuse
    await namespace.create(dataset())
    found = await namespace.wait("Dataset", "pets", has_reason("SourceFailed"))
    assert "Secret pets" in condition(found, "Ready")["message"]
    play.by_namespace[namespace.name] = succeed
    await namespace.merge("Dataset", "pets", {"metadata": {"annotations": {"noria.dev/requestedAt": "now"}}})
    await namespace.wait("Dataset", "pets", is_ready)


async def test_a_quota_that_keeps_pods_from_existing_is_quoted(leader: Operator, namespace: Namespace) -> None:
    await limit(namespace, {"pods": "0"})
    await namespace.create(dataset())
    await namespace.wait_for_any("Event", told("Job", "FailedCreate"))
    found = await namespace.wait("Dataset", "pets", has_reason("WaitingForPod"), timeout=SOON)
    assert "exceeded quota: full" in condition(found, "Ready")["message"]
    await namespace.delete("ResourceQuota", "full")
    await namespace.wait("Dataset", "pets", is_ready)


async def test_a_quota_that_keeps_jobs_from_existing_is_quoted(leader: Operator, namespace: Namespace) -> None:
    await limit(namespace, {"count/jobs.batch": "0"})
    await namespace.create(dataset())
    found = await namespace.wait("Dataset", "pets", has_reason("WaitingForPod"), timeout=SOON)
    assert "exceeded quota: full" in condition(found, "Ready")["message"]
    await namespace.delete("ResourceQuota", "full")
    await namespace.wait("Dataset", "pets", is_ready)


@pytest.mark.parametrize(
    ("spec", "words", "mended"),
    [
        pytest.param(
            {"resources": {"gpus": 1}},
            "Insufficient nvidia.com/gpu",
            {"resources": {"gpus": 0}},
            id="GPUs where there are none",
        ),
        pytest.param(
            {"podTemplate": {"nodeSelector": {"zone": "moon"}}},
            "node affinity/selector",
            {"podTemplate": None},
            id="no such node",
        ),
    ],
)
async def test_the_scheduler_is_quoted_until_the_spec_is_mended(
    leader: Operator, namespace: Namespace, spec: Body, words: str, mended: Body
) -> None:
    await namespace.create(dataset())
    await namespace.wait("Dataset", "pets", is_ready)
    await namespace.create(training_job(**spec))
    await namespace.wait_for_any("Event", told("Pod", "FailedScheduling"))
    found = await namespace.wait("TrainingJob", "pets", has_reason("WaitingForPod"), timeout=SOON)
    assert words in condition(found, "Ready")["message"]
    await namespace.merge("TrainingJob", "pets", {"spec": mended})
    await namespace.wait("TrainingJob", "pets", is_ready)


async def test_a_limit_of_the_namespace_is_quoted_until_the_spec_is_mended(
    leader: Operator, namespace: Namespace
) -> None:
    await namespace.create(dataset())
    await namespace.wait("Dataset", "pets", is_ready)
    most = {"type": "Container", "max": {"memory": "4Gi"}, "defaultRequest": {"memory": "1Mi"}}
    body = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small"}, "spec": {"limits": [most]}}
    await namespace.create(body)
    await namespace.create(training_job(resources={"memory": "8Gi"}))
    await namespace.wait_for_any("Event", told("Job", "FailedCreate"))
    found = await namespace.wait("TrainingJob", "pets", has_reason("WaitingForPod"), timeout=SOON)
    message = condition(found, "Ready")["message"]
    assert "maximum memory usage per Container is 4Gi" in message
    assert "request within it, or change the namespace's LimitRange" in message
    await namespace.merge("TrainingJob", "pets", {"spec": {"resources": {"memory": "1Gi"}}})
    await namespace.wait("TrainingJob", "pets", is_ready)


async def test_a_quota_that_keeps_servers_from_existing_is_quoted(leader: Operator, namespace: Namespace) -> None:
    await limit(namespace, {"pods": "0"})
    await namespace.create(model(source={"artifact": {"uri": "s3://noria/1/model.tar", "digest": DIGEST}}))
    found = await namespace.wait("Model", "pets", has_reason("WaitingForPod"), timeout=SOON)
    assert "exceeded quota: full" in condition(found, "Ready")["message"]
    await namespace.delete("ResourceQuota", "full")
    await namespace.wait("Model", "pets", is_ready)


async def test_what_the_api_server_will_not_take_is_said_and_heals(leader: Operator, namespace: Namespace) -> None:
    await namespace.create(dataset())
    await namespace.wait("Dataset", "pets", is_ready)
    wrong = {"tolerations": [{"key": "gpu", "operator": "Exists", "value": "yes"}]}
    await namespace.create(training_job(podTemplate=wrong))
    found = await namespace.wait("TrainingJob", "pets", has_reason("Rejected", "Stalled"))
    assert "value must be empty when" in condition(found, "Ready")["message"]
    await namespace.merge("TrainingJob", "pets", {"spec": {"podTemplate": None}})
    await namespace.wait("TrainingJob", "pets", is_ready)


async def test_a_failed_trial_is_not_a_failed_job(leader: Operator, play: Play, namespace: Namespace) -> None:
    endings = {
        0: failure(ExitCode.BAD_DATA, "NoLabels", "no example has a label"),
        1: Ending(code=137, reason="OOMKilled"),
    }

    def end(order: object) -> Ending | None:
        width = order.configuration.parameters["width"] if isinstance(order, TrainOrder) else None
        return endings[int(width)] if width in endings else succeed(order)

    play.by_namespace[namespace.name] = end
    await namespace.create(dataset())
    await namespace.create(training_job())
    found = await namespace.wait("TrainingJob", "pets", is_ready)
    trials = {trial["name"]: trial for trial in found["status"]["trials"]}
    assert [trial["state"] for trial in trials.values()] == ["Failed", "Failed", *["Succeeded"] * 3]
    assert trials["t1"]["failure"] == "BadData"
    assert "no example has a label" in trials["t1"]["message"]
    assert trials["t2"]["failure"] == "OutOfMemory"


async def test_a_job_fails_when_all_its_trials_do_and_heals_with_its_spec(
    leader: Operator, play: Play, namespace: Namespace
) -> None:
    def end(order: object) -> Ending | None:
        bad = failure(ExitCode.BAD_DATA, "NoLabels", "no example has a label")
        return bad if isinstance(order, TrainOrder) else succeed(order)

    play.by_namespace[namespace.name] = end
    await namespace.create(dataset())
    await namespace.create(training_job(search={"trials": 2}))
    found = await namespace.wait("TrainingJob", "pets", has_reason("AllTrialsFailed", "Stalled"))
    assert condition(found, "Ready")["status"] == "False"
    assert "no example has a label" in condition(found, "Ready")["message"]
    play.by_namespace[namespace.name] = succeed
    await namespace.merge("TrainingJob", "pets", {"spec": {"resources": {"memory": "4Gi"}}})
    mended = await namespace.wait("TrainingJob", "pets", is_ready)
    assert mended["status"]["run"]["number"] == 2


async def limit(namespace: Namespace, hard: dict[str, str]) -> None:
    """Set a quota and wait until it is in force."""
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "full"}, "spec": {"hard": hard}}
    await namespace.create(quota)
    await namespace.wait("ResourceQuota", "full", lambda found: found.get("status", {}).get("hard"))
