"""A namespace with a Dataset, a TrainingJob and a Model, as the API server would have them, and their bucket."""

import base64
import io
import tarfile
from collections.abc import Mapping
from typing import Any

from fake_api import FakeApi
from noria_store.verified import digest_of

Body = dict[str, Any]
OURS = "/apis/noria.dev/v1alpha1/namespaces/shop"
SECRET = "/api/v1/namespaces/shop/secrets/noria-object-store"
SINCE = "2025-01-02T12:00:00Z"
REVISION = "0123456789abcdef"


def condition(type: str, status: str, reason: str, message: str) -> Body:
    return {"type": type, "status": status, "reason": reason, "message": message, "lastTransitionTime": SINCE}


def status(*conditions: Body, **further: Any) -> Body:
    return {"observedGeneration": 1, "conditions": list(conditions), **further}


def dataset() -> Body:
    problem = {
        "reason": "UnreadableFiles",
        "severity": "Warning",
        "message": "2 files cannot be read and are left out: save them again as PNG or JPEG",
        "count": 2,
        "names": ["bag/7.png", "shirt/1.png"],
    }
    return {
        "spec": {"task": "ImageClassification", "source": {"uri": "s3://noria/sources/clothes.zip"}},
        "status": status(
            condition("Ready", "True", "Profiled", "1,000 examples of 2 classes"),
            revision=REVISION,
            examples=1000,
            classes=["bag", "shirt"],
            classCount=2,
            problems=[problem],
            profileNumber=1,
        ),
    }


def trial(number: int, state: str, **further: Any) -> Body:
    configuration = {"family": "image-cnn", "parameters": {"width": 16 * number, "depth": 1}}
    reason = "it did best on the 3 most similar datasets"
    return {"name": f"t{number}", "configuration": configuration, "reason": reason, "state": state, **further}


def training_job(root: str) -> Body:
    runs = f"{root}/runs/shop/clothes/uid-clothes/2"
    trials = [
        trial(1, "Succeeded", score=0.91, duration=60.0, expectedScore=0.9, spread=0.02),
        trial(
            2,
            "Failed",
            failure="OutOfMemory",
            message="the container used more than 2Gi",
            logURI=f"{runs}/t2/log.txt",
        ),
        trial(3, "Running"),
        trial(4, "Pending"),
    ]
    run = {
        "number": 2,
        "generation": 1,
        "specHash": "a",
        "cause": "NewRevision",
        "causeMessage": "the Dataset has revision 0123456789abcdef, found after the last run",
        "task": "ImageClassification",
        "revision": REVISION,
        "trainerImage": "noria/trainer",
        "startedAt": SINCE,
    }
    best = {
        "trial": "t1",
        "run": 1,
        "score": 0.88,
        "summary": "Accuracy 0.8800",
        "interval": [0.86, 0.9],
        "artifact": artifact(root, 1),
        "cardURI": f"{root}/runs/shop/clothes/uid-clothes/1/best/card.md",
    }
    choice = {"strategy": "MetaLearned", "basis": "120 results on 9 datasets, most similar to abc"}
    return {
        "spec": {"datasetRef": {"name": "clothes"}, "parallelism": 2},
        "status": status(
            condition("Ready", "False", "Training", "2 of 4 trials have ended"),
            condition("Reconciling", "True", "Training", "2 of 4 trials have ended"),
            run=run,
            choice=choice,
            trials=trials,
            trialsDone="2/4",
            best=best,
        ),
    }


def archive() -> bytes:
    """A version as a tar file."""
    file, content = io.BytesIO(), b"a graph"
    with tarfile.open(fileobj=file, mode="w") as tar:
        info = tarfile.TarInfo("saved_model.pb")
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def artifact(root: str, run: int) -> Body:
    return {"uri": f"{root}/runs/shop/clothes/uid-clothes/{run}/best/model.tar", "digest": digest_of(archive())}


def version(root: str, number: int, **further: Any) -> Body:
    return {
        "version": number,
        "artifact": artifact(root, number),
        "origin": f"TrainingJob clothes, run {number}, t1",
        "score": 0.8 + number / 100,
        "metric": "Accuracy",
        "task": "ImageClassification",
        "dataset": "clothes",
        "revision": REVISION,
        "createdAt": f"2026-11-2{number}T12:00:00Z",
        **further,
    }


def verdict(result: str, reason: str, message: str, **further: Any) -> Body:
    return {"result": result, "reason": reason, "message": message, "at": SINCE, "by": "policy", **further}


def model(root: str) -> Body:
    proof = f"{root}/proofs/shop/clothes/uid-clothes/3/proof.json"
    first = verdict("Promoted", "FirstVersion", "nothing was served before")
    second = verdict("Promoted", "Better", "Accuracy 0.82 vs 0.81", gain="0.01", interval=["0.002", "0.02"])
    third = verdict(
        "Rejected", "Worse", "Accuracy 0.40 vs 0.89", gain="-0.49", interval=["-0.57", "-0.40"], reportURI=proof
    )
    versions = [
        version(root, 1, verdict=first, promotedAt="2026-11-21T12:00:00Z"),
        version(root, 2, verdict=second, promotedAt="2026-11-22T12:00:00Z", isAnchor=True),
        version(root, 3, verdict=third),
    ]
    return {
        "spec": {"source": {"trainingJobRef": {"name": "clothes"}}},
        "status": status(
            condition(
                "Ready", "True", "Serving", "version 2 answers at http://clothes.shop.svc:8501/v1/models/clothes"
            ),
            condition("Loaded", "True", "Serving", "version 2 answers"),
            url="http://clothes.shop.svc:8501/v1/models/clothes",
            served=2,
            versions=versions,
            replicas=1,
        ),
    }


def fill(api: FakeApi, root: str = "s3://noria") -> None:
    """Have all of them; what they have made lies below the root, a bucket or a folder in its place."""
    api.add(f"{OURS}/datasets/clothes", dataset())
    api.add(f"{OURS}/trainingjobs/clothes", training_job(root))
    api.add(f"{OURS}/models/clothes", model(root))


def keep(api: FakeApi, values: Mapping[str, str]) -> None:
    """Have a Secret with these values."""
    api.add(SECRET, {"data": {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}})
