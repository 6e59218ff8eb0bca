"""What is done for a Model: versions, children, and the rows of `rolling_out`'s table."""

from dataclasses import replace
from typing import Any

import pytest

from noria.api import TrainingJob
from noria.api.condition import find_condition
from noria.api.model import ModelStatus
from noria.contract import FailureReport, termination_message
from noria.decision import Decision
from noria.decisions.seen import SeenPod
from noria.resources.manifest import manifest
from unit.operator.serving import ALWAYS, WRONG, after, applied, best, decide, ended, later, pod, rollout, serving
from unit.operator.world import DIGEST, NOW, model, training_job


def said(decision: Decision[ModelStatus], type: str) -> tuple[str, str, str]:
    """Status, reason and message of a condition."""
    found = find_condition(decision.status.conditions, type)
    assert found, f"there is no condition {type}"
    return found.status, found.reason, found.message


def abnormal(decision: Decision[ModelStatus]) -> set[str]:
    """The conditions that exist only while something is under way or wrong."""
    return {"Reconciling", "Stalled"} & {condition.type for condition in decision.status.conditions}


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        pytest.param(None, "TrainingJobNotFound", id="no TrainingJob"),
        pytest.param(training_job(), "TrainingJobNotReady", id="no result yet"),
    ],
)
def test_without_a_source_it_waits(job: TrainingJob | None, reason: str) -> None:
    decision = decide(model(), training_job=job)
    assert said(decision, "Ready")[:2] == ("False", reason)
    assert said(decision, "Reconciling")[:2] == ("True", reason)
    assert said(decision, "Loaded")[0] == "False"
    assert decision.apply == ()


def test_a_source_that_cannot_be_read_is_waited_for_and_its_last_version_stays() -> None:
    wrong = "spec.search.trials: wrong"
    decision = decide(model(), training_job_problem=wrong)
    assert said(decision, "Ready") == ("False", "TrainingJobNotReady", f"TrainingJob clothes is not ready: {wrong}")
    first = decide(model(), training_job=best())
    second = decide(after(model(), first), training_job_problem=wrong, **applied(first))
    assert second.status.versions == first.status.versions


def test_a_success_becomes_the_first_version() -> None:
    decision = decide(model(), training_job=best())
    (version,) = decision.status.versions
    assert (version.version, version.artifact.uri, version.score) == (1, "s3://noria/1.tar", 0.8)
    assert version.origin == "TrainingJob clothes, run 1, trial t2"
    assert decision.status.url == "http://clothes.shop.svc.cluster.local:8501/v1/models/clothes"
    kinds = [child.kind for child in decision.apply]
    assert kinds == ["Service", "Service", "Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget"]
    assert said(decision, "Ready")[:2] == ("False", "Loading")


def test_what_is_applied_is_not_applied_again() -> None:
    first = decide(model(promotion=ALWAYS), training_job=best())
    found, seen = after(model(promotion=ALWAYS), first), applied(first)
    assert decide(found, training_job=best(), **seen).apply == ()
    larger = found.model_copy(update={"spec": model(promotion=ALWAYS, scaling={"maxReplicas": 9}).spec})
    assert [child.kind for child in decide(larger, training_job=best(), **seen).apply] == ["HorizontalPodAutoscaler"]
    other = decide(found, training_job=best(2), **seen)
    assert [child.kind for child in other.apply] == ["Deployment"]
    without = {**seen, "children": seen["children"][1:]}
    assert [child.kind for child in decide(found, training_job=best(), **without).apply] == ["Service"]


@pytest.mark.parametrize(
    ("scaling", "most"),
    [({}, 3), ({"minReplicas": 5}, 5), ({"minReplicas": 2}, 3), ({"minReplicas": 2, "maxReplicas": 2}, 2)],
)
def test_replicas_have_a_maximum_that_the_minimum_raises(scaling: dict[str, int], most: int) -> None:
    (scaler,) = [
        manifest(child)
        for child in decide(model(scaling=scaling), training_job=best()).apply
        if child.kind == "HorizontalPodAutoscaler"
    ]
    assert scaler["spec"]["maxReplicas"] == most


def test_the_deployment_never_carries_replicas() -> None:
    for child in decide(model(scaling={"minReplicas": 2, "maxReplicas": 2}), training_job=best()).apply:
        assert "replicas" not in manifest(child)["spec"]


AWAY = ended("puller", 69, termination_message(FailureReport(reason="NoSuchHost", message="minio")))
CRASHING = ended("server", 1, "Failed to load")
HUNGRY = ended("server", 137, reason="OOMKilled")
KILLED = ended("server", 137, reason="Error")
FULL = ended("", -1, 'Usage of EmptyDir volume "models" exceeds the limit "20Gi". ', reason="Evicted")


@pytest.mark.parametrize(
    ("seen", "ready", "also", "words"),
    [
        pytest.param({}, ("False", "Loading"), "Reconciling", "being loaded", id="no pod yet"),
        pytest.param(
            {"pods": (pod(1, message="ErrImagePull: no such image"),)},
            ("False", "WaitingForPod"),
            "Reconciling",
            "ErrImagePull: no such image",
            id="its image cannot be pulled",
        ),
        pytest.param(
            {"deployment": rollout(1, message='pods "x" is forbidden: violates PodSecurity')},
            ("False", "WaitingForPod"),
            "Reconciling",
            "violates PodSecurity",
            id="its pods are forbidden",
        ),
        pytest.param(
            {"pods": (pod(1, exit=WRONG),)},
            ("False", "LoadFailed"),
            "Stalled",
            "DigestMismatch: expected a, found b",
            id="the puller refuses the artifact",
        ),
        pytest.param(
            {"pods": (pod(1, exit=AWAY),)},
            ("False", "WaitingForPod"),
            "Reconciling",
            "retrying after: NoSuchHost: minio",
            id="the store is away",
        ),
        pytest.param(
            {"pods": (pod(1, exit=CRASHING, restarts=1),)}, ("False", "Loading"), "Reconciling", "", id="one crash"
        ),
        pytest.param(
            {"pods": (pod(1, exit=CRASHING, restarts=2),)},
            ("False", "LoadFailed"),
            "Stalled",
            "exit code 1: Failed to load",
            id="it crashes again and again",
        ),
        pytest.param(
            {"pods": (pod(1, exit=HUNGRY),)},
            ("False", "LoadFailed"),
            "Stalled",
            "raise spec.server.resources.memory",
            id="it runs out of memory",
        ),
        pytest.param(
            {"pods": (pod(1, phase="Failed", exit=FULL), later(pod(1)))},
            ("False", "LoadFailed"),
            "Stalled",
            'volume "models" exceeds the limit "20Gi"): raise spec.server.resources.ephemeralStorage',
            id="it runs out of disk",
        ),
        pytest.param(
            {"pods": (later(pod(1)), pod(1, phase="Failed", exit=FULL, template="less disk"))},
            ("False", "Loading"),
            "Reconciling",
            "being loaded",
            id="it ran out of disk, and may use more now",
        ),
        pytest.param(
            {"pods": (pod(1, exit=KILLED, restarts=2),)},
            ("False", "LoadFailed"),
            "Stalled",
            "killed repeatedly (exit code 137)",
            id="it is killed repeatedly",
        ),
        pytest.param(
            {"pods": (pod(1, exit=ended("puller", 137, reason="Error"), restarts=2),)},
            ("False", "WaitingForPod"),
            "Reconciling",
            "retrying after: Error",
            id="the puller is killed",
        ),
        pytest.param(
            {"deployment": rollout(1, late=True), "pods": (pod(1),)},
            ("False", "LoadFailed"),
            "Stalled",
            "not ready within 600 s",
            id="it is late",
        ),
        pytest.param(
            {"rejections": {"Deployment clothes": "spec.template: Invalid value"}},
            ("False", "LoadFailed"),
            "Stalled",
            "spec.template: Invalid value",
            id="the API server will not take it",
        ),
        pytest.param(
            {"deployment": rollout(1), "pods": (pod(1, ready=True),), "rejections": {"Service clothes": "not ours"}},
            ("False", "LoadFailed"),
            "Stalled",
            "not ours",
            id="its pods answer, and its address is somebody else's",
        ),
        pytest.param(
            {"deployment": rollout(1), "pods": (pod(1, ready=True),), "rejections": {"PodDisruptionBudget x": "no"}},
            ("True", "CandidateFailed"),
            None,
            "version 1 answers; no",
            id="it answers, and lacks a child",
        ),
        pytest.param(
            {"deployment": rollout(1), "pods": (pod(1, ready=True),)}, ("True", "Serving"), None, "", id="it answers"
        ),
    ],
)
def test_the_first_version(seen: dict[str, Any], ready: tuple[str, str], also: str | None, words: str) -> None:
    decision = decide(model(), training_job=best(), **seen)
    assert said(decision, "Ready")[:2] == ready
    assert words in said(decision, "Ready")[2]
    assert abnormal(decision) == ({also} if also else set())
    assert said(decision, "Loaded")[0] == ready[0]
    assert decision.status.served == (1 if ready[0] == "True" else None)


@pytest.mark.parametrize(
    ("seen", "reason", "served", "words"),
    [
        pytest.param(
            {"deployment": rollout(1), "pods": (pod(1, ready=True),)}, "RollingOut", 1, "", id="not applied yet"
        ),
        pytest.param(
            {"deployment": rollout(2, generation=2, observed_generation=1), "pods": (pod(1, ready=True),)},
            "RollingOut",
            1,
            "",
            id="not observed yet",
        ),
        pytest.param(
            {"deployment": rollout(2, replicas=2), "pods": (pod(1, ready=True), pod(2, message="Insufficient cpu"))},
            "RollingOut",
            1,
            "but is waiting: Insufficient cpu",
            id="the candidate waits",
        ),
        pytest.param(
            {"deployment": rollout(2, replicas=2), "pods": (pod(1, ready=True), pod(2, exit=WRONG))},
            "CandidateFailed",
            1,
            "version 2 cannot be loaded: DigestMismatch",
            id="the candidate cannot be loaded",
        ),
        pytest.param(
            {"deployment": rollout(2, replicas=2), "pods": (pod(1, ready=True), pod(2, ready=True))},
            "RollingOut",
            1,
            "",
            id="both answer",
        ),
        pytest.param(
            {"deployment": rollout(2), "pods": (pod(1, ready=True, deleting=True), pod(2, ready=True))},
            "Serving",
            2,
            "version 2 answers",
            id="the candidate has replaced it",
        ),
        pytest.param(
            {"deployment": rollout(2, replicas=3, updated=3), "pods": (pod(2, ready=True), pod(2))},
            "Serving",
            2,
            "",
            id="replicas are added",
        ),
    ],
)
def test_a_candidate_never_disturbs_what_is_served(seen: dict[str, Any], reason: str, served: int, words: str) -> None:
    decision = decide(serving(), training_job=best(2), **seen)
    assert said(decision, "Ready")[:2] == ("True", reason)
    assert words in said(decision, "Ready")[2]
    assert abnormal(decision) == set()
    assert decision.status.served == served
    assert [version.version for version in decision.status.versions] == [1, 2]


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(None, id="deleted"),
        pytest.param(training_job(), id="made again, and not ready"),
        pytest.param(best(), id="at work on another run"),
    ],
)
def test_the_served_version_stays_when_its_job_goes(job: TrainingJob | None) -> None:
    found = serving()
    decision = decide(found, training_job=job, deployment=rollout(1), pods=(pod(1, ready=True),))
    assert decision.status == found.status


FOREIGN = {"artifact": {"uri": "s3://noria/runs/other/job/uid/1/best/model.tar", "digest": DIGEST}}


def test_an_artifact_of_another_namespace_is_refused_at_once() -> None:
    decision = decide(model(source=FOREIGN))
    assert said(decision, "Ready")[:2] == ("False", "ArtifactRefused")
    assert "is outside of namespace shop" in said(decision, "Stalled")[2]
    assert said(decision, "Loaded")[:2] == ("False", "ArtifactRefused")
    assert (decision.apply, decision.status.versions) == ((), ())
    assert [event.reason for event in decision.events] == ["ArtifactRefused"]


def test_what_is_served_stays_when_the_next_artifact_is_anothers() -> None:
    found = serving()
    other = found.model_copy(update={"spec": model(source=FOREIGN).spec})
    decision = decide(other, deployment=rollout(1), pods=(pod(1, ready=True),))
    assert said(decision, "Ready")[:2] == ("True", "CandidateFailed")
    assert "version 1 answers; the artifact is refused: s3://noria/runs/other" in said(decision, "Ready")[2]
    assert decision.status.versions == found.status.versions


def test_versions_are_never_reused_and_the_last_ten_are_kept() -> None:
    found = serving(12)
    assert [version.version for version in found.status.versions] == list(range(3, 13))
    artifact = {"uri": "s3://noria/5.tar", "digest": DIGEST}
    other = found.model_copy(update={"spec": model(source={"artifact": artifact}).spec})
    version = decide(other).status.versions[-1]
    assert (version.version, version.artifact.uri, version.origin) == (13, "s3://noria/5.tar", None)


def test_a_candidate_that_failed_is_marked_until_it_loads() -> None:
    pods = (pod(1, ready=True), pod(2, exit=WRONG))
    decision = decide(serving(), training_job=best(2), deployment=rollout(2, replicas=2), pods=pods)
    assert "DigestMismatch" in (decision.status.versions[-1].message or "")
    assert [event.reason for event in decision.events] == ["Promoted", "CandidateFailed"]
    found = after(serving(), decision)
    healed = decide(found, training_job=best(2), deployment=rollout(2), pods=(pod(2, ready=True),))
    assert healed.status.versions[-1].message is None


def test_all_pods_lost_is_not_ready() -> None:
    decision = decide(serving(), training_job=best(), deployment=rollout(1), pods=(pod(1),))
    assert said(decision, "Ready")[:2] == ("False", "Loading")
    assert (decision.status.served, decision.status.replicas) == (None, 0)


def test_a_deleted_model_is_left_to_garbage_collection() -> None:
    found = serving()
    metadata = found.metadata.model_copy(update={"deletion_timestamp": NOW})
    decision = decide(found.model_copy(update={"metadata": metadata}), training_job=best(2))
    assert (decision.status, decision.apply) == (found.status, ())


def test_an_eviction_is_history_once_another_pod_answers() -> None:
    found = serving()
    pods = (pod(1, phase="Failed", exit=FULL), later(pod(1, ready=True)))
    decision = decide(found, training_job=best(), deployment=rollout(1), pods=pods)
    assert find_condition(decision.status.conditions, "Ready").reason == "Serving"  # type: ignore[union-attr]  # it is set
    assert decision.status.versions[-1].message is None


@pytest.mark.parametrize(
    ("failed", "is_late"),
    [
        pytest.param(pod(1, phase="Failed", exit=FULL), False, id="out of disk"),
        pytest.param(pod(1, exit=HUNGRY), False, id="out of memory"),
        pytest.param(pod(1), True, id="late"),
    ],
)
def test_a_failure_is_history_once_the_spec_has_changed(failed: SeenPod, is_late: bool) -> None:
    found, larger = (
        model(server={"resources": {"ephemeralStorage": disk, "memory": memory}})
        for disk, memory in (("1Gi", "1Gi"), ("2Gi", "2Gi"))
    )
    before = applied(decide(found, training_job=best()))
    before["deployment"] = replace(before["deployment"], late=is_late)
    pods = (replace(failed, template=before["deployment"].template),)
    assert said(decide(found, training_job=best(), pods=pods, **before), "Ready")[:2] == ("False", "LoadFailed")
    changed = decide(larger, training_job=best(), pods=pods, **before)
    assert said(changed, "Ready")[:2] == ("False", "Loading")
    after_it = applied(changed)
    after_it["deployment"] = replace(after_it["deployment"], generation=2, observed_generation=1, late=is_late)
    assert said(decide(larger, training_job=best(), pods=pods, **after_it), "Ready")[:2] == ("False", "Loading")
