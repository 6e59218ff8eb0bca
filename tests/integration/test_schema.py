"""The CRDs on a real API server: what it takes, what it refuses and in which words, what it fills in."""

import json
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubectl import Kubectl
from kubernetes_api import ApiError, Namespace, connect
from noria.api import KINDS, Dataset, Model, Resource, TrainingJob
from noria.api.schema import definition
from operator_process import ControlPlane

ROOT = Path(__file__).resolve().parents[2]
DIGEST = "sha256:" + "0" * 64
ARTIFACT = {"uri": "s3://noria/model.tar", "digest": DIGEST}


@pytest.fixture(scope="module")
def kubectl(quiet_plane: ControlPlane) -> Iterator[Kubectl]:
    """A namespace of these tests."""
    namespace = f"schema-{uuid.uuid4().hex[:8]}"
    client = Kubectl(namespace)
    client.run("create", "namespace", namespace)
    yield client
    client.run("delete", "namespace", namespace, "--wait=false")


@pytest.fixture
async def namespace(kubectl: Kubectl, quiet_plane: ControlPlane) -> AsyncIterator[Namespace]:
    """The same namespace without kubectl, which takes longer to start than the API server to answer."""
    async with connect(quiet_plane.admin) as api:
        yield api.namespace(kubectl.namespace)


def make(kind: type[Resource], *, name: str = "a", **spec: Any) -> dict[str, Any]:
    """An object with this spec, and what it needs besides."""
    needed: dict[type[Resource], dict[str, Any]] = {
        Dataset: {"task": "ImageClassification", "source": {"uri": "s3://bucket/folder"}},
        TrainingJob: {"datasetRef": {"name": "a"}},
        Model: {"source": {"trainingJobRef": {"name": "a"}}},
    }
    metadata = {"name": name}
    return {
        "apiVersion": "noria.dev/v1alpha1",
        "kind": kind.kind,
        "metadata": metadata,
        "spec": {**needed[kind], **spec},
    }


def with_parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    """A TrainingJob of one configuration with these parameters."""
    configurations = [{"family": "f", "parameters": parameters}]
    return make(TrainingJob, search={"strategy": "Explicit", "configurations": configurations})


async def tried(namespace: Namespace, body: dict[str, Any]) -> dict[str, Any]:
    """The object as the API server would keep it; unknown fields are refused, as kubectl asks for."""
    path = namespace.path(body["kind"])
    return await namespace.api.request("POST", f"{path}?dryRun=All&fieldValidation=Strict", body)


TAKEN = [
    pytest.param(make(Dataset), id="a dataset of images"),
    pytest.param(make(Dataset, name="a" * 40), id="a name of 40 characters"),
    pytest.param(make(Dataset, source={"uri": "https://example.org/data.csv"}), id="a file by https"),
    pytest.param(make(Dataset, task="ClickThroughRate", target="clicked"), id="clicks with their target"),
    pytest.param(make(Dataset, source={"uri": "s3://b", "pollInterval": "1h30m"}), id="a poll interval"),
    pytest.param(make(Dataset, shareExperience="Own"), id="results that stay with the dataset"),
    pytest.param(make(Dataset, holdout={"fraction": 0.3}), id="a larger hold-out"),
    pytest.param(make(Dataset, holdout={"column": "part"}), id="a column that says what is held out"),
    pytest.param(make(Dataset, holdout={"uri": "s3://b/test/"}), id="a hold-out of its own"),
    pytest.param(
        make(Dataset, columns=[{"name": f"{n:0100}", "type": "Text"} for n in range(2000)]), id="two thousand columns"
    ),
    pytest.param(make(TrainingJob), id="a training job"),
    pytest.param(make(TrainingJob, ensemble="Never"), id="no ensemble"),
    pytest.param(make(TrainingJob, retrain={"onNewRevision": True, "cooldown": "0s"}), id="retrain on new revisions"),
    pytest.param(
        make(TrainingJob, retrain={"schedule": {"cron": "*/5 3 1,15 * MON-FRI", "timezone": "America/Port-au-Prince"}}),
        id="retrain by a schedule",
    ),
    pytest.param(make(TrainingJob, resources={"cpu": 2, "memory": "512Mi", "gpus": 1}), id="cpu as a number"),
    pytest.param(make(TrainingJob, maxDuration="90s", suspend=True, queueName="gpus"), id="a queue and a duration"),
    pytest.param(
        make(
            TrainingJob,
            search={
                "strategy": "Explicit",
                "configurations": [{"family": "f", "parameters": {"a": 1, "b": 0.5, "c": "x", "d": True}}],
            },
        ),
        id="an explicit configuration with parameters of every type",
    ),
    pytest.param(
        make(
            TrainingJob,
            podTemplate={
                "metadata": {
                    "labels": {"team": "a", "app.kubernetes.io/part-of": "shop", "example.org/cost": "42"},
                    "annotations": {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"},
                },
                "nodeSelector": {"gpu": "yes"},
                "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
                "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
                "imagePullSecrets": [{"name": "registry.example"}],
            },
        ),
        id="a pod template",
    ),
    pytest.param(make(Model), id="a model"),
    pytest.param(make(Model, source={"artifact": ARTIFACT}), id="a model from an artifact"),
    pytest.param(
        make(Model, source={"artifact": {**ARTIFACT, "uri": "https://example.org/a.tar?b"}}), id="an artifact by https"
    ),
    pytest.param(make(Model, scaling={"minReplicas": 2, "maxReplicas": 2}), id="a fixed number of replicas"),
    pytest.param(
        make(Model, notify={"url": "https://hooks.example.org:8443/a/b?c=d", "secretRef": {"name": "hook"}}),
        id="a server to notify",
    ),
    pytest.param(
        make(Dataset, notify={"url": "https://hooks.example.org/a", "secretRef": {"name": "hook"}}),
        id="a server to notify of refused data",
    ),
    pytest.param(make(Model, scaling={"minReplicas": 5}), id="more replicas than the default maximum"),
    *(
        pytest.param(make(Model, promotion={"policy": policy}), id=f"policy {policy}")
        for policy in ("NotWorse", "Better", "Approve", "Always")
    ),
    pytest.param(
        make(Model, promotion={"confidencePercent": 50, "marginPercent": 0, "watch": {"duration": "0s"}}),
        id="the least confidence, no loss, no watch",
    ),
    pytest.param(
        make(Model, promotion={"confidencePercent": 99, "marginPercent": 100, "watch": {"minRequests": 1}}),
        id="the most confidence, any loss, one request",
    ),
    pytest.param(
        make(TrainingJob, retrain={"newExamples": 500, "maxPerDay": 24, "cooldown": "24h"}),
        id="retrain on more examples",
    ),
]
REFUSED_URIS = [
    "gs://b/x",
    "file:///proc/self/environ",
    "/proc/self/environ",
    "http://169.254.169.254/latest/meta-data",
    "HTTPS://example.org/x",
    "https:///x",
    "https://me:secret@example.org/x",
    "https://example.org\\@127.0.0.1/x",
    "https://example.org?x",
    "s3://a b/x",
]
REFUSED_SERVERS = [
    "http://example.org/hook",
    "s3://noria/hook",
    "https:///hook",
    "https://me:secret@example.org/hook",
    "https://example.org\\@127.0.0.1/hook",
    "https://example.org/hook#part",
    "https://example.org/a hook",
]
NAME = "metadata.name must have at most 40 characters"
REFUSED = [
    pytest.param(make(Dataset, name="a" * 41), NAME, id="a name of 41 characters"),
    pytest.param(make(TrainingJob, name="1a"), NAME, id="a name that starts with a digit"),
    pytest.param(make(Model, name="a.b"), NAME, id="a name with a dot"),
    pytest.param(make(Dataset, task="Vision"), 'supported values: "ImageClassification"', id="an unknown task"),
    pytest.param(make(Dataset, task="TabularRegression"), "this task needs a target", id="a table without a target"),
    pytest.param(make(Dataset, shareExperience="Sold"), 'supported values: "Shared", "Own"', id="an unknown sharing"),
    *(
        pytest.param(
            make(kind, notify={"url": url, "secretRef": {"name": "hook"}}),
            "must be https://HOST/PATH",
            id=f"notify {url}",
        )
        for kind in (Dataset, Model)
        for url in REFUSED_SERVERS
    ),
    pytest.param(make(Model, notify={"url": "https://example.org"}), "secretRef: Required", id="no key to sign with"),
    pytest.param(make(Dataset, source={}), "spec.source.uri: Required", id="a source without a URI"),
    *(
        pytest.param(body, f'{field}.uri: Invalid value: "string": must be s3://BUCKET/PATH or', id=f"{field} {uri}")
        for uri in REFUSED_URIS
        for field, body in (
            ("spec.source", make(Dataset, source={"uri": uri})),
            ("spec.holdout", make(Dataset, holdout={"uri": uri})),
            ("spec.source.artifact", make(Model, source={"artifact": {**ARTIFACT, "uri": uri}})),
        )
    ),
    pytest.param(make(Dataset, holdout={"fraction": 0.9}), "spec.holdout.fraction", id="almost all held out"),
    pytest.param(
        make(Dataset, holdout={"fraction": 0.2, "column": "part"}),
        "set only one of",
        id="a share and a column to hold out",
    ),
    pytest.param(
        make(Dataset, holdout={"column": "part", "uri": "s3://b/test/"}), "set only one of", id="two ways to hold out"
    ),
    pytest.param(make(Dataset, holdout={"uri": "file:///proc"}), "spec.holdout.uri", id="a hold-out on the node"),
    pytest.param(
        make(Dataset, columns=[{"name": f"{n:0120}", "type": "Text"} for n in range(2000)]),
        "may have 200000 characters together",
        id="long names of many columns",
    ),
    pytest.param(
        make(Dataset, columns=[{"name": "a", "type": "Text"}] * 2), "Duplicate value", id="a column named twice"
    ),
    pytest.param(
        make(Dataset, source={"uri": "s3://b", "pollInterval": "5s"}), "at least 10s", id="a poll every five seconds"
    ),
    pytest.param(make(TrainingJob, datasetRef={}), "spec.datasetRef.name: Required", id="no dataset"),
    pytest.param(
        make(TrainingJob, ensemble="Always"), 'supported values: "Never", "IfBetter"', id="an ensemble at any price"
    ),
    pytest.param(make(TrainingJob, metric="Beauty"), 'supported values: "Accuracy"', id="an unknown metric"),
    pytest.param(make(TrainingJob, search={"trials": 11}), "less than or equal to 10", id="eleven trials"),
    pytest.param(make(TrainingJob, search={"trials": 0}), "greater than or equal to 1", id="no trial"),
    pytest.param(
        make(TrainingJob, search={"strategy": "Explicit"}), "strategy Explicit", id="Explicit, but nothing listed"
    ),
    pytest.param(
        make(TrainingJob, search={"configurations": [{"family": "f"}]}),
        "strategy Explicit",
        id="listed for MetaLearned",
    ),
    pytest.param(make(TrainingJob, retrain={}), "say when to retrain", id="retrain, but not when"),
    pytest.param(make(TrainingJob, retrain={"onNewRevision": False}), "say when to retrain", id="retrain never"),
    pytest.param(make(TrainingJob, retrain={"newExamples": 0}), "greater than or equal to 1", id="no new example"),
    pytest.param(
        make(TrainingJob, retrain={"schedule": {"cron": "@daily"}}), "retrain.schedule.cron", id="a word for cron"
    ),
    pytest.param(
        make(TrainingJob, retrain={"schedule": {"cron": "0 3 * *"}}), "retrain.schedule.cron", id="four fields of cron"
    ),
    pytest.param(
        make(TrainingJob, retrain={"schedule": {"cron": "0 3 * * *", "timezone": "../UTC"}}),
        "retrain.schedule.timezone",
        id="a path for a time zone",
    ),
    pytest.param(
        make(TrainingJob, retrain={"newExamples": 9, "cooldown": "9999999999999999h"}),
        "cooldown",
        id="an endless cooldown",
    ),
    pytest.param(
        make(TrainingJob, retrain={"newExamples": 9, "maxPerDay": 25}), "less than or equal to 24", id="25 runs a day"
    ),
    pytest.param(
        make(TrainingJob, retrain={"schedule": {"timezone": "UTC"}}), "cron: Required", id="a schedule without times"
    ),
    pytest.param(make(TrainingJob, retrain={"newExamples": 9.5}), "newExamples", id="half an example"),
    pytest.param(make(TrainingJob, retrain={"onNewRevisions": True}), "unknown field", id="a typo in retrain"),
    *(
        pytest.param(make(Model, promotion={field: value}), words, id=f"{field} {value}")
        for field, value, words in (
            ("policy", "Never", 'supported values: "NotWorse"'),
            ("confidencePercent", 49, "greater than or equal to 50"),
            ("confidencePercent", 100, "less than or equal to 99"),
            ("confidencePercent", 97.5, "confidencePercent"),
            ("marginPercent", -1, "greater than or equal to 0"),
            ("marginPercent", 101, "less than or equal to 100"),
            ("watch", {"duration": "-5m"}, "spec.promotion.watch.duration"),
            ("watch", {"duration": "1d"}, "spec.promotion.watch.duration"),
            ("watch", {"minRequests": 0}, "greater than or equal to 1"),
            ("margin", 10, "unknown field"),
        )
    ),
    pytest.param(make(Model, notify={"secretRef": {"name": "hook"}}), "notify.url: Required", id="no server to notify"),
    pytest.param(
        make(Dataset, notify={"url": "https://example.org", "secretRef": {}}), "name: Required", id="a key without name"
    ),
    pytest.param(make(TrainingJob, resources={"memory": "2GB"}), "spec.resources.memory", id="memory in GB"),
    pytest.param(make(TrainingJob, resources={"cpu": -1}), "spec.resources.cpu", id="negative CPU"),
    pytest.param(make(TrainingJob, resources={"gpus": 17}), "less than or equal to 16", id="seventeen GPUs"),
    pytest.param(make(TrainingJob, maxDuration="1d"), "spec.maxDuration", id="a duration in days"),
    pytest.param(make(TrainingJob, maxDuration="0s"), "at least 10s", id="no time at all"),
    pytest.param(
        make(TrainingJob, podTemplate={"containers": []}), "unknown field", id="containers in the pod template"
    ),
    pytest.param(
        make(TrainingJob, podTemplate={"affinity": {"nodeAffinty": {}}}), "unknown field", id="a typo in an affinity"
    ),
    *(
        pytest.param(make(TrainingJob, podTemplate={"metadata": {field: {key: "a"}}}), "are reserved", id=key)
        for field in ("labels", "annotations")
        for key in (
            "noria.dev/run",
            "kueue.x-k8s.io/queue-name",
            "app.kubernetes.io/managed-by",
            "batch.kubernetes.io/job-name",
            "job-name",
            "container.apparmor.security.beta.kubernetes.io/train",
        )
    ),
    pytest.param(
        make(TrainingJob, podTemplate={"metadata": {"labels": {"k" * 318: "a"}}}), "at most 317", id="a long key"
    ),
    pytest.param(
        make(TrainingJob, podTemplate={"priorityClassName": "system-node-critical"}),
        "for the cluster's own pods",
        id="a priority of the cluster's own",
    ),
    *(
        pytest.param(with_parameters({"a": value}), "configurations[0].parameters.a", id=f"a parameter that is {name}")
        for name, value in (("an object", {"a": 1}), ("a list", [1]), ("long", "x" * 65))
    ),
    pytest.param(make(TrainingJob, sarch={"trials": 3}), 'unknown field "spec.sarch"', id="a typing mistake"),
    pytest.param(make(Model, source={}), "give either trainingJobRef or artifact", id="no source"),
    pytest.param(
        make(Model, source={"trainingJobRef": {"name": "a"}, "artifact": ARTIFACT}),
        "give either trainingJobRef or artifact",
        id="two sources",
    ),
    pytest.param(
        make(Model, source={"artifact": {**ARTIFACT, "digest": "sha256:0"}}), "digest", id="a digest that is cut"
    ),
    pytest.param(make(Model, server={"type": "Triton"}), "TensorFlowServing", id="an unknown server"),
    pytest.param(make(Model, scaling={"minReplicas": 0}), "greater than or equal to 1", id="scale to zero"),
    pytest.param(
        make(Model, scaling={"minReplicas": 5, "maxReplicas": 3}), "must not exceed", id="a minimum over the maximum"
    ),
]


@pytest.mark.parametrize("body", TAKEN)
async def test_taken(namespace: Namespace, body: dict[str, Any]) -> None:
    kind = next(kind for kind in KINDS if kind.kind == body["kind"])
    kept = await tried(namespace, body)
    as_written = body | {"metadata": kept["metadata"]}
    assert kind.model_validate(kept) == kind.model_validate(as_written), "defaults of the schema are the operator's"


@pytest.mark.parametrize(("body", "words"), REFUSED)
async def test_refused(namespace: Namespace, body: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiError) as refused:
        await tried(namespace, body)
    assert words in str(refused.value)


DEEP = '{"a":' * 3000 + "{}" + "}" * 3000


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(make(TrainingJob, podTemplate={"affinity": "DEEP"}), id="affinity"),
        pytest.param(with_parameters({"a": "DEEP"}), id="a parameter"),
        pytest.param(make(Dataset, source={"uri": "s3://b", "more": "DEEP"}), id="a field that no one knows"),
    ],
)
async def test_nothing_deep_is_kept(namespace: Namespace, body: dict[str, Any]) -> None:
    text = json.dumps(body).replace('"DEEP"', DEEP)
    with pytest.raises(ApiError, match=r"at most 0|unknown field"):
        await namespace.api.request("POST", f"{namespace.path(body['kind'])}?dryRun=All&fieldValidation=Strict", text)


WRITTEN = [ROOT / "README.md", *sorted((ROOT / "manifests/samples").glob("*.yaml"))]


@pytest.mark.parametrize("page", [pytest.param(path, id=path.name) for path in WRITTEN])
def test_what_the_pages_show_is_taken(kubectl: Kubectl, page: Path) -> None:
    text = page.read_text()
    if page.suffix == ".md":
        text = "---\n".join(re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    answer = kubectl.run("create", "--dry-run=server", "--validate=strict", "-f", "-", input=text)
    assert answer.count("created") == len(KINDS)


def test_the_front_page_shows_the_sample_that_it_applies() -> None:
    front, sample = WRITTEN[0].read_text(), ROOT / "manifests/samples/images.yaml"
    assert f"kubectl apply -f {sample.relative_to(ROOT)}" in front
    (shown,) = re.findall(r"^```yaml\n(.*?)^```", front, re.MULTILINE | re.DOTALL)
    assert list(yaml.safe_load_all(shown)) == list(yaml.safe_load_all(sample.read_text()))


def test_a_created_object_is_not_observed_yet(kubectl: Kubectl) -> None:
    kubectl.apply(make(TrainingJob))
    found = kubectl.get("trainingjob", "a")
    assert found["status"] == {"observedGeneration": -1}
    assert found["spec"]["search"] == {"strategy": "MetaLearned", "trials": 5}


def test_kubectl_lists_all_kinds_by_their_category(kubectl: Kubectl) -> None:
    kubectl.apply(*(make(kind, name="listed") for kind in KINDS))
    listed = kubectl.run("get", "noria")
    assert all(f"{kind.kind.lower()}.noria.dev/listed" in listed for kind in KINDS)
    assert "TASK" in listed
    assert "BEST" in listed
    assert "SERVED" in listed


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.kind) for kind in KINDS])
def test_kubectl_explains_every_field(kubectl: Kubectl, kind: type[Resource]) -> None:
    fields = kubectl.run("explain", f"{kind.plural}.spec", "--api-version=noria.dev/v1alpha1").split("FIELDS:")[1]
    assert "<no description>" not in fields
    assert all(field.alias in fields for field in kind.model_fields["spec"].annotation.model_fields.values())  # type: ignore[union-attr]  # a Part


def sample(schema: dict[str, Any]) -> Any:
    """A value with every field of its schema."""
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        return {name: sample(field) for name, field in schema["properties"].items()}
    if "items" in schema:
        return [sample(schema["items"])] * schema.get("minItems", 1)
    if "additionalProperties" in schema:
        return {"x": 0.5}
    known = {"date-time": "2026-01-01T00:00:00Z", r"^sha256:[0-9a-f]{64}$": DIGEST}
    text = known.get(schema.get("format") or schema.get("pattern", ""), "x")
    return {"integer": 1, "number": 0.5, "boolean": True, "string": text}[schema["type"]]


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.kind) for kind in KINDS])
async def test_the_status_that_the_operator_writes_is_kept_whole(namespace: Namespace, kind: type[Resource]) -> None:
    schema = definition(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]
    made = await namespace.create(make(kind, name="reported"))
    written = kind.model_validate(made | {"status": sample(schema)}).status.to_dict()  # type: ignore[attr-defined]  # all have one
    assert written == sample(schema)
    await namespace.merge(kind.kind, "reported", {"status": written}, subresource="/status")
    assert (await namespace.get(kind.kind, "reported"))["status"] == written
