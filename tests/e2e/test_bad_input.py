"""What a user's mistakes get: a condition that names the thing and the cure, and healing once it is mended."""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from minio import Minio
from PIL import Image

from e2e.objects import BUCKET, dataset, model, ready, resource, says, training_job
from e2e.saved_model import add, digest
from kubectl import Kubectl, KubectlError, condition

pytestmark = pytest.mark.timeout(2400)  # what a test and its fixtures may wait for, one after the other
TABLE = "\n".join(["a,b,label", *(f"{i},{i * 7 % 13},{'yes' if i * 7 % 13 > 6 else 'no'}" for i in range(200))])


def picture(seed: int) -> bytes:
    """A small PNG, another one for each seed."""
    data = io.BytesIO()
    Image.frombytes("L", (8, 8), bytes((seed * 31 + i * (seed % 7 + 1)) % 256 for i in range(64))).save(data, "PNG")
    return data.getvalue()


def images(cats: int, dogs: int, *, broken: int = 0) -> bytes:
    """A zip of two classes of images, of which the first `broken` cats are no images."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for index in range(cats):
            archive.writestr(f"cats/{index:04}.png", b"not an image" if index < broken else picture(index))
        for index in range(dogs):
            archive.writestr(f"dogs/{index:04}.png", picture(10_000 + index))
    return data.getvalue()


def put(store: Minio, bucket: str, files: dict[str, bytes]) -> None:
    """Makes or replaces these objects."""
    for name, content in files.items():
        store.put_object(bucket, name, io.BytesIO(content), len(content))


def secret(name: str, values: dict[str, str]) -> dict[str, Any]:
    """A Secret."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": values}


def with_secret(found: dict[str, Any], secret: str) -> dict[str, Any]:
    """The Dataset with credentials of its own."""
    found["spec"]["source"]["secretRef"] = {"name": secret}
    return found


IMAGES, ROWS = "ImageClassification", "TabularClassification"
EMPTY = f"empty-{uuid.uuid4().hex[:8]}"
"""A bucket without objects."""
SOURCES: dict[str, bytes] = {
    "bad/one-class.zip": images(100, 0),
    "bad/three-dogs.zip": images(100, 3),
    "bad/mostly-broken.zip": images(100, 50, broken=90),
    "bad/few-broken.zip": images(100, 100, broken=10),
    "bad/no-target.csv": TABLE.replace("label", "other", 1).encode(),
    "bad/table.csv": TABLE.encode(),
}
MENDED: dict[str, bytes] = {
    "bad/one-class.zip": images(100, 50),
    "bad/three-dogs.zip": images(100, 30),
    "bad/mostly-broken.zip": images(100, 50),
}


@pytest.fixture(scope="module")
def crowd(make_namespace: Callable[[], Kubectl], store: Minio) -> Kubectl:
    """A namespace with every bad Dataset in it at once, beside a good one."""
    kubectl = make_namespace()
    put(store, BUCKET, SOURCES)
    store.make_bucket(EMPTY)
    wrong = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "wrong-key-0123456789"}
    at = f"s3://{BUCKET}/bad"
    kubectl.apply(
        secret("wrong-key", wrong),
        secret("no-host", {**wrong, "AWS_ENDPOINT_URL": "http://no-such-host.invalid:9000"}),
        dataset("one-class", IMAGES, f"{at}/one-class.zip"),
        dataset("three-dogs", IMAGES, f"{at}/three-dogs.zip"),
        dataset("mostly-broken", IMAGES, f"{at}/mostly-broken.zip"),
        dataset("few-broken", IMAGES, f"{at}/few-broken.zip"),
        dataset("no-target", ROWS, f"{at}/no-target.csv", target="label"),
        dataset("empty", IMAGES, f"s3://{EMPTY}/"),
        with_secret(dataset("wrong-key", ROWS, f"{at}/table.csv", target="label"), "wrong-key"),
        with_secret(dataset("no-host", ROWS, f"{at}/table.csv", target="label"), "no-host"),
        with_secret(dataset("no-secret", ROWS, f"{at}/table.csv", target="label"), "absent"),
        dataset("table", ROWS, f"{at}/table.csv", target="label"),
    )
    return kubectl


def ready_again(kubectl: Kubectl, name: str) -> dict[str, Any]:
    """The Dataset once it is Ready, however often it was refused before."""
    return kubectl.wait(
        resource("Dataset"), name, lambda found: condition(found, "Ready").get("status") == "True", timeout=240
    )


def test_csv_without_its_target_column_heals_by_itself_once_it_is_mended(crowd: Kubectl, store: Minio) -> None:
    words = ("Refused", "no column label, only a, b, other", "correct target or the file's header")
    refused = says(crowd, "Dataset", "no-target", *words, timeout=240)
    put(store, BUCKET, {"bad/no-target.csv": TABLE.encode()})
    assert ready_again(crowd, "no-target")["metadata"]["uid"] == refused["metadata"]["uid"]


BAD = {
    "one-class": ("Refused", "all 100 examples are of class cats", "add examples of another"),
    "three-dogs": ("Refused", "dogs: 3", "10 are needed", "add examples or merge classes"),
    "mostly-broken": ("Refused", "60 %", "cats/0000.png", "correct or remove them"),
    "empty": ("Refused", f"s3://{EMPTY}/", "upload", "correct source.uri"),
    "wrong-key": ("SourceFailed", "denied access", "check the keys", "source.secretRef"),
    "no-host": ("SourceFailed", "no-such-host.invalid", "check AWS_ENDPOINT_URL"),
    "no-secret": ("WaitingForPod", '"absent" not found', "create what is missing"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_dataset_says_what_is_wrong_and_what_to_do(crowd: Kubectl, name: str) -> None:
    says(crowd, "Dataset", name, *BAD[name], timeout=240)


@pytest.mark.parametrize("name", [name for name, words in BAD.items() if words[0] == "Refused"])
def test_a_refusal_is_all_that_events_warn_of(crowd: Kubectl, name: str) -> None:
    says(crowd, "Dataset", name, "Refused", timeout=240)
    about = f"involvedObject.kind=Dataset,involvedObject.name={name},type=Warning"
    deadline = time.monotonic() + 30
    reasons: set[str] = set()
    while not reasons:
        assert time.monotonic() < deadline, "no event was written"
        time.sleep(1)
        found = json.loads(crowd.run("get", "events", f"--field-selector={about}", "-o", "json"))["items"]
        reasons = {event["reason"] for event in found if "Insufficient cpu" not in event["message"]}  # a full node
    assert reasons == {"Refused"}


def test_a_few_unreadable_files_are_a_warning_with_their_names(crowd: Kubectl) -> None:
    status = ready(crowd, "Dataset", "few-broken", timeout=240)["status"]
    (problem,) = [each for each in status["problems"] if "nreadable" in each["reason"]]
    assert (problem["severity"], problem["count"]) == ("Warning", 10)
    assert set(problem["names"]) <= {f"cats/{index:04}.png" for index in range(10)}
    assert len(problem["names"]) == 5
    assert status["examples"] == 190


def test_a_good_dataset_beside_them_is_not_disturbed(crowd: Kubectl) -> None:
    assert ready(crowd, "Dataset", "table", timeout=240)["status"]["examples"] == 200


@pytest.fixture(scope="module")
def mended(crowd: Kubectl, store: Minio, store_secret: dict[str, str]) -> dict[str, str]:
    """The uids of the bad Datasets, which said what is wrong before it was corrected and another look asked for."""
    uids = {name: says(crowd, "Dataset", name, *BAD[name], timeout=240)["metadata"]["uid"] for name in BAD}
    put(store, BUCKET, MENDED)
    with zipfile.ZipFile(io.BytesIO(images(20, 20))) as archive:
        put(store, EMPTY, {name: archive.read(name) for name in archive.namelist()})
    crowd.apply(*(secret(name, store_secret) for name in ("wrong-key", "no-host", "absent")))
    looked_at = (name for name in BAD if name != "no-secret")  # whose first look goes on now
    crowd.run("annotate", resource("Dataset"), *looked_at, "noria.dev/requestedAt=mended")
    return uids


@pytest.mark.parametrize("name", BAD)
def test_what_is_corrected_heals_without_deleting_anything(crowd: Kubectl, mended: dict[str, str], name: str) -> None:
    assert ready_again(crowd, name)["metadata"]["uid"] == mended[name]


def test_an_unknown_family_is_named_with_what_there_is(crowd: Kubectl) -> None:
    ready(crowd, "Dataset", "table", timeout=240)
    search = {"strategy": "Explicit", "configurations": [{"family": "tabular-mpl", "parameters": {}}]}
    crowd.apply(training_job("unknown-family", datasetRef={"name": "table"}, search=search))
    says(crowd, "TrainingJob", "unknown-family", "'tabular-mpl'", "did you mean 'tabular-mlp'", timeout=120)


def test_trials_that_run_out_of_memory_say_so(crowd: Kubectl) -> None:
    ready(crowd, "Dataset", "table", timeout=240)
    small = {"cpu": "100m", "memory": "120Mi"}
    crowd.apply(training_job("out-of-memory", datasetRef={"name": "table"}, resources=small))
    found = says(crowd, "TrainingJob", "out-of-memory", "AllTrialsFailed", "memory", timeout=300)
    assert condition(found, "Stalled")["status"] == "True"
    assert [trial["failure"] for trial in found["status"]["trials"]] == ["OutOfMemory"] * 5


def test_gpus_that_no_node_has_are_said_in_the_schedulers_words(crowd: Kubectl) -> None:
    ready(crowd, "Dataset", "table", timeout=240)
    crowd.apply(training_job("no-gpu", datasetRef={"name": "table"}, resources={"gpus": 8, "memory": "1Gi"}))
    words = ("WaitingForPod", "Insufficient nvidia.com/gpu", "request less")
    says(crowd, "TrainingJob", "no-gpu", *words, timeout=120)
    crowd.run("delete", resource("TrainingJob"), "no-gpu")


@pytest.fixture(scope="module")
def artifact(store: Minio, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A model that can be served."""
    content = add(1.0, tmp_path_factory.mktemp("saved-model"))
    put(store, BUCKET, {"bad/model.tar": content})
    return {"uri": f"s3://{BUCKET}/bad/model.tar", "digest": digest(content)}


def test_an_artifact_is_served_only_under_its_own_digest(crowd: Kubectl, artifact: dict[str, str]) -> None:
    crowd.apply(model("wrong-digest", source={"artifact": {**artifact, "digest": f"sha256:{'0' * 64}"}}))
    says(crowd, "Model", "wrong-digest", "LoadFailed", "0000000", artifact["digest"], "correct the digest", timeout=120)
    assert not crowd.get("deployment", "wrong-digest")["status"].get("readyReplicas")
    crowd.apply(model("wrong-digest", source={"artifact": artifact}))
    ready(crowd, "Model", "wrong-digest", timeout=120)
    crowd.run("delete", resource("Model"), "wrong-digest")


def test_a_model_that_needs_more_disk_says_so_and_heals(crowd: Kubectl, artifact: dict[str, str]) -> None:
    server = {"type": "Noria", "resources": {"cpu": "100m", "memory": "1Gi", "ephemeralStorage": "4Ki"}}
    crowd.apply(model("small-disk", source={"artifact": artifact}, server=server))
    words = ("LoadFailed", "ran out of disk", "raise spec.server.resources.ephemeralStorage")
    says(crowd, "Model", "small-disk", *words, timeout=240)
    crowd.apply(model("small-disk", source={"artifact": artifact}))
    ready(crowd, "Model", "small-disk", timeout=300)
    crowd.run("delete", resource("Model"), "small-disk")


def test_an_image_that_does_not_exist_is_said_in_the_kubelets_words(crowd: Kubectl, artifact: dict[str, str]) -> None:
    server = {"type": "Noria", "image": "localhost/no-such-image:1"}
    crowd.apply(model("no-image", source={"artifact": artifact}, server=server))
    wait_for_the_kubelet(crowd, "no-image", "ErrImagePull", "ImagePullBackOff")
    says(crowd, "Model", "no-image", "WaitingForPod", "no-such-image", "correct the image's name", timeout=60)
    crowd.apply(model("no-image", source={"artifact": artifact}))
    ready(crowd, "Model", "no-image", timeout=120)
    crowd.run("delete", resource("Model"), "no-image")


def wait_for_the_kubelet(kubectl: Kubectl, name: str, *reasons: str) -> None:
    """Returns once it has given one of these reasons for a pod of the Model."""
    deadline = time.monotonic() + 120
    while not any(reason in json.dumps(kubectl.list("pod", f"noria.dev/model={name}")) for reason in reasons):
        assert time.monotonic() < deadline
        time.sleep(0.5)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        pytest.param(dataset("x", "Cooking", "s3://b/x"), "Unsupported value", id="wrong enum"),
        pytest.param(dataset("x" * 41, IMAGES, "s3://b/x"), "at most 40 characters", id="long name"),
        pytest.param(dataset("x", ROWS, "s3://b/x"), "this task needs a target", id="table without target"),
        pytest.param(dataset("x", IMAGES, "s3://b/x", colour="red"), "unknown field", id="unknown field"),
    ],
)
def test_the_schema_refuses_what_cannot_be_meant(crowd: Kubectl, found: dict[str, Any], words: str) -> None:
    with pytest.raises(KubectlError, match=words):
        crowd.apply(found)
