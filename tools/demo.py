#!/usr/bin/env python3
"""The main job, for real and from nothing: `make demo`.

A Kubernetes, Noria installed by Helm, 6,000 small photographs of clothes, five configurations chosen, five trials
trained, the best one served, and its answers to 500 pictures that nobody has trained on. Leaves the figures in
benchmarks/results/demo.json, and everything running, to be looked at; `make down` ends it.
"""

import base64
import json
import os
import random
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import public_data
from kubectl import Kubectl, KubectlError, condition, is_settled, is_true

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks/results/demo.json"
WORK = ROOT / "build/demo"
CONTEXT = os.environ.get("CONTEXT") or None
SYSTEM, NAMESPACE = "noria-system", "noria-demo"
STARTED = float(os.environ.get("STARTED", time.time()))
IMAGES = 6000
TEST_IMAGES = 500
BUCKET = "noria"

stages: dict[str, float] = {}


def say(text: str = "") -> None:
    """A line with the time since the start."""
    minutes, seconds = divmod(int(time.time() - STARTED), 60)
    print(f"[{minutes:2}:{seconds:02}] {text}" if text else "", flush=True)


@contextmanager
def stage(name: str) -> Any:
    """Announces a stage and keeps how long it took."""
    say(f"\033[1m{name}\033[0m" if sys.stdout.isatty() else name)
    began = time.time()
    yield
    stages[name] = round(time.time() - began, 1)


def make(target: str) -> None:
    """Runs a make target of the project, its progress shown."""
    subprocess.run(["make", "--no-print-directory", "-C", str(ROOT), target], check=True)


def install(kubectl: Kubectl) -> None:
    """Noria with its trial object store, by Helm."""
    try:
        kubectl.run("create", "namespace", NAMESPACE)
    except KubectlError as error:
        if "AlreadyExists" not in str(error):
            raise
    kubectl.run("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted", "--overwrite")
    helm = [os.environ.get("HELM", "helm"), *(["--kube-context", CONTEXT] if CONTEXT else [])]
    command = [*helm, "upgrade", "--install", "noria", str(ROOT / "helm/noria"), "--namespace", SYSTEM]
    values = [
        "objectStore.embedded.enabled=true",
        f"objectStore.bucket={BUCKET}",
        f"objectStore.namespaces={{{NAMESPACE}}}",
        "serving.defaultType=Noria",  # the demo builds its image
    ]
    command += ["--create-namespace", "--wait", "--timeout", "5m", *(f"--set={value}" for value in values)]
    subprocess.run(
        [*command, "--values", str(ROOT / "localcluster/values.yaml")], check=True, stdout=subprocess.DEVNULL
    )


def lay_out() -> tuple[Path, Path]:
    """A zip of labelled images to learn from, and a folder of others to ask about."""
    folder = WORK / "clothes"
    shutil.rmtree(folder, ignore_errors=True)
    public_data.fashion_mnist(folder, train=IMAGES, test=TEST_IMAGES)
    return Path(shutil.make_archive(str(WORK / "clothes"), "zip", folder / "train")), folder / "test"


def store_environment(kubectl: Kubectl, port: int) -> dict[str, str]:
    """The object store's credentials, with the address it has for this machine."""
    data = kubectl.get("secret", "noria-object-store")["data"]
    values = {key: base64.b64decode(value).decode() for key, value in data.items()}
    return {**os.environ, **values, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}


def upload(kubectl: Kubectl, source: Path, *options: str) -> str:
    """Checks and uploads a file to where the samples expect it; the Dataset's YAML."""
    with Kubectl(SYSTEM, CONTEXT).port_forward("svc/noria-object-store", 8333) as port:
        command = [str(Path(sys.executable).with_name("noria")), "upload", str(source)]
        command += [f"s3://{BUCKET}/sources/{source.name}", "--name", source.stem, "--namespace", NAMESPACE, *options]
        done = subprocess.run(
            command, env=store_environment(kubectl, port), check=True, stdout=subprocess.PIPE, text=True
        )
    return done.stdout


def upload_for_samples(kubectl: Kubectl) -> None:
    """The sources of the samples for tables and texts."""
    for name, file, task in (
        ("keel:ring", "ring.csv", "TabularClassification"),
        ("spam-assassin", "mails.jsonl", "TextClassification"),
    ):
        folder = WORK / name.partition(":")[0]
        folder.mkdir(parents=True, exist_ok=True)
        public_data.lay_out(name, folder)
        upload(kubectl, folder / file, "--task", task, "--target", "label")


def reset(kubectl: Kubectl) -> None:
    """Removes what an earlier demo left, so that this one shows the whole way again."""
    for kind in ("models", "trainingjobs", "datasets"):
        kubectl.run("delete", f"{kind}.noria.dev", "clothes", "--ignore-not-found", "--wait")


def settled(kubectl: Kubectl, kind: str, *, timeout: float, show: Callable[[dict[str, Any]], str]) -> dict[str, Any]:
    """The object once it is Ready; what `show` says of it is printed at each change."""
    last = ""

    def progress(found: dict[str, Any]) -> None:
        nonlocal last
        text = show(found)
        if text and text != last:
            say(f"  {text}")
            last = text

    found = kubectl.wait(f"{kind}.noria.dev", "clothes", is_settled, timeout=timeout, progress=progress)
    if not is_true(found, "Ready"):
        sys.exit(f"{kind} clothes: {condition(found, 'Ready')['message']}")
    return found


def ready_message(found: dict[str, Any]) -> str:
    """What the Ready condition says."""
    ready = condition(found, "Ready")
    return f"{ready['reason']}: {ready['message']}" if ready else ""


def trials_line(found: dict[str, Any]) -> str:
    """Each trial with its state or score."""
    trials = found.get("status", {}).get("trials", [])
    if not trials:
        return ready_message(found)
    return " · ".join(f"{t['configuration']['family']} {shown(t)}" for t in trials)


def shown(trial: dict[str, Any]) -> str:
    """A trial's validation score, or its state while it has none."""
    return f"{trial['score']:.3f}" if trial.get("score") is not None else str(trial["state"])


def ask(port: int, images: list[Path]) -> list[str]:
    """The class that the served model answers for each image file."""
    instances = [{"b64": base64.b64encode(path.read_bytes()).decode()} for path in images]
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/models/clothes:predict",
        data=json.dumps({"instances": instances}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        rows = json.load(answer)["predictions"]
    return [max(zip(row["scores"], row["classes"], strict=True))[1] for row in rows]


def accuracy(kubectl: Kubectl, folder: Path) -> float:
    """Share of the test images that the served model names rightly."""
    images = sorted(folder.glob("*/*.png"))
    random.Random(0).shuffle(images)
    with kubectl.port_forward("svc/clothes", 8501) as port:
        answers = [name for start in range(0, len(images), 50) for name in ask(port, images[start : start + 50])]
    for image, name in list(zip(images, answers, strict=True))[:3]:
        say(f"  {image.name} is labelled {image.parent.name}: the model says {name}")
    return sum(image.parent.name == name for image, name in zip(images, answers, strict=True)) / len(images)


def training_job() -> dict[str, Any]:
    """Five trials, as many at once as the machine takes."""
    return {
        "apiVersion": "noria.dev/v1alpha1",
        "kind": "TrainingJob",
        "metadata": {"name": "clothes"},
        "spec": {"datasetRef": {"name": "clothes"}, "resources": {"cpu": "250m", "memory": "2Gi"}},
    }


def model() -> dict[str, Any]:
    """Serves the best of them."""
    return {
        "apiVersion": "noria.dev/v1alpha1",
        "kind": "Model",
        "metadata": {"name": "clothes"},
        "spec": {
            "source": {"trainingJobRef": {"name": "clothes"}},
            "server": {"resources": {"cpu": "250m", "memory": "1Gi"}},
        },
    }


def main() -> None:
    """Entry point."""
    stages["python"] = round(time.time() - STARTED, 1)
    kubectl = Kubectl(NAMESPACE, CONTEXT)
    if not CONTEXT:
        with stage("A real Kubernetes on this machine"):
            make("cluster")
    with stage("Images"):
        make("images")
    with stage("helm install noria"):
        install(kubectl)
        reset(kubectl)
    with stage(f"{IMAGES} images of clothes, checked and uploaded"):
        WORK.mkdir(parents=True, exist_ok=True)
        archive, test_folder = lay_out()
        dataset_yaml = upload(kubectl, archive, "--task", "ImageClassification")
    with stage("kubectl apply Dataset: can it work?"):
        kubectl.run("apply", "-f", "-", input=dataset_yaml)
        settled(kubectl, "Dataset", timeout=300, show=ready_message)
    with stage("kubectl apply TrainingJob: five configurations, five trials"):
        kubectl.apply(training_job())
        job = settled(kubectl, "TrainingJob", timeout=1200, show=trials_line)
        for trial in job["status"]["trials"]:
            parameters = " ".join(f"{key}={value}" for key, value in trial["configuration"]["parameters"].items())
            say(f"  {shown(trial):9} {trial['configuration']['family']} {parameters}")
        best = job["status"]["best"]
        low, high = best["interval"]
        say(f"  best: {best['trial']}, {best['score']:.3f} on the hold-out set [{low:.3f}, {high:.3f}]")
    with stage("kubectl apply Model: served and autoscaled"):
        kubectl.apply(model())
        served = settled(kubectl, "Model", timeout=300, show=ready_message)
    with stage(f"{TEST_IMAGES} of Fashion-MNIST's own test images, asked through the served endpoint"):
        share = accuracy(kubectl, test_folder)
        say(f"  {share:.1%} right")
    with stage("A table and mails uploaded, for the other samples"):
        upload_for_samples(kubectl)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    trials = [
        {key: trial.get(key) for key in ("name", "configuration", "score", "duration")}
        for trial in job["status"]["trials"]
    ]
    figures = {"stages": stages, "trials": trials, "served_accuracy": share, "test_images": TEST_IMAGES}
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    say(f"Done in {time.time() - STARTED:.0f} s; figures in {RESULTS.relative_to(ROOT)}")
    print(what_next(served["status"]["url"]))


def what_next(url: str) -> str:
    """What a newcomer may type now."""
    use = f"kubectl --context {CONTEXT}" if CONTEXT else "source localcluster/env.sh; kubectl"
    return f"""
What to type next:
  {use} -n {NAMESPACE} get noria
  {use} -n {NAMESPACE} describe trainingjob clothes
  {use} -n {NAMESPACE} port-forward svc/clothes 8501    # then POST images to /v1/models/clothes:predict
  {use} -n {NAMESPACE} apply -f manifests/samples/table.yaml    # or text.yaml
  make test     # everything that must hold
  make down     # the cluster ends, nothing is left
Inside the cluster the model answers at {url}
Noria is installed in it for the namespace {NAMESPACE}; to add another one see docs/install.md
"""


if __name__ == "__main__":
    main()
