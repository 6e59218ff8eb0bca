"""A cluster as far as decisions can tell: it keeps what is decided, and tests play kubelet and Job controller in it.

Bodies go through the same readers as those of the API server, and statuses through JSON, as they do in a cluster.
"""

import itertools
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from noria.api import Dataset, Model, TrainingJob
from noria.api.condition import Condition, find_condition
from noria.api.kind import Resource
from noria.contract import (
    Artifact,
    ChooseReport,
    ChosenConfiguration,
    ConcludeReport,
    Configuration,
    Report,
    TrainReport,
    termination_message,
)
from noria.decision import Decision
from noria.decisions import read
from noria.decisions.dataset import decide_dataset
from noria.decisions.model import decide_model
from noria.decisions.seen import Rollback, SeenDataset, SeenModel, SeenPod, SeenTrainingJob
from noria.decisions.training_job import decide_training_job
from noria.resources.installation import Installation
from noria.resources.manifest import manifest

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SETTINGS = Installation(
    trainer_image="noria/trainer:1", server_image="noria/server:1", tensorflow_serving_image="tensorflow/serving:2"
)
DIGEST = "sha256:" + "a" * 64


def make(kind: type[Resource], name: str, spec: dict[str, Any], **metadata: Any) -> Any:
    """An object as a user has just created it."""
    about = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "generation": 1, **metadata}
    return kind.model_validate({"metadata": about, "spec": spec})


def dataset(name: str = "clothes", **spec: Any) -> Dataset:
    """A Dataset of images."""
    given = {"task": "ImageClassification", "source": {"uri": "s3://noria/clothes.zip"}, **spec}
    found: Dataset = make(Dataset, name, given)
    return found


def profiled(name: str = "clothes", revision: str = "rev1", **spec: Any) -> Dataset:
    """A Dataset that can be trained on."""
    found = dataset(name, **spec)
    condition = Condition(type="Ready", status="True", reason="Profiled", last_transition_time=NOW)
    status = {"observed_generation": 1, "conditions": (condition,), "revision": revision, "examples": 100}
    return found.model_copy(update={"status": found.status.model_copy(update=status)})


def training_job(**spec: Any) -> TrainingJob:
    """A TrainingJob of the Dataset `clothes`."""
    found: TrainingJob = make(TrainingJob, "clothes", {"datasetRef": {"name": "clothes"}, **spec})
    return found


def model(name: str = "clothes", **spec: Any) -> Model:
    """A Model of the TrainingJob `clothes`."""
    found: Model = make(Model, name, {"source": {"trainingJobRef": {"name": "clothes"}}, **spec})
    return found


def chosen(count: int = 5) -> ChooseReport:
    """A choice of so many configurations."""
    choices = (
        ChosenConfiguration(configuration=Configuration(family="image-cnn", parameters={"width": i}), why="diverse")
        for i in range(count)
    )
    return ChooseReport(strategy="Portfolio", basis="the committed list", choices=tuple(choices))


def trained(score: float) -> TrainReport:
    """A trained model."""
    return TrainReport(score=score, seconds=61.0, artifact=Artifact(uri="s3://noria/m.tar", digest=DIGEST))


def concluded(trial: str = "t2", digest: str = DIGEST) -> ConcludeReport:
    """A conclusion."""
    artifact = Artifact(uri="s3://noria/best.tar", digest=digest)
    return ConcludeReport(trial=trial, score=0.81, low=0.79, high=0.83, artifact=artifact)


def text(moment: datetime) -> str:
    """A time as the API server writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


FULL = ("Evicted", 'Usage of EmptyDir volume "scratch" exceeds the limit "20Gi". ')
LATE = ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")


class Crash(Exception):
    """The operator dies here."""


@dataclass
class World:
    """An object of ours with its Jobs and pods; of a Model, whatever its Deployment names is served at once."""

    object: Any
    dataset: Dataset | None = None
    rollback: Rollback | None = None
    training_job: TrainingJob | None = None
    settings: Installation = SETTINGS
    now: datetime = NOW
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    pods: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    rejections: dict[str, str] = field(default_factory=dict)
    holders: str = ""
    applied: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: set[int] = field(default_factory=set)
    """Versions of a Model that cannot be loaded."""
    created: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    status_writes: int = 0
    writes_until_crash: int | None = None
    requeue: float | None = None
    _numbers: Any = field(default_factory=itertools.count)

    def decide(self) -> Decision[Any]:
        """What the operator decides of what there is."""
        seen: dict[str, Any] = {
            "jobs": tuple(map(read.read_job, self.jobs.values())),
            "pods": tuple(map(read.read_pod, self.pods.values())),
            "refusals": self.refusals,
            "rejections": self.rejections,
            "holders": self.holders,
        }
        if isinstance(self.object, Dataset):
            return decide_dataset(self.object, SeenDataset(**seen), self.settings, self.now)
        if isinstance(self.object, Model):
            return decide_model(self.object, self._seen_of_model(seen), self.settings, self.now)
        about = SeenTrainingJob(dataset=self.dataset, rollback=self.rollback, **seen)
        return decide_training_job(self.object, about, self.settings, self.now)

    def act(self) -> Decision[Any]:
        """One pass: decide, and do it in the executor's order."""
        decision = self.decide()
        self.requeue = decision.requeue
        if decision.status != self.object.status:
            self._write()
            self.status_writes += 1
            stored = type(decision.status).model_validate(json.loads(json.dumps(decision.status.to_dict())))
            assert stored == decision.status
            self.object = self.object.model_copy(update={"status": stored})
            self.events += [f"{event.type} {event.reason}" for event in decision.events]
        for reference in decision.delete:
            self._write()
            assert self.jobs[reference.name]["metadata"]["uid"] == reference.uid
            self.deleted.append(reference.name)
            self.remove(reference.name)
        for child in decision.create:
            body = manifest(child)
            if body["metadata"]["name"] not in self.jobs:
                self._write()
                self._create(body)
        for child in decision.apply:
            self._write()
            body = manifest(child)
            is_first = body["metadata"]["name"] == self.object.metadata.name
            self.applied[child.kind if is_first else f"{child.kind} {body['metadata']['name']}"] = body
        return decision

    def settle(self) -> None:
        """Passes until nothing changes."""
        for _ in range(10):
            before = (self.object.status, set(self.jobs))
            self.act()
            if (self.object.status, set(self.jobs)) == before:
                return
        raise AssertionError("does not come to rest")

    def after(self, seconds: float) -> None:
        """Time goes by, then passes until nothing changes."""
        self.now += timedelta(seconds=seconds)
        self.settle()

    def change(self, **spec: Any) -> None:
        """The user changes the spec."""
        given = {**self.object.spec.to_dict(), **spec}
        metadata = self.object.metadata.model_copy(update={"generation": self.object.metadata.generation + 1})
        found = type(self.object.spec).model_validate(given)
        self.object = self.object.model_copy(update={"spec": found, "metadata": metadata})
        self.rejections.clear()

    def request(self, value: str | None) -> None:
        """A person sets the annotation that asks for another run, or removes it."""
        annotations = {"noria.dev/requestedAt": value} if value is not None else {}
        metadata = self.object.metadata.model_copy(update={"annotations": annotations})
        self.object = self.object.model_copy(update={"metadata": metadata})

    def revise(self, revision: str, examples: int = 100) -> None:
        """The Dataset gets a revision."""
        found = profiled(revision=revision)
        status = found.status.model_copy(update={"revised_at": text(self.now), "examples": examples})
        self.dataset = found.model_copy(update={"status": status})

    def finish(self) -> None:
        """The current run does all its steps with success."""
        run = f"r{self.object.status.run.number}"
        if not self.object.status.trials:
            self.ends(f"{run}-choose", chosen())
            self.settle()
        for trial in self.object.status.trials:
            if trial.score is None:
                self.ends(f"{run}-{trial.name}", trained(0.5))
        self.settle()
        self.ends(f"{run}-conclude", concluded())
        self.settle()

    def job(self, part: str) -> str:
        """The full name of the one Job with this part in its name."""
        (name,) = [name for name in self.jobs if f"-{part}-" in name]
        return name

    def pod(self, part: str, **status: Any) -> None:
        """The newest pod of a Job has this status; without one, it is there now."""
        name = self.job(part)
        pod = f"{name}-{len([p for p in self.pods if p.startswith(name)])}"
        labels = {"batch.kubernetes.io/job-name": name}
        metadata = {"name": pod, "labels": labels, "creationTimestamp": text(self.now)}
        self.pods[pod] = {"metadata": metadata, "status": status}

    def stops(self, part: str, report: Report | str, code: int, *, reason: str) -> None:
        """A pod of the Job ends; the Job may make another."""
        message = report if isinstance(report, str) else termination_message(report)
        ended = {"exitCode": code, "reason": reason, "message": message}
        container = {"name": "step", "state": {"terminated": ended}}
        self.pod(part, phase="Failed" if code else "Succeeded", containerStatuses=[container])

    def ends(self, part: str, report: Report | str, code: int = 0, *, reason: str = "Completed") -> None:
        """The Job's pod ends, and with it the Job."""
        self.stops(part, report, code, reason=reason)
        condition = {"type": "Failed" if code else "Complete", "status": "True"}
        self.jobs[self.job(part)]["status"] = {"conditions": [{**condition, "lastTransitionTime": text(self.now)}]}

    def taken(self, part: str, reason: str, message: str, *, for_good: bool) -> None:
        """The kubelet ends a pod of the Job, and with it the Job if that has no retries."""
        container = {"name": "step", "state": {"terminated": {"exitCode": 137, "reason": "Error"}}}
        self.pod(part, phase="Failed", reason=reason, message=message, containerStatuses=[container])
        if for_good:
            condition = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}
            self.jobs[self.job(part)]["status"] = {"conditions": [{**condition, "lastTransitionTime": text(self.now)}]}

    def remove(self, name: str) -> None:
        """A Job and its pods are gone."""
        del self.jobs[name]
        self.pods = {pod: body for pod, body in self.pods.items() if not pod.startswith(name)}

    def has(self, type: str) -> bool:
        """Whether there is such a condition."""
        return find_condition(self.object.status.conditions, type) is not None

    def condition(self, type: str) -> tuple[str, str, str]:
        """Status, reason and message of a condition."""
        found = find_condition(self.object.status.conditions, type)
        assert found, f"there is no condition {type}"
        return found.status, found.reason, found.message

    @property
    def reason(self) -> str:
        """The reason of Ready."""
        return self.condition("Ready")[1] if self.has("Ready") else ""

    @property
    def parts(self) -> list[str]:
        """The Jobs that there are, by the part in their names."""
        return sorted(name.removeprefix(f"{self.object.metadata.name}-").rsplit("-", 1)[0] for name in self.jobs)

    def _seen_of_model(self, seen: dict[str, Any]) -> SeenModel:
        job_pods = seen.pop("pods")
        children = {kind: body for kind, body in self.applied.items() if kind != "Deployment"}
        seen |= {"training_job": self.training_job, "job_pods": job_pods}
        seen["children"] = tuple(map(read.read_child, children.values()))
        if "Deployment" not in self.applied:
            return SeenModel(**seen)
        deployment = replace(read.read_deployment(self.applied["Deployment"]), replicas=1, updated=1)
        is_broken = deployment.version in self.broken
        served = self.object.status.served if is_broken else deployment.version
        pods = [SeenPod(name="p", created_at=self.now, version=served, ready=True)] if served else []
        if is_broken:
            deployment = replace(deployment, replicas=2, late=True)
            pods.append(SeenPod(name="q", created_at=self.now, version=deployment.version))
        return SeenModel(deployment=deployment, pods=tuple(pods), **seen)

    def _create(self, body: dict[str, Any]) -> None:
        name = body["metadata"]["name"]
        body["metadata"]["uid"] = f"uid-{next(self._numbers)}"
        self.jobs[name] = body
        self.created.append(name)
        self.rejections.pop(name, None)

    def _write(self) -> None:
        if self.writes_until_crash is not None:
            if self.writes_until_crash == 0:
                raise Crash
            self.writes_until_crash -= 1


def begun(**spec: object) -> World:
    """A TrainingJob that has chosen, its trials made."""
    world = World(training_job(**spec), dataset=profiled())
    world.settle()
    world.ends("r1-choose", chosen())
    world.settle()
    return world


def finished(world: World, conclusion: ConcludeReport | None = None) -> World:
    """The same with all its trials and the conclusion done."""
    for number in range(1, 6):
        world.ends(f"r1-t{number}", trained(0.5 + number / 100))
        world.settle()
    world.ends("r1-conclude", conclusion or concluded())
    world.settle()
    return world
