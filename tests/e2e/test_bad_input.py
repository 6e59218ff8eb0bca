"""What a user's mistakes get: a condition that names the thing and the cure, and healing once it is mended."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from minio import Minio
from objects import BUCKET, dataset, model, ready, resource, says, training_job
from PIL import Image

from kubectl import Kubectl, KubectlError, condition

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


def with_secret(found: dict[str, Any], secret: str) -> dict[str, Any]:
    """The Dataset with credentials of its own."""
    found["spec"]["source"]["secretRef"] = {"name": secret}
    return found


IMAGES, ROWS = "ImageClassification", "TabularClassification"
SOURCES: dict[str, bytes] = {
    "one-class.zip": images(100, 0),
    "three-dogs.zip": images(100, 3),
    "mostly-broken.zip": images(100, 50, broken=90),
    "few-broken.zip": images(100, 100, broken=10),
    "no-target.csv": TABLE.replace("label", "other", 1).encode(),
    "table.csv": TABLE.encode(),
}


@pytest.fixture(scope="module")
def crowd(make_namespace: Callable[[], Kubectl], store: Minio) -> Kubectl:
    """A namespace with every bad Dataset in it at once, beside a good one."""
    kubectl = make_namespace()
    for name, content in SOURCES.items():
        store.put_object(BUCKET, f"bad/{name}", io.BytesIO(content), len(content))
    wrong = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "wrong-key-0123456789"}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "wrong-key"}, "stringData": wrong}
    host = {**wrong, "AWS_ENDPOINT_URL": "http://no-such-host.invalid:9000"}
    elsewhere = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "no-host"}, "stringData": host}
    at = f"s3://{BUCKET}/bad"
    kubectl.apply(
        secret,
        elsewhere,
        dataset("one-class", IMAGES, f"{at}/one-class.zip"),
        dataset("three-dogs", IMAGES, f"{at}/three-dogs.zip"),
        dataset("mostly-broken", IMAGES, f"{at}/mostly-broken.zip"),
        dataset("few-broken", IMAGES, f"{at}/few-broken.zip"),
        dataset("no-target", ROWS, f"{at}/no-target.csv", target="label"),
        dataset("empty", IMAGES, f"s3://{BUCKET}/nothing-here/"),
        with_secret(dataset("wrong-key", ROWS, f"{at}/table.csv", target="label"), "wrong-key"),
        with_secret(dataset("no-host", ROWS, f"{at}/table.csv", target="label"), "no-host"),
        with_secret(dataset("no-secret", ROWS, f"{at}/table.csv", target="label"), "absent"),
        dataset("table", ROWS, f"{at}/table.csv", target="label"),
    )
    return kubectl


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("one-class", ("Refused", "cats"), id="one class"),
        pytest.param("three-dogs", ("Refused", "dogs", "3"), id="three images of one class"),
        pytest.param("mostly-broken", ("Refused", "60 %"), id="60 % unreadable"),
        pytest.param("no-target", ("Refused", "label"), id="CSV without the target column"),
        pytest.param("empty", ("nothing-here",), id="empty bucket"),
        pytest.param("wrong-key", ("SourceFailed",), id="wrong credentials"),
        pytest.param("no-host", ("SourceFailed", "no-such-host.invalid"), id="no such host"),
        pytest.param("no-secret", ("WaitingForPod", "absent"), id="no such Secret"),
    ],
)
def test_a_bad_dataset_says_what_is_wrong(crowd: Kubectl, name: str, words: tuple[str, ...]) -> None:
    says(crowd, "Dataset", name, *words, timeout=240)


def test_a_few_unreadable_files_are_a_warning_with_their_names(crowd: Kubectl) -> None:
    status = ready(crowd, "Dataset", "few-broken", timeout=240)["status"]
    (problem,) = [each for each in status["problems"] if "nreadable" in each["reason"]]
    assert (problem["severity"], problem["count"]) == ("Warning", 10)
    assert set(problem["names"]) <= {f"cats/{index:04}.png" for index in range(10)}
    assert len(problem["names"]) == 5
    assert status["examples"] == 190


def test_a_good_dataset_beside_them_is_not_disturbed(crowd: Kubectl) -> None:
    assert ready(crowd, "Dataset", "table", timeout=240)["status"]["examples"] == 200


def test_mended_data_heals_the_dataset_without_deleting_it(crowd: Kubectl, store: Minio) -> None:
    uid = says(crowd, "Dataset", "no-target", "Refused", timeout=240)["metadata"]["uid"]
    store.put_object(BUCKET, "bad/no-target.csv", io.BytesIO(TABLE.encode()), len(TABLE.encode()))
    found = ready_again(crowd, "no-target")
    assert found["metadata"]["uid"] == uid


def ready_again(kubectl: Kubectl, name: str) -> dict[str, Any]:
    """The Dataset once it is Ready, however often it was refused before."""
    return kubectl.wait(
        resource("Dataset"), name, lambda found: condition(found, "Ready").get("status") == "True", timeout=240
    )


def test_an_unknown_family_is_named_with_what_there_is(crowd: Kubectl) -> None:
    ready(crowd, "Dataset", "table", timeout=240)
    search = {"strategy": "Explicit", "configurations": [{"family": "tabular-mpl", "parameters": {}}]}
    crowd.apply(training_job("unknown-family", datasetRef={"name": "table"}, search=search))
    says(crowd, "TrainingJob", "unknown-family", "tabular-mpl", "tabular-mlp", timeout=120)


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
    says(crowd, "TrainingJob", "no-gpu", "WaitingForPod", "Insufficient nvidia.com/gpu", timeout=120)
    crowd.run("delete", resource("TrainingJob"), "no-gpu")


def artifact(store: Minio, digest: str) -> dict[str, Any]:
    """An artifact that exists, with a digest of the test's choice."""
    store.put_object(BUCKET, "bad/model.tar", io.BytesIO(b"not the model"), 13)
    return {"artifact": {"uri": f"s3://{BUCKET}/bad/model.tar", "digest": f"sha256:{digest}"}}


def test_an_artifact_with_another_digest_is_never_served(crowd: Kubectl, store: Minio) -> None:
    crowd.apply(model("wrong-digest", source=artifact(store, "0" * 64)))
    says(crowd, "Model", "wrong-digest", "LoadFailed", "0000000", timeout=120)
    assert not crowd.get("deployment", "wrong-digest")["status"].get("readyReplicas")


def test_an_image_that_does_not_exist_is_said_in_the_kubelets_words(crowd: Kubectl, store: Minio) -> None:
    server = {"type": "Noria", "image": "localhost/no-such-image:1"}
    crowd.apply(model("no-image", source=artifact(store, "1" * 64), server=server))
    says(crowd, "Model", "no-image", "no-such-image", timeout=120)
    crowd.run("delete", resource("Model"), "no-image")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        pytest.param(dataset("x", "Cooking", "s3://b/x"), "Unsupported value", id="wrong enum"),
        pytest.param(dataset("x" * 41, IMAGES, "s3://b/x"), "at most 40 characters", id="long name"),
        pytest.param(dataset("x", ROWS, "s3://b/x"), "target is needed", id="table without target"),
        pytest.param(dataset("x", IMAGES, "s3://b/x", colour="red"), "unknown field", id="unknown field"),
    ],
)
def test_the_schema_refuses_what_cannot_be_meant(crowd: Kubectl, found: dict[str, Any], words: str) -> None:
    with pytest.raises(KubectlError, match=words):
        crowd.apply(found)
