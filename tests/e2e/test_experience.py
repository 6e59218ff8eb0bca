"""What a table's trials teach the next one's choice, and that killing what works loses and doubles nothing of it.

The tables are drawn here, so they are in no public collection. They are the same on every machine, examples and splits;
only the name of their target is this session's, so that they are new to a bucket that has seen this test before.
"""

import csv
import io
import json
import re
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from minio import Minio
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from e2e.objects import BUCKET, dataset, model, ready, resource, training_job
from kubectl import Kubectl
from noria_trainers.data.manifest import LABEL
from noria_trainers.data.revision import Revision
from noria_trainers.families.tabular_sklearn.fit import trained
from noria_trainers.families.tabular_sklearn.space import ESTIMATOR, FAMILY

pytestmark = pytest.mark.timeout(2400)  # what a test and its fixtures may wait for, one after the other
TASK = "TabularClassification"
NUMBERS, CATEGORIES = ("size", "weight", "age"), ("colour", "shape")
SESSION = uuid.uuid4().hex[:8]
TARGET = f"label_{SESSION}"
ROWS = 600


def table(seed: int) -> bytes:
    """A CSV of two classes that steps of several columns tell, some labels wrong and some cells empty."""
    rng = np.random.default_rng(seed)
    size, weight, age = rng.normal(size=(3, ROWS))
    colour, shape = rng.choice(["red", "green", "blue"], ROWS), rng.choice(["round", "square"], ROWS)
    high = ((size > 0.3) != (weight < -0.2)) | ((colour == "red") & (age > 0))
    high ^= rng.random(ROWS) < 0.05
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*NUMBERS, *CATEGORIES, TARGET])
    for *cells, label in zip(size.round(3), weight.round(3), age.round(3), colour, shape, high, strict=True):
        writer.writerow([*("" if rng.random() < 0.05 else cell for cell in cells), "high" if label else "low"])
    return text.getvalue().encode()


@pytest.fixture(scope="module")
def tables(make_namespace: Callable[[], Kubectl], store: Minio) -> Kubectl:
    """A namespace with the Datasets `first` and `second`, drawn alike."""
    kubectl = make_namespace()
    for seed, name in enumerate(("first", "second")):
        content = table(seed)
        store.put_object(BUCKET, f"tables/{SESSION}/{name}.csv", io.BytesIO(content), len(content))
        kubectl.apply(dataset(name, TASK, f"s3://{BUCKET}/tables/{SESSION}/{name}.csv", target=TARGET))
    for name in ("first", "second"):
        ready(kubectl, "Dataset", name, timeout=300)
    return kubectl


def results(store: Minio) -> set[str]:
    """Keys of all results of tables in the shared experience."""
    found = store.list_objects(BUCKET, prefix=f"experience/{TASK}/", recursive=True)
    return {each.object_name for each in found if each.object_name}


def revision_of(kubectl: Kubectl, name: str) -> str:
    """The revision that a Dataset's status names."""
    return str(kubectl.get(resource("Dataset"), name)["status"]["revision"])


def learned_from(job: dict[str, Any]) -> tuple[int, int]:
    """How many results on how many datasets a choice rests on."""
    choice = job["status"]["choice"]
    assert choice["strategy"] in ("MetaLearned", "GreedyPortfolio"), choice
    counted = re.match(r"([\d,]+) results on ([\d,]+) datasets", choice["basis"])
    assert counted, choice
    return int(counted[1].replace(",", "")), int(counted[2].replace(",", ""))


@pytest.fixture(scope="module")
def first(tables: Kubectl, store: Minio) -> dict[str, Any]:
    """The TrainingJob `first`, done; its five results are all that came to the experience."""
    before = results(store)
    tables.apply(training_job("first"))
    job = ready(tables, "TrainingJob", "first", timeout=1200)
    grown = results(store) - before
    assert len(grown) == 5
    assert all(f"/{revision_of(tables, 'first')}/" in key for key in grown)
    return job


def test_the_first_choice_is_learned_from_what_is_shipped(first: dict[str, Any]) -> None:
    assert learned_from(first)[1] > 400
    assert [trial["state"] for trial in first["status"]["trials"]] == ["Succeeded"] * 5


@pytest.fixture(scope="module")
def second(tables: Kubectl, first: dict[str, Any], store: Minio, noria: Kubectl) -> dict[str, Any]:
    """The TrainingJob `second`, done although the operator and a trainer were killed while it trained."""
    before = results(store)
    tables.apply(training_job("second"))
    trainer = running_trainer(tables)
    now = ("--grace-period=0", "--force")
    noria.run("delete", "pod", "--selector", "app.kubernetes.io/component=operator", *now)
    tables.run("delete", "pod", trainer, *now)
    job = ready(tables, "TrainingJob", "second", timeout=1200)
    grown = results(store) - before
    assert len(grown) == 5
    assert all(f"/{revision_of(tables, 'second')}/" in key for key in grown)
    return job


def running_trainer(kubectl: Kubectl) -> str:
    """A pod of `second` that trains."""

    running: list[str] = []

    def trains(job: dict[str, Any]) -> bool:
        pods = kubectl.list("pods", "noria.dev/trainingjob=second,noria.dev/step=train")
        running[:] = [pod["metadata"]["name"] for pod in pods if pod["status"]["phase"] == "Running"]
        return bool(running)

    kubectl.wait(resource("TrainingJob"), "second", trains, timeout=300)
    return running[0]


def test_a_choice_rests_on_what_the_dataset_before_taught(
    first: dict[str, Any], second: dict[str, Any], figures: list[str]
) -> None:
    told = (("first", first), ("second", second))
    (results_before, datasets_before), (results_after, datasets_after) = map(learned_from, (first, second))
    figures += [f"choice of the {name} table: {job['status']['choice']['basis']}" for name, job in told]
    assert results_after == results_before + 5
    assert datasets_after == datasets_before + 1


def test_killed_trials_are_trained_to_the_end_each_once(second: dict[str, Any]) -> None:
    trials = second["status"]["trials"]
    assert [trial["state"] for trial in trials] == ["Succeeded"] * 5
    assert len({json.dumps(trial["configuration"], sort_keys=True) for trial in trials}) == 5
    assert second["status"]["run"]["number"] == 1


def test_a_repeat_adds_no_result(tables: Kubectl, second: dict[str, Any], store: Minio) -> None:
    before = results(store)
    configurations = [trial["configuration"] for trial in second["status"]["trials"]]
    search = {"strategy": "Explicit", "configurations": configurations}
    tables.apply(training_job("repeat", datasetRef={"name": "second"}, search=search))
    again = ready(tables, "TrainingJob", "repeat", timeout=1200)
    scores = [{json.dumps(each["configuration"], sort_keys=True): each["score"] for each in job["status"]["trials"]}
              for job in (second, again)]  # fmt: skip
    assert scores[0] == pytest.approx(scores[1], abs=0.05)  # some four of the examples that are scored
    assert results(store) == before


def test_answers_over_http_are_those_of_the_estimator(
    tables: Kubectl,
    open_revision: Callable[[Kubectl, str], Revision],
    figures: list[str],
    tmp_path: Path,
) -> None:
    configuration = FAMILY.configuration({ESTIMATOR: "hist-gradient-boosting"})
    search = {"strategy": "Explicit", "configurations": [configuration.model_dump(mode="json")]}
    tables.apply(training_job("estimator", datasetRef={"name": "first"}, search=search), model("estimator"))
    ready(tables, "TrainingJob", "estimator", timeout=1200)
    ready(tables, "Model", "estimator", timeout=180)

    revision = open_revision(tables, "first")
    train, asked = revision.table("train", tmp_path), revision.table("holdout", tmp_path)
    encoder = preprocessing()
    features = np.asarray(encoder.fit_transform(matrix(train)), np.float64)
    estimator = trained(configuration.parameters, features, train[LABEL].to_numpy().astype(int), seed=0)
    expected = estimator.predict_proba(np.asarray(encoder.transform(matrix(asked)), np.float64))
    assert len(expected) > 80
    difference = np.abs(answers(tables, "estimator", asked, revision.manifest.classes) - expected).max()
    named = configuration.parameters[ESTIMATOR]
    figures.append(f"{named} over HTTP: at most {difference:.1e} from scikit-learn's probabilities")
    assert difference <= 1e-5


def preprocessing() -> Any:
    """scikit-learn's own way to what the family's estimators are given."""
    categories = make_pipeline(
        SimpleImputer(missing_values="", strategy="most_frequent"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    width = len(NUMBERS)
    parts = [("numbers", SimpleImputer(), slice(0, width)), ("categories", categories, slice(width, None))]
    return make_pipeline(ColumnTransformer(parts), StandardScaler())


def matrix(rows: pa.Table) -> NDArray[Any]:
    """The rows as scikit-learn takes them; numbers are what 32 bits hold, as in a request."""
    numbers = [np.asarray(rows[name].to_numpy(), np.float32).astype(np.float64).astype(object) for name in NUMBERS]
    texts = [np.asarray([value or "" for value in rows[name].to_pylist()], object) for name in CATEGORIES]
    return np.column_stack([*numbers, *texts])


def answers(kubectl: Kubectl, name: str, rows: pa.Table, classes: tuple[str, ...]) -> NDArray[np.float64]:
    """The served model's probabilities [rows, classes]."""
    missing = {**dict.fromkeys(NUMBERS, float("nan")), **dict.fromkeys(CATEGORIES, "")}
    instances = [
        {column: missing[column] if row[column] is None else row[column] for column in missing}
        for row in rows.to_pylist()
    ]
    with kubectl.port_forward(f"svc/{name}", 8501) as port:
        body = json.dumps({"instances": instances}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/models/{name}:predict", body)
        with urllib.request.urlopen(request, timeout=60) as answer:
            predictions = json.load(answer)["predictions"]
    assert all(each["classes"] == list(classes) for each in predictions)
    return np.asarray([each["scores"] for each in predictions])
