"""The children as the API server gets them: golden YAML, Pod Security `restricted`, names, orders.

`make golden` writes tests/data/kubernetes anew; the difference is read in review.
"""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from noria.api import Dataset, TrainingJob
from noria.api.kind import Metadata
from noria.api.model import ServerType, VersionStatus
from noria.api.notification import NotificationStatus, NotifySpec
from noria.api.pod_template import is_reserved
from noria.api.promotion import CandidateStatus, WatchStatus
from noria.api.run import RunStatus
from noria.api.training_job import TrialState, TrialStatus
from noria.contract import (
    ORDER,
    ORDER_VARIABLE,
    Artifact,
    ChooseOrder,
    ConcludeOrder,
    Configuration,
    Home,
    Metric,
    NotificationType,
    NotifyOrder,
    ProfileOrder,
    PullOrder,
    Task,
    TrainOrder,
    WatchOrder,
    replaced,
)
from noria.contract.place import run_of
from noria.resources.autoscaler import autoscaler
from noria.resources.choose_job import choose_job, choose_order
from noria.resources.conclude_job import conclude_job, conclude_order
from noria.resources.deployment import deployment
from noria.resources.disruption_budget import disruption_budget
from noria.resources.manifest import digest, manifest
from noria.resources.name import child_name
from noria.resources.notify_job import notify_job
from noria.resources.presence_job import presence_job
from noria.resources.profile_job import profile_job, profile_order
from noria.resources.prove_job import prove_job, prove_order, proven_version
from noria.resources.service import pods_service, service
from noria.resources.train_job import train_job
from noria.resources.watch_job import watch_job
from unit.operator.world import DIGEST, NOW, SETTINGS, dataset, make, model, text, training_job

GOLDEN = Path(__file__).parents[2] / "data/kubernetes"
RUN = RunStatus(
    number=1,
    generation=1,
    spec_hash="0",
    task=Task.IMAGE_CLASSIFICATION,
    revision="rev1",
    trainer_image="noria/trainer:1",
    started_at=text(NOW),
)
TRIALS = (
    TrialStatus(
        name="t1",
        configuration=Configuration(family="image-cnn", parameters={"width": 16}),
        state=TrialState.SUCCEEDED,
        score=0.8,
    ),
    TrialStatus(
        name="t2",
        configuration=Configuration(family="image-cnn", parameters={"width": 64}),
        state=TrialState.FAILED,
        failure="OutOfMemory",
    ),
)
VERSION = VersionStatus(version=3, artifact=Artifact(uri="s3://noria/best.tar", digest=DIGEST))
WATCH = WatchStatus(version=3, before=2, promoted_at=text(NOW), since=text(NOW))
NOTIFY = NotifySpec.model_validate({"url": "https://example.org/$HOME", "secretRef": {"name": "hook"}})
NOTIFICATION = NotificationStatus(
    id="0" * 32, type=NotificationType.REFUSED, reason="Refused", message="too few", at=text(NOW)
)
TEMPLATE = {
    "metadata": {
        "labels": {"team": "vision", "noria.dev/run": "9", "kueue.x-k8s.io/queue-name": "vip", "job-name": "mine"},
        "annotations": {"cost": "42", "container.apparmor.security.beta.kubernetes.io/train": "unconfined"},
    },
    "nodeSelector": {"gpu": "a100"},
    "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}]
            }
        }
    },
    "priorityClassName": "low",
    "runtimeClassName": "nvidia",
    "serviceAccountName": "trainer",
    "imagePullSecrets": [{"name": "registry"}],
}


def private() -> Dataset:
    """A Dataset whose source has credentials of its own."""
    return dataset(source={"uri": "s3://theirs/clothes/", "secretRef": {"name": "their-key"}})


def demanding() -> TrainingJob:
    """A TrainingJob with GPUs, a queue and a podTemplate."""
    resources = {"gpus": 2, "cpu": "4", "memory": "16Gi"}
    return training_job(resources=resources, queueName="gpus", podTemplate=TEMPLATE)


def proof() -> Any:
    """The Job that compares version 3 with 2."""
    facts = {"dataset": "clothes", "revision": "rev1", "task": Task.IMAGE_CLASSIFICATION, "metric": Metric.ACCURACY}
    versions = (VERSION.model_copy(update={"version": number, **facts}) for number in (3, 2))
    candidate, served = (proven_version(model(), each, SETTINGS) for each in versions)
    assert candidate
    assert served
    order = prove_order(model(), candidate=candidate, served=served, anchor=None, settings=SETTINGS)
    pending = CandidateStatus(version=3, since=text(NOW), reason="Proving")
    return prove_job(model(), pending, order, SETTINGS)


CHILDREN: dict[str, Any] = {
    "profile-job": lambda: profile_job(private(), 2, SETTINGS),
    "choose-job": lambda: choose_job(training_job(), RUN, SETTINGS),
    "train-job": lambda: train_job(training_job(), RUN, TRIALS[0], SETTINGS),
    "train-job-with-everything": lambda: train_job(demanding(), RUN, TRIALS[0], SETTINGS),
    "conclude-job": lambda: conclude_job(training_job(), RUN, TRIALS, SETTINGS),
    "prove-job": lambda: proof(),
    "deployment-tensorflow-serving": lambda: deployment(model(server={"gpus": 1}), VERSION, SETTINGS),
    "deployment-noria": lambda: deployment(model(server={"type": "Noria"}), VERSION, SETTINGS),
    "watch-job": lambda: watch_job(model(), WATCH, SETTINGS),
    "notify-job": lambda: notify_job(dataset(), NOTIFICATION, NOTIFY, SETTINGS),
    "service": lambda: service(model()),
    "pods-service": lambda: pods_service(model()),
    "autoscaler": lambda: autoscaler(model(scaling={"minReplicas": 2, "maxReplicas": 5, "targetCPU": 60})),
    "disruption-budget": lambda: disruption_budget(model()),
}
OF_NO_OBJECT: dict[str, Any] = {
    "presence-job": lambda: presence_job("shop", "0", ("s3://noria/runs/shop/clothes/model.tar",), SETTINGS),
}
MADE = {**CHILDREN, **OF_NO_OBJECT}
PODS = [name for name in MADE if "job" in name or "deployment" in name]


def body(name: str) -> dict[str, Any]:
    """A child as it goes to the API server."""
    return manifest(MADE[name]())


@pytest.mark.parametrize("name", MADE)
def test_children_are_as_reviewed(name: str) -> None:
    found = yaml.safe_dump(body(name), sort_keys=True, width=120)
    path = GOLDEN / f"{name}.yaml"
    if os.environ.get("GOLDEN"):
        path.write_text(found)
    assert found == path.read_text(), f"{path.name} differs: read the difference, then `make golden`"


@pytest.mark.parametrize("name", PODS)
def test_every_pod_is_restricted(name: str) -> None:
    spec = body(name)["spec"]["template"]["spec"]
    assert spec["automountServiceAccountToken"] is spec["enableServiceLinks"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 10001
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    for container in (*spec.get("initContainers", ()), *spec["containers"]):
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert context["readOnlyRootFilesystem"] is True
        assert container["resources"]["requests"]["memory"] == container["resources"]["limits"]["memory"]
    assert all({"emptyDir", "downwardAPI"} & set(volume) for volume in spec["volumes"])


@pytest.mark.parametrize("name", PODS)
def test_every_pods_use_of_disk_is_bounded(name: str) -> None:
    spec = body(name)["spec"]["template"]["spec"]
    for container in (*spec.get("initContainers", ()), *spec["containers"]):
        limits, requests = (container["resources"][kind]["ephemeral-storage"] for kind in ("limits", "requests"))
        assert (limits, requests) == ("20Gi", "256Mi")
    sizes = [volume["emptyDir"]["sizeLimit"] for volume in spec["volumes"] if "emptyDir" in volume]
    assert set(sizes) == {"20Gi"}


@pytest.mark.parametrize(
    ("job", "seconds"),
    [
        pytest.param(profile_job(dataset(), 1, SETTINGS), 21600, id="profile"),
        pytest.param(choose_job(training_job(), RUN, SETTINGS), 21600, id="choose"),
        pytest.param(conclude_job(training_job(), RUN, TRIALS, SETTINGS), 21600, id="conclude"),
        pytest.param(train_job(training_job(maxDuration="1h30m"), RUN, TRIALS[0], SETTINGS), 5400, id="a trial"),
        pytest.param(train_job(training_job(), RUN, TRIALS[0], SETTINGS), None, id="a trial without maxDuration"),
        pytest.param(watch_job(model(), WATCH, SETTINGS), 3300, id="a watch of half an hour"),
        pytest.param(notify_job(dataset(), NOTIFICATION, NOTIFY, SETTINGS), 300, id="a notification"),
    ],
)
def test_how_long_a_pod_may_run(job: Any, seconds: int | None) -> None:
    assert manifest(job)["spec"]["template"]["spec"].get("activeDeadlineSeconds") == seconds


def test_a_profile_knows_the_revision_before_it() -> None:
    first = dataset()
    assert profile_order(first, 1, SETTINGS).previous is None
    known = replaced(first, status=replaced(first.status, revision="rev1"))
    order = profile_order(known, 2, SETTINGS)
    assert order.previous == f"{order.destination}rev1/"


def test_an_object_may_need_more_disk_or_less() -> None:
    job = train_job(training_job(resources={"ephemeralStorage": "50Gi"}), RUN, TRIALS[0], SETTINGS)
    small = deployment(model(server={"resources": {"ephemeralStorage": "100Mi"}}), VERSION, SETTINGS)
    for child, limit, request in ((job, "50Gi", "256Mi"), (small, "100Mi", "100Mi")):
        spec = manifest(child)["spec"]["template"]["spec"]
        assert {volume["emptyDir"]["sizeLimit"] for volume in spec["volumes"] if "emptyDir" in volume} == {limit}
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            assert container["resources"]["limits"]["ephemeral-storage"] == limit
            assert container["resources"]["requests"]["ephemeral-storage"] == request


@pytest.mark.parametrize("name", CHILDREN)
def test_every_child_has_our_label_and_goes_with_its_owner(name: str) -> None:
    metadata = body(name)["metadata"]
    assert metadata["labels"]["app.kubernetes.io/managed-by"] == "noria"
    (owner,) = metadata["ownerReferences"]
    assert owner["controller"] is owner["blockOwnerDeletion"] is True
    assert (owner["apiVersion"], owner["name"], owner["uid"]) == ("noria.dev/v1alpha1", "clothes", "uid-clothes")


def test_what_is_ours_stands_over_the_users_template() -> None:
    job = body("train-job-with-everything")
    labels = job["spec"]["template"]["metadata"]["labels"]
    assert (labels["team"], labels["noria.dev/run"]) == ("vision", "1")
    assert job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "gpus"
    assert not {"kueue.x-k8s.io/queue-name", "job-name"} & labels.keys()
    assert job["spec"]["template"]["metadata"]["annotations"] == {"cost": "42"}
    assert job["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "2"


@pytest.mark.parametrize("type", ["Noria", "TensorFlowServing"])
def test_a_models_server_writes_no_profiles(type: str) -> None:
    pod = manifest(deployment(model(server={"type": type}), VERSION, SETTINGS))["spec"]["template"]["spec"]
    (server,) = pod["containers"]
    assert "--enable_profiler=false" in server["command"]


@pytest.mark.parametrize("type", ServerType)
def test_a_model_that_names_no_server_has_that_of_the_installation(type: ServerType) -> None:
    settings = replace(SETTINGS, default_server_type=type)
    assert deployment(model(), VERSION, settings) == deployment(model(server={"type": type}), VERSION, SETTINGS)
    (other,) = set(ServerType) - {type}
    named = model(server={"type": other})
    assert deployment(named, VERSION, settings) == deployment(named, VERSION, SETTINGS)


@pytest.mark.parametrize("type", ServerType)
def test_a_foreign_server_gets_no_keys_and_the_puller_is_ours(type: ServerType) -> None:
    theirs = model(server={"type": type, "image": "example.org/theirs:1"})
    spec = manifest(deployment(theirs, VERSION, SETTINGS))["spec"]["template"]["spec"]
    (puller,), (server,) = spec["initContainers"], spec["containers"]
    assert (puller["image"], server["image"]) == (SETTINGS.server_image, "example.org/theirs:1")
    assert server["env"] == [{"name": "HOME", "value": "/tmp"}]
    assert "envFrom" not in server
    shared = {mount["name"] for mount in puller["volumeMounts"]} & {mount["name"] for mount in server["volumeMounts"]}
    assert shared == {"models"}
    assert [mount["readOnly"] for mount in server["volumeMounts"] if mount["name"] == "models"] == [True]
    assert all({"emptyDir", "downwardAPI"} & volume.keys() for volume in spec["volumes"])


@pytest.mark.parametrize(
    ("key", "reserved"),
    [
        ("noria.dev/run", True),
        ("kueue.x-k8s.io/queue-name", True),
        ("jobset.sigs.k8s.io/jobset-name", True),
        ("batch.kubernetes.io/job-name", True),
        ("controller-uid", True),
        ("app.kubernetes.io/managed-by", True),
        ("container.apparmor.security.beta.kubernetes.io/train", True),
        ("io.kubernetes.cri-o.userns-mode", True),
        ("app.kubernetes.io/part-of", False),
        ("cluster-autoscaler.kubernetes.io/safe-to-evict", False),
        ("prometheus.io/scrape", False),
        ("team", False),
        ("example.org/kubernetes.io", False),
    ],
)
def test_keys_by_which_others_know_a_pod_are_reserved(key: str, reserved: bool) -> None:
    assert is_reserved(key) is reserved


def test_only_trials_wait_in_the_queue() -> None:
    choose = manifest(choose_job(demanding(), RUN, SETTINGS))
    assert "kueue.x-k8s.io/queue-name" not in choose["metadata"]["labels"]
    assert choose["spec"]["template"]["spec"]["nodeSelector"] == {"gpu": "a100"}


def environment(name: str, container: str = "containers") -> dict[str, Any]:
    """The variables of a child's container."""
    (found,) = body(name)["spec"]["template"]["spec"][container]
    return {variable["name"]: variable for variable in found["env"]}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("profile-job", ProfileOrder, id="profile"),
        pytest.param("choose-job", ChooseOrder, id="choose"),
        pytest.param("train-job", TrainOrder, id="train"),
        pytest.param("conclude-job", ConcludeOrder, id="conclude"),
        pytest.param("watch-job", WatchOrder, id="watch"),
        pytest.param("notify-job", NotifyOrder, id="notify"),
    ],
)
def test_a_step_can_read_its_order(name: str, kind: type) -> None:
    order = ORDER.validate_json(environment(name)[ORDER_VARIABLE]["value"])
    assert isinstance(order, kind)
    assert order.report.startswith("s3://noria/")
    assert order.report.endswith(".json")


def test_pods_that_read_what_users_name_know_their_namespace_and_the_allowed_networks() -> None:
    allowed = replace(SETTINGS, source_networks=("10.20.0.0/16", "fd00::/8"))
    pods = (
        manifest(profile_job(dataset(), 1, allowed))["spec"]["template"]["spec"]["containers"],
        manifest(deployment(model(), VERSION, allowed))["spec"]["template"]["spec"]["initContainers"],
    )
    for (container,) in pods:
        found = {each["name"]: each.get("value") for each in container["env"]}
        assert found["NORIA_SOURCE_NETWORKS"] == "10.20.0.0/16,fd00::/8"
        assert '"home":{"bucket":"noria","namespace":"shop"}' in found[ORDER_VARIABLE]


def test_dollars_reach_the_step_as_they_are() -> None:
    (container,) = manifest(profile_job(dataset(target="a$$b$(HOME)"), 1, SETTINGS))["spec"]["template"]["spec"][
        "containers"
    ]
    assert '"target":"a$$$$b$$(HOME)"' in container["env"][0]["value"]


def test_the_conclusion_is_told_of_every_trial() -> None:
    order = ORDER.validate_json(environment("conclude-job")[ORDER_VARIABLE]["value"])
    assert isinstance(order, ConcludeOrder)
    assert [(trial.name, trial.score, trial.failure) for trial in order.trials] == [
        ("t1", 0.8, None),
        ("t2", None, "OutOfMemory"),
    ]
    train = ORDER.validate_json(environment("train-job")[ORDER_VARIABLE]["value"])
    assert order.trials[0].report == train.report


def test_the_puller_can_read_its_order() -> None:
    value = environment("deployment-noria", "initContainers")[ORDER_VARIABLE]["value"]
    assert PullOrder.model_validate_json(value) == PullOrder(
        artifact=VERSION.artifact, model="clothes", version=3, home=Home(bucket="noria", namespace="shop")
    )


@pytest.mark.parametrize(
    ("server", "puller", "image"),
    [
        pytest.param({"type": "Noria"}, "noria/server:1", "noria/server:1", id="Noria"),
        pytest.param({"type": "Noria", "image": "mine"}, "noria/server:1", "mine", id="another image of it"),
        pytest.param({}, "noria/server:1", "tensorflow/serving:2", id="TensorFlow Serving"),
        pytest.param({"image": "theirs"}, "noria/server:1", "theirs", id="another image of that"),
    ],
)
def test_images_of_a_model(server: dict[str, Any], puller: str, image: str) -> None:
    spec = manifest(deployment(model(server=server), VERSION, SETTINGS))["spec"]["template"]["spec"]
    assert (spec["initContainers"][0]["image"], spec["containers"][0]["image"]) == (puller, image)


@pytest.mark.parametrize(
    ("holdout", "ordered"),
    [
        pytest.param({}, {"holdoutFraction": 0.2}, id="the usual share"),
        pytest.param({"fraction": 0.3}, {"holdoutFraction": 0.3}, id="another share"),
        pytest.param({"column": "part"}, {"holdoutFraction": 0.2, "holdoutColumn": "part"}, id="a column"),
        pytest.param(
            {"uri": "s3://b/t/"}, {"holdoutFraction": 0.2, "holdoutUri": "s3://b/t/"}, id="a source of its own"
        ),
    ],
)
def test_the_profile_is_told_what_to_hold_out(holdout: dict[str, Any], ordered: dict[str, Any]) -> None:
    order = json.loads(profile_order(dataset(holdout=holdout), 1, SETTINGS).to_json())
    assert {name: value for name, value in order.items() if name.startswith("holdout")} == ordered


def test_credentials_are_references_and_the_sources_must_exist() -> None:
    found = environment("profile-job")
    ours, theirs = (found[prefix + "AWS_ACCESS_KEY_ID"]["valueFrom"]["secretKeyRef"] for prefix in ("", "SOURCE_"))
    assert ours == {"name": "noria-object-store", "key": "AWS_ACCESS_KEY_ID", "optional": True}
    assert theirs == {"name": "their-key", "key": "AWS_ACCESS_KEY_ID"}


def test_two_looks_share_neither_name_nor_report() -> None:
    first, second = (manifest(profile_job(dataset(), number, SETTINGS)) for number in (1, 2))
    assert first["metadata"]["name"] != second["metadata"]["name"]


def test_names_fit_and_a_namesake_has_others() -> None:
    metadata = Metadata(name="x" * 40, namespace="shop", uid="one")
    name = child_name(metadata, "r1234567890-conclude-123")
    assert len(name) <= 63
    assert name == child_name(metadata, "r1234567890-conclude-123")
    assert name != child_name(metadata.model_copy(update={"uid": "two"}), "r1234567890-conclude-123")


def test_a_digest_is_of_the_content() -> None:
    assert digest(service(model())) == digest(service(model()))
    assert digest(service(model())) != digest(service(make(type(model()), "other", {"source": {}})))


@pytest.mark.parametrize(
    ("spec", "each"),
    [
        pytest.param({}, None, id="no maxDuration"),
        pytest.param({"maxDuration": "10m"}, 600, id="five at once"),
        pytest.param({"maxDuration": "10m", "parallelism": 2}, 200, id="three turns"),
        pytest.param({"maxDuration": "10m", "parallelism": 1, "search": {"trials": 10}}, 60, id="one by one"),
    ],
)
def test_the_choice_knows_how_long_a_trial_may_take(spec: dict[str, Any], each: float | None) -> None:
    assert choose_order(training_job(**spec), RUN, SETTINGS).trial_seconds == each


@pytest.mark.parametrize(
    ("sharing", "place"),
    [("Shared", "s3://noria/experience/"), ("Own", "s3://noria/datasets/shop/clothes/experience/")],
)
def test_results_are_kept_where_the_dataset_says_and_all_that_it_may_know_is_learned_from(
    sharing: str, place: str
) -> None:
    run = RunStatus.model_validate(RUN.model_dump() | {"share_experience": sharing})
    concluding = conclude_order(training_job(), run, TRIALS, SETTINGS)
    choosing = choose_order(training_job(), run, SETTINGS)
    assert concluding.experience == place
    assert choosing.experience == "s3://noria/experience/"
    assert choosing.own_experience == "s3://noria/datasets/shop/clothes/experience/"


def test_the_card_is_told_which_run_it_is_of_and_why_each_trial_was_chosen() -> None:
    trials = (replaced(TRIALS[0], reason="best on 3 similar datasets"), *TRIALS[1:])
    order = conclude_order(training_job(), RUN, trials, SETTINGS)
    assert [trial.why for trial in order.trials] == [trial.reason or None for trial in trials]
    assert order.trials[0].why == "best on 3 similar datasets"
    assert run_of(order.destination) == f"shop/clothes/{training_job().metadata.uid}/{RUN.number}"
    assert run_of("/home/me/out/runs/1a2b/best/") is None
