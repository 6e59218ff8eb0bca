"""The train step: one configuration is fitted to a revision, exported and scored on the validation split.

A step that was stopped resumes from its checkpoint. Started by `frame`, and without a cluster by `noria_cli.run`.
"""

import hashlib
import json
import math
import time
from importlib.metadata import version
from pathlib import Path

import keras
import structlog

from noria.contract import Artifact, ExitCode, Metric, TrainOrder, TrainReport
from noria.contract.place import CHECKPOINT, MODEL
from noria_store.error import StepError
from noria_store.store import Store
from noria_store.uri import join
from noria_trainers import export, families, metrics
from noria_trainers.by_example import ByExample
from noria_trainers.data.manifest import Manifest
from noria_trainers.data.revision import Revision
from noria_trainers.families.image_backbone import weights
from noria_trainers.modality.modality import split_of
from noria_trainers.target.target import target_of
from noria_trainers.training import device, once, record, state
from noria_trainers.training.design import Design, Fit, Network, Problem
from noria_trainers.training.interruption import interruption
from noria_trainers.training.judge import Judge
from noria_trainers.training.loop import Loop
from noria_trainers.training.objective import Objective
from noria_trainers.training.state import State

log = structlog.stdlib.get_logger(__name__)


def run(order: TrainOrder, store: Store, scratch: Path) -> TrainReport:
    """Train as ordered; leaves model.tar, history.json and predictions.npz in the order's destination."""
    began = time.monotonic()
    families.check(order.configuration, order.task)
    revision = Revision.open(store, order.revision)
    gpu = device.prepare(order.seed)
    trial = _Trial(order, store, scratch, revision, gpu)
    network, found = trial.train()
    judged = Judge(network, trial.objective).judge(trial.validation)
    scores = metrics.score(order.task, judged.labels, found.cross_fit.predictions, trial.objective.outputs)
    score = _finite(scores[order.metric], order.metric)
    artifact = _export(trial, network)
    record.write(order.destination, found, judged, store)
    store.delete(join(order.destination, CHECKPOINT))
    log.info("trained", score=score, epochs=len(found.history), seconds=round(time.monotonic() - began, 1))
    return TrainReport(
        score=score,
        metrics={str(metric): value for metric, value in scores.items() if math.isfinite(value)},
        seconds=time.monotonic() - began,
        epochs=len(found.history),
        parameters=network.count_params(),
        artifact=artifact,
    )


def _finite(score: float, metric: Metric) -> float:
    """The score, if it is a number that others can be compared with. Raises StepError otherwise."""
    if not math.isfinite(score):
        cure = "lower learning_rate, or look for extreme values"
        message = f"the {metric} on the validation set is {score}, so that it cannot be compared: {cure}"
        raise StepError(ExitCode.BAD_DATA, "ScoreNotFinite", message)
    return score


class _Trial:
    """An order with its data."""

    def __init__(self, order: TrainOrder, store: Store, scratch: Path, revision: Revision, gpu: bool) -> None:
        self.order, self.store, self._scratch, self._revision = order, store, scratch, revision
        manifest = revision.manifest
        outputs = target_of(order.task).outputs(len(manifest.classes))
        train = split_of(revision, "train", scratch)
        complete = families.FAMILIES[order.configuration.family].configuration(order.configuration.parameters)
        problem = Problem(
            manifest=manifest,
            outputs=outputs,
            gpu=gpu,
            seed=order.seed,
            texts=train.texts,
            table=train.table,
            weights=weights.fetch(complete, order.backbones, store=store, scratch=scratch),
        )
        self.design = families.design(complete, problem)
        smoothing = self.design.recipe.smoothing if isinstance(self.design, Design) else 0.0
        self.objective = Objective.of(order.task, order.metric, train.labels, len(manifest.classes), smoothing)
        self._train = train.encoded(self.design.inputs)
        self.validation = split_of(revision, "validation", scratch).encoded(self.design.inputs)

    def train(self) -> tuple[Network, State]:
        """The finished network, and how it came about."""
        if isinstance(self.design, Fit):
            return once.fit(self.design, self.objective, self._train.held(), self.validation)
        found = self._loop(self.design)
        keras.backend.clear_session()
        network = self.design.network()  # in 32 bits
        network.set_weights(found.best_weights)
        return network, found

    def _loop(self, design: Design) -> State:
        """Train, from the checkpoint if there is one, until it is over."""
        with device.mixed_precision():
            loop = Loop(design.network(), self.objective, design.recipe, self._train, self.validation, self.order.seed)
        place, identity = join(self.order.destination, CHECKPOINT), self._identity()
        found = State()
        stored = self.store.find(place)
        kept = state.unpack(stored, identity) if stored else None
        if kept:
            found, variables = kept
            loop.restore(variables)
            log.info("resumed from a checkpoint", epochs=len(found.history), batches=found.batches)
        with interruption() as stopped:
            loop.run(found, lambda: self.store.write(place, state.pack(identity, found, loop.variables())), stopped)
        return found

    @property
    def manifest(self) -> Manifest:
        """Of the revision."""
        return self._revision.manifest

    @property
    def folder(self) -> Path:
        """Where this trial's model is written before it is packed."""
        return self._scratch / f"trial-{self._identity()}"

    def _identity(self) -> str:
        """Changes with everything that a checkpoint must fit to."""
        order = self.order
        facts = [order.configuration.id, order.revision, order.metric, order.seed, version("noria")]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _export(trial: _Trial, network: Network) -> Artifact:
    folder, uri = trial.folder, join(trial.order.destination, MODEL)
    by_example = ByExample.of(trial.manifest)
    export.save(trial.design.inputs, network, trial.objective, trial.manifest.classes, folder, by_example)
    packed = folder.with_suffix(".tar")
    digest = export.pack(folder, packed)
    trial.store.upload(packed, uri)
    return Artifact(uri=uri, digest=digest)
