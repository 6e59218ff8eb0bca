"""A Model's Jobs belong to it, and their pods are none of those that serve."""

from typing import Any

from noria.contract import Artifact, Metric, Policy, ProvenVersion, ProveOrder, Task
from noria.controllers import child
from noria.decisions.read import read_job
from noria.resources.deployment import deployment, selector
from noria.resources.disruption_budget import disruption_budget
from noria.resources.labels import owner_of
from noria.resources.manifest import manifest
from noria.resources.model_job import model_job, place_of
from noria.resources.service import service
from noria.resources.step_job import short_step
from noria.runtime.cache import Cache, Key, Record
from unit.operator.test_resources import VERSION
from unit.operator.world import DIGEST, NOW, SETTINGS, model, text

MODEL = Record(Key("Model", "shop", "clothes"), uid="uid-clothes", version=1)


def job() -> dict[str, Any]:
    """A Job of a Model, as it goes to the API server."""
    place = place_of(model(), 2, SETTINGS)
    artifact = Artifact(uri="s3://noria/m.tar", digest=DIGEST)
    proven = ProvenVersion(
        version=2, task=Task.IMAGE_CLASSIFICATION, metric=Metric.ACCURACY, artifact=artifact, revision="s3://noria/r/"
    )
    order = ProveOrder(
        policy=Policy.BETTER, candidate=proven, served=proven, destination=place, report=f"{place}report.json"
    )
    step = short_step(order, SETTINGS.trainer_image, SETTINGS)
    return manifest(model_job(model(), "prove-2", step, SETTINGS))


def cached(kind: str, body: dict[str, Any], owner_uid: str) -> Record:
    """The record that the watch of this kind makes of a body."""
    known = {
        "namespace": "shop",
        "uid": body["metadata"]["name"],
        "resourceVersion": "7",
        "creationTimestamp": text(NOW),
    }
    owners = [{"controller": True, "uid": owner_uid, "name": "clothes", "kind": "Model"}]
    metadata = {**body["metadata"], **known, "ownerReferences": owners}
    watched = next(each for each in child.watched_children() if each.type.kind == kind)
    record = watched.record({**body, "metadata": metadata})
    assert record is not None
    return record


def test_its_pods_are_in_no_selector_of_those_that_serve() -> None:
    labels = job()["spec"]["template"]["metadata"]["labels"]
    children = map(manifest, (service(model()), deployment(model(), VERSION, SETTINGS), disruption_budget(model())))
    selectors = [each["spec"]["selector"] for each in children]
    assert {tuple(each.get("matchLabels", each)) for each in selectors} == {tuple(selector(model()))}
    assert not selector(model()).items() <= labels.items()


def test_it_leads_to_its_model() -> None:
    assert owner_of(job()["metadata"]["labels"]) == owner_of(selector(model())) == ("Model", "clothes")


def test_the_model_sees_its_jobs_with_their_steps_and_tells_their_pods_from_those_that_serve() -> None:
    made = job()
    labels = {
        **made["spec"]["template"]["metadata"]["labels"],
        "batch.kubernetes.io/job-name": made["metadata"]["name"],
    }
    template = manifest(deployment(model(), VERSION, SETTINGS))["spec"]["template"]["metadata"]
    cache = Cache()
    cache.put(cached("Job", made, MODEL.uid))
    cache.put(cached("Pod", {"metadata": {"name": "proves", "labels": labels}}, made["metadata"]["name"]))
    cache.put(cached("Pod", {"metadata": {"name": "serves", "labels": template["labels"]}}, "replica-set"))
    assert [each.step for each in child.jobs(cache, MODEL)] == ["prove"]
    assert [each.name for each in child.job_pods(cache, MODEL)] == ["proves"]
    assert [each.name for each in child.serving_pods(cache, MODEL)] == ["serves"]


def test_a_job_from_before_steps_were_labelled_is_of_none() -> None:
    made = job()
    made["metadata"]["labels"] = {}
    assert read_job({**made, "metadata": {**made["metadata"], "uid": "u"}}).step == ""
