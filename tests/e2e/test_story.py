"""The main job, end to end: labelled examples become a profiled revision, five trials, a served model and an answer.

What is applied are the samples, of which that for images is the README's own. The text and the table model stand beside
their baselines on the hold-out set, with paired 95 % intervals.
"""

import base64
import json
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from minio import Minio
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegressionCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from e2e.objects import BUCKET, ready
from kubectl import Kubectl
from noria.contract import Configuration
from noria_trainers.data.manifest import SplitName
from noria_trainers.data.revision import Revision
from noria_trainers.modality.modality import split_of

SAMPLES = Path(__file__).resolve().parents[2] / "manifests/samples"
pytestmark = pytest.mark.timeout(2400)  # what a test and its fixtures may wait for, one after the other
Predict = Callable[[Any], Any]


def upload(source: Path, uri: str, kubectl: Kubectl, environment: dict[str, str], *options: str) -> str:
    """What `noria upload` prints: the Dataset's YAML."""
    command = [str(Path(sys.executable).with_name("noria")), "upload", str(source), uri]
    command += ["--namespace", kubectl.namespace, *options]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def live(kubectl: Kubectl, store: Minio, name: str, dataset_yaml: str, sample: str) -> dict[str, Any]:
    """Applies all three objects of a sample at once, as GitOps does, and waits for the Model; the TrainingJob."""
    kubectl.run("apply", "-f", "-", input=dataset_yaml)
    kubectl.run("apply", "-f", str(SAMPLES / sample))
    revision = ready(kubectl, "Dataset", name, timeout=300)["status"]["revision"]
    found = ready(kubectl, "TrainingJob", name, timeout=900)
    ready(kubectl, "Model", name, timeout=180)
    assert found["status"]["choice"]["strategy"] in ("Portfolio", "GreedyPortfolio", "MetaLearned")
    assert " results on " in found["status"]["choice"]["basis"], "says what it rests on"
    assert [trial["state"] for trial in found["status"]["trials"]] == ["Succeeded"] * 5
    assert len({json.dumps(trial["configuration"], sort_keys=True) for trial in found["status"]["trials"]}) == 5
    task = found["status"]["run"]["task"]
    remembered = store.list_objects(BUCKET, prefix=f"experience/{task}/{revision}/", recursive=True)
    known = {Path(str(each.object_name)).stem for each in remembered}
    trained = {Configuration.model_validate(trial["configuration"]).id for trial in found["status"]["trials"]}
    assert trained <= known, "each trial is one more result for later choices"
    return found


def ask(kubectl: Kubectl, name: str, instances: list[Any]) -> list[str]:
    """The class that the served model answers for each instance."""
    answers: list[str] = []
    with kubectl.port_forward(f"svc/{name}", 8501) as port:
        for start in range(0, len(instances), 100):
            body = json.dumps({"instances": instances[start : start + 100]}).encode()
            request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/models/{name}:predict", body)
            with urllib.request.urlopen(request, timeout=60) as answer:
                rows = json.load(answer)["predictions"]
            answers += [row["classes"][int(np.argmax(row["scores"]))] for row in rows]
    return answers


def paired(ours: np.ndarray, theirs: np.ndarray) -> tuple[float, float, float]:
    """Mean difference of two 0/1 arrays over the same examples, and its 95 % bootstrap interval."""
    differences = ours.astype(float) - theirs.astype(float)
    resampled = np.random.default_rng(0).choice(differences, (2000, len(differences))).mean(axis=1)
    low, high = np.quantile(resampled, [0.025, 0.975])
    return float(differences.mean()), float(low), float(high)


Difference = tuple[float, float, float]


def beside_baselines(
    figures: list[str], title: str, ours: np.ndarray, baseline: np.ndarray, majority: np.ndarray
) -> tuple[Difference, Difference]:
    """The paired differences to the linear baseline and to the majority class; they are among the figures, too."""
    to_linear, to_majority = paired(ours, baseline), paired(ours, majority)
    scores = f"served {ours.mean():.3f}, linear {baseline.mean():.3f}, majority {majority.mean():.3f}"
    figures.append(f"{title}, {len(ours)} examples of the hold-out: {scores}")
    for name, (mean, low, high) in (("logistic regression", to_linear), ("majority", to_majority)):
        figures.append(f"  served - {name}: {mean:+.3f}, paired 95 % interval {low:+.3f} to {high:+.3f}")
    return to_linear, to_majority


@pytest.fixture(scope="module")
def stories(make_namespace: Callable[[], Kubectl]) -> Kubectl:
    """One namespace for all stories."""
    return make_namespace()


def test_images(
    stories: Kubectl,
    public_data: Callable[..., Path],
    store: Minio,
    store_environment: dict[str, str],
    figures: list[str],
) -> None:
    folder = public_data("fashion-mnist", "--train", "1000", "--test", "200")
    options = ("--task", "ImageClassification", "--name", "clothes")
    archive = Path(shutil.make_archive(str(folder / "clothes"), "zip", folder / "train"))
    yaml = upload(archive, f"s3://{BUCKET}/sources/clothes.zip", stories, store_environment, *options)
    job = live(stories, store, "clothes", yaml, "images.yaml")
    images = sorted(folder.glob("test/*/*.png"))
    answers = ask(stories, "clothes", [{"b64": base64.b64encode(path.read_bytes()).decode()} for path in images])
    right = np.mean([path.parent.name == answer for path, answer in zip(images, answers, strict=True)])
    figures.append(f"images: {right:.3f} of 200 test images, the hold-out said {job['status']['best']['score']:.3f}")
    assert right >= 0.7
    stories.run("delete", "model.noria.dev", "clothes")  # a small node has no room for it beside the next ones


def test_text(
    stories: Kubectl,
    public_data: Callable[..., Path],
    store: Minio,
    store_environment: dict[str, str],
    open_revision: Callable[[Kubectl, str], Revision],
    figures: list[str],
    tmp_path: Path,
) -> None:
    source = public_data("spam-assassin") / "mails.jsonl"
    some = tmp_path / "mails.jsonl"
    some.write_text("".join(source.read_text().splitlines(keepends=True)[::3]))
    options = ("--task", "TextClassification", "--target", "label", "--name", "mails")
    live(
        stories,
        store,
        "mails",
        upload(some, f"s3://{BUCKET}/sources/mails.jsonl", stories, store_environment, *options),
        "text.yaml",
    )
    revision = open_revision(stories, "mails")
    train, labels = text_and_labels(revision, "train", tmp_path)
    texts, truth = text_and_labels(revision, "holdout", tmp_path)
    linear = make_pipeline(TfidfVectorizer(sublinear_tf=True, max_features=50_000), logistic_regression())
    baseline = np.asarray(linear.fit(train, labels).predict(texts)) == truth
    ours = np.asarray(ask(stories, "mails", texts)) == truth
    to_linear, to_majority = beside_baselines(figures, "mails", ours, baseline, truth == majority(labels))
    assert to_majority[1] > 0
    assert to_linear[2] >= 0


def test_table(
    stories: Kubectl,
    public_data: Callable[..., Path],
    store: Minio,
    store_environment: dict[str, str],
    open_revision: Callable[[Kubectl, str], Revision],
    figures: list[str],
    tmp_path: Path,
) -> None:
    source = public_data("keel:ring") / "ring.csv"
    options = ("--task", "TabularClassification", "--target", "label", "--name", "ring")
    yaml = upload(source, f"s3://{BUCKET}/sources/ring.csv", stories, store_environment, *options)
    live(stories, store, "ring", yaml, "table.yaml")
    revision = open_revision(stories, "ring")
    train, labels = columns_and_labels(revision, "train", tmp_path)
    rows, truth = columns_and_labels(revision, "holdout", tmp_path)
    linear = make_pipeline(StandardScaler(), logistic_regression())
    baseline = linear.fit(train, labels).predict(rows) == truth
    names = [column.name for column in revision.manifest.columns]
    instances = [dict(zip(names, map(float, row), strict=True)) for row in rows]
    ours = np.asarray(ask(stories, "ring", instances)) == truth
    to_linear, to_majority = beside_baselines(figures, "ring", ours, baseline, truth == majority(labels))
    assert to_majority[1] > 0
    assert to_linear[1] > 0, "ring is not linear: the served model must be strictly better"


def logistic_regression() -> LogisticRegressionCV:
    """The linear baseline, its strength chosen by cross-validation."""
    chosen_by = {"cv": 3, "scoring": "accuracy", "l1_ratios": (0,), "use_legacy_attributes": False}
    return LogisticRegressionCV(Cs=5, max_iter=1000, **chosen_by)


def majority(labels: np.ndarray) -> str:
    """The most frequent label."""
    names, counts = np.unique(labels, return_counts=True)
    return str(names[np.argmax(counts)])


def text_and_labels(revision: Revision, split: SplitName, scratch: Path) -> tuple[list[str], np.ndarray]:
    """Texts and class names of a split."""
    inputs, labels = next(split_of(revision, split, scratch).batches(revision.manifest.examples))
    return [text.decode() for text in inputs["text"]], np.asarray(revision.manifest.classes)[labels]


def columns_and_labels(revision: Revision, split: SplitName, scratch: Path) -> tuple[np.ndarray, np.ndarray]:
    """Numeric features (float64 [n, columns]) and class names of a split."""
    table = revision.table(split, scratch)
    values = np.stack([table[column.name].to_numpy() for column in revision.manifest.columns], axis=1)
    return values, np.asarray(revision.manifest.classes)[table["__label__"].to_numpy().astype(int)]
