"""What is done for a Dataset: the rows of `decide_dataset`'s table."""

from dataclasses import replace
from typing import Any

import pytest

from noria.contract import ExitCode, FailureReport, Problem, ProfileReport, Severity
from unit.operator.world import FULL, LATE, SETTINGS, World, dataset

GOOD = ProfileReport(revision="rev1", examples=100, classes=("cat", "dog"), class_count=2, profile_uri="s3://n/p.json")


def problem(message: str = "class dog has 3 examples, 10 are needed", **further: Any) -> Problem:
    """An error."""
    return Problem(**{"reason": "TooFew", "severity": Severity.ERROR, "message": message, **further})


def looking(**spec: Any) -> World:
    """A Dataset whose first look has begun."""
    world = World(dataset(**spec))
    world.settle()
    return world


def profiled(**spec: Any) -> World:
    """A Dataset whose first look was good."""
    world = looking(**spec)
    world.ends("p1", GOOD)
    world.settle()
    return world


def with_source(**source: Any) -> dict[str, Any]:
    """A spec's source."""
    return {"source": {"uri": "s3://noria/clothes.zip", **source}}


def test_the_first_look_begins_at_once() -> None:
    world = looking()
    assert world.condition("Ready") == ("False", "Profiling", "profiling s3://noria/clothes.zip")
    assert world.condition("Reconciling")[0] == "True"
    assert world.parts == ["p1"]


def test_a_revision_makes_it_ready() -> None:
    world = profiled()
    status = world.object.status
    assert world.condition("Ready") == ("True", "Profiled", "100 examples of 2 classes")
    assert not world.has("Reconciling")
    assert (status.revision, status.examples, status.classes, status.class_count) == ("rev1", 100, ("cat", "dog"), 2)
    assert status.profile_uri == "s3://n/p.json"
    assert world.events == ["Normal Profiled"]
    assert world.status_writes == 2
    assert world.decide().requeue is None


def test_a_warning_does_not_refuse() -> None:
    world = looking()
    warning = problem("5 files cannot be read", severity=Severity.WARNING, count=5, names=("a.png", "b.png"))
    world.ends("p1", GOOD.model_copy(update={"problems": (warning,)}))
    world.settle()
    assert world.condition("Ready")[2] == "100 examples of 2 classes; 1 warning in status.problems"
    assert world.object.status.problems[0].names == ("a.png", "b.png")


@pytest.mark.parametrize(
    ("report", "code", "type", "reason", "words"),
    [
        pytest.param(
            ProfileReport(problems=(problem(names=("dog/1.png",)),)),
            0,
            "Stalled",
            "Refused",
            "class dog has 3 examples, 10 are needed (dog/1.png)",
            id="problems, and the files named",
        ),
        pytest.param(
            ProfileReport(problems=(problem(),)), 65, "Stalled", "Refused", "class dog", id="problems and bad data"
        ),
        pytest.param(
            FailureReport(reason="TargetMissing", message="there is no column label"),
            ExitCode.BAD_DATA,
            "Stalled",
            "Refused",
            "TargetMissing: there is no column label",
            id="bad data",
        ),
        pytest.param(
            FailureReport(reason="AccessDenied", message="the key is wrong"),
            ExitCode.NOT_PERMITTED,
            "Stalled",
            "SourceFailed",
            "AccessDenied: the key is wrong",
            id="wrong credentials",
        ),
        pytest.param(
            FailureReport(reason="NoSuchHost", message="no-such-host.invalid"),
            ExitCode.UNAVAILABLE,
            "Reconciling",
            "SourceFailed",
            "no-such-host.invalid",
            id="no such host",
        ),
        pytest.param("boom", 1, "Stalled", "ProfileFailed", "the profile step boom", id="a crash"),
        pytest.param("", 137, "Stalled", "ProfileFailed", "was killed (exit code 137)", id="killed"),
        pytest.param("", 0, "Stalled", "ProfileFailed", "without a valid report", id="no report"),
    ],
)
def test_a_failed_look_says_why_and_is_tried_again(report: Any, code: int, type: str, reason: str, words: str) -> None:
    world = looking()
    world.ends("p1", report, code, reason="Error")
    world.settle()
    status, said, message = world.condition(type)
    assert (status, said) == ("True", reason)
    assert words in message
    assert world.condition("Ready")[:2] == ("False", reason)
    assert world.events == [f"Warning {reason}"]
    assert world.requeue == 30
    world.after(30)
    assert world.parts == ["p2"]
    assert world.condition(type)[:2] == ("True", reason), "what was wrong is said until it is known to be mended"
    world.ends("p2", GOOD)
    world.settle()
    assert world.condition("Ready")[:2] == ("True", "Profiled")
    assert not world.has("Stalled")
    assert not world.has("Reconciling")
    assert world.object.status.refusals == 0


@pytest.mark.parametrize(
    ("end", "words"),
    [
        pytest.param(
            FULL,
            'the profile step ran out of disk and was evicted (Usage of EmptyDir volume "scratch" exceeds the limit '
            '"20Gi"): raise the operator\'s setting stepEphemeralStorage, or make the source smaller',
            id="disk",
        ),
        pytest.param(
            LATE,
            "the profile step reached its time limit: raise the operator's setting stepSeconds, or make the source "
            "smaller",
            id="time",
        ),
    ],
)
def test_a_look_that_reaches_a_limit_says_which_to_raise(end: tuple[str, str], words: str) -> None:
    world = looking()
    world.taken("p1", *end, for_good=True)
    world.settle()
    log = "; the end of its log: s3://noria/datasets/shop/clothes/profiles/uid-clothes/1-log.txt"
    assert world.condition("Stalled") == ("True", "ProfileFailed", words + log)
    assert world.events == ["Warning ProfileFailed"]


def test_looks_after_refusals_come_later_and_later() -> None:
    world = looking()
    waits = []
    for number in range(1, 8):
        world.ends(f"p{number}", ProfileReport(problems=(problem(),)))
        world.settle()
        assert world.requeue is not None
        waits.append(world.requeue)
        world.after(world.requeue)
    assert waits == [30, 60, 120, 240, 480, 600, 600]
    assert len(world.events) == 1


def test_a_poll_does_not_disturb_and_the_last_good_revision_stays() -> None:
    world = profiled(**with_source(pollInterval="1h"))
    assert world.requeue == 3600
    world.after(3599)
    assert world.parts == ["p1"]
    world.after(1)
    assert world.parts == ["p2"]
    assert world.condition("Ready")[:2] == ("True", "Profiled")
    world.ends("p2", ProfileReport(problems=(problem(),)))
    world.settle()
    assert world.condition("Stalled")[1] == "Refused"
    assert (world.object.status.revision, world.object.status.examples) == ("rev1", 100)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"target": "label"}, id="spec"),
        pytest.param({"holdout": {"uri": "s3://b/test/"}}, id="another hold-out"),
        pytest.param(with_source(secretRef={"name": "key"}), id="credentials"),
    ],
)
def test_a_change_asks_for_another_look(change: dict[str, Any]) -> None:
    world = profiled()
    world.change(**change)
    world.settle()
    assert world.condition("Ready")[:2] == ("False", "Profiling")
    assert world.parts == ["p2"]
    assert world.object.status.revision == "rev1"


@pytest.mark.parametrize("uri", ["s3://noria/datasets/other/clothes/", "s3://noria/experience", "s3://noria/"])
def test_a_source_that_is_not_the_namespaces_is_refused_at_once(uri: str) -> None:
    world = looking(**with_source(uri=uri))
    status, reason, message = world.condition("Ready")
    assert (status, reason) == ("False", "SourceRefused")
    assert message.startswith(uri.rstrip("/"))
    assert world.condition("Stalled")[1] == "SourceRefused"
    assert (world.parts, world.events) == ([], ["Warning SourceRefused"])
    world.change(**with_source())
    world.settle()
    assert world.parts == ["p1"]


def test_so_is_a_hold_out_set_of_another_namespace() -> None:
    world = looking(holdout={"uri": "s3://noria/datasets/other/clothes/"})
    assert world.condition("Stalled")[1] == "SourceRefused"
    assert world.parts == []


def test_a_source_that_becomes_anothers_ends_the_look_and_heals_with_the_old_one() -> None:
    world = profiled()
    world.change(**with_source(uri="s3://noria/runs/other/"))
    world.settle()
    assert (world.reason, world.parts, world.object.status.revision) == ("SourceRefused", [], "rev1")
    world.change(**with_source())
    world.settle()
    assert (world.reason, world.parts) == ("Profiling", ["p2"])


def test_what_may_be_a_password_is_not_repeated() -> None:
    world = looking(**with_source(uri="https://example.org/clothes.zip?signature=secret"))
    assert world.condition("Ready")[2] == "profiling https://example.org/clothes.zip?…"


def test_a_request_by_annotation_asks_for_another_look() -> None:
    world = profiled()
    annotations = {"noria.dev/requestedAt": "2026-11-22"}
    world.object = world.object.model_copy(
        update={"metadata": world.object.metadata.model_copy(update={"annotations": annotations})}
    )
    world.settle()
    assert world.parts == ["p2"]


def test_sharing_with_others_or_not_asks_for_none() -> None:
    world = profiled()
    before_there_was_sharing = "75e01f9a7c5123bb"
    assert world.object.status.profiled_spec == before_there_was_sharing
    world.change(shareExperience="Own")
    world.settle()
    assert world.parts == ["p1"]


def test_the_usual_share_held_out_asks_for_none() -> None:
    world = profiled()
    world.change(holdout={"fraction": 0.2})
    world.settle()
    assert world.parts == ["p1"]


def test_another_poll_interval_asks_for_none() -> None:
    world = profiled()
    world.change(**with_source(pollInterval="1h"))
    world.settle()
    assert world.parts == ["p1"]
    assert world.object.status.observed_generation == 2
    assert {condition.observed_generation for condition in world.object.status.conditions} == {2}
    assert world.requeue == 3600


def test_a_change_in_the_middle_of_a_look_begins_another() -> None:
    world = looking()
    world.change(target="label")
    world.settle()
    assert world.parts == ["p2"]
    assert world.deleted == [world.created[0]]


def test_a_pod_that_cannot_start_is_told_in_the_kubelets_words() -> None:
    world = looking()
    waiting = {"reason": "CreateContainerConfigError", "message": 'secret "absent" not found'}
    world.pod("p1", phase="Pending", containerStatuses=[{"name": "profile", "state": {"waiting": waiting}}])
    world.settle()
    words = 'CreateContainerConfigError: secret "absent" not found: create what is missing, or correct its name'
    assert world.condition("Ready") == ("False", "WaitingForPod", words)


def test_a_pod_that_waits_for_other_pods_to_end_is_no_warning_until_it_waits_for_more() -> None:
    world = looking()
    world.holders = "2 of TrainingJob shoes"
    words = "0/1 nodes are available: 1 Insufficient cpu."
    unschedulable = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": words}
    world.pod("p1", phase="Pending", conditions=[unschedulable])
    world.settle()
    assert (world.reason, world.events[-1:]) == ("WaitingForPod", ["Normal WaitingForPod"])
    world.holders = ""
    world.settle()
    assert (world.reason, world.events[-1:]) == ("WaitingForPod", ["Warning WaitingForPod"])


corrections = pytest.mark.parametrize(
    "correction",
    [
        pytest.param({"trainer_image": "noria/trainer:2"}, id="another image"),
        pytest.param({"image_pull_secrets": ("registry",)}, id="a secret to pull it with"),
    ],
)


@corrections
def test_an_image_that_cannot_be_pulled_heals_when_the_installation_is_corrected(correction: dict[str, Any]) -> None:
    world = looking()
    waiting = {"reason": "ImagePullBackOff", "message": "no such image"}
    world.pod("p1", phase="Pending", containerStatuses=[{"name": "profile", "state": {"waiting": waiting}}])
    world.settle()
    assert world.reason == "WaitingForPod"
    world.settings = replace(SETTINGS, **correction)
    world.settle()
    assert (world.parts, world.reason) == (["p2"], "Profiling")
    world.ends("p2", GOOD)
    world.settle()
    assert world.reason == "Profiled"


@corrections
def test_another_installation_does_not_disturb_a_look_that_works(correction: dict[str, Any]) -> None:
    world = looking()
    world.settings = replace(SETTINGS, **correction)
    world.pod("p1", phase="Running")
    world.settle()
    assert world.parts == ["p1"]


def test_a_refusal_of_the_pod_is_told_in_the_quotas_words() -> None:
    world = looking()
    world.refusals[world.created[0]] = "exceeded quota: small"
    world.settle()
    told = "exceeded quota: small: request less, or raise the quota"
    assert world.condition("Ready") == ("False", "WaitingForPod", told)


def test_a_job_that_the_api_server_will_not_take_is_stalled() -> None:
    world = World(dataset())
    world.act()
    world.jobs.clear()
    world.rejections[world.created[0]] = "metadata.name: Invalid value"
    assert world.act().requeue == 300
    assert world.condition("Stalled")[1:] == ("Rejected", "metadata.name: Invalid value")


def test_a_lost_report_is_asked_for_again_under_the_same_name() -> None:
    world = looking()
    world.ends("p1", GOOD)
    world.pods.clear()
    world.after(10)
    world.after(10)
    assert world.created == [world.created[0]] * 2
    world.ends("p1", GOOD)
    world.settle()
    assert world.reason == "Profiled"


def test_a_deleted_dataset_is_left_to_garbage_collection() -> None:
    world = looking()
    metadata = world.object.metadata.model_copy(update={"deletion_timestamp": world.now})
    world.object = world.object.model_copy(update={"metadata": metadata})
    decision = world.decide()
    assert (decision.status, decision.create, decision.delete) == (world.object.status, (), ())
