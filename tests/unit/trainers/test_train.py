"""The train step from order to report, and in a process of its own that is told to stop and started again."""

import hashlib
import io
import json
import math
import os
import re
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from noria.contract import TASKS, Backbone, Configuration, Metric, Task, TrainOrder, TrainReport, parse_report
from noria.contract.place import CHECKPOINT, HISTORY, MODEL, PREDICTIONS
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.steps import train

Sources = Callable[[Task], tuple[Path, str | None]]
BASELINES = {Task.TABULAR_REGRESSION: 0.5, Task.CLICK_THROUGH_RATE: 0.7}
"""Scores that the small sources' trials must pass; 0.7 accuracy of two even classes otherwise."""


def order(task: Task, revision: str, destination: Path, family: str, **parameters: Any) -> TrainOrder:
    return TrainOrder(
        task=task,
        metric=TASKS[task].metrics.default,
        revision=revision,
        configuration=Configuration(family=family, parameters=parameters),
        destination=f"{destination}/",
        report=f"{destination}/report.json",
    )


@pytest.mark.parametrize(
    ("task", "family"),
    [
        (Task.IMAGE_CLASSIFICATION, "image-cnn"),
        (Task.TEXT_CLASSIFICATION, "text-linear"),
        (Task.TABULAR_CLASSIFICATION, "tabular-mlp"),
        (Task.TABULAR_CLASSIFICATION, "tabular-sklearn"),
        (Task.TABULAR_REGRESSION, "tabular-linear"),
        (Task.CLICK_THROUGH_RATE, "click-cross"),
    ],
)
def test_a_trial_leaves_a_model_that_scores_what_it_reports(
    task: Task, family: str, source_of: Sources, make_revision: Callable[..., str], store: Store, tmp_path: Path
) -> None:
    source, target = source_of(task)
    revision = make_revision(source, task, target=target)
    report = train.run(order(task, revision, tmp_path / "trial", family), store, tmp_path / "scratch")
    assert report.score > BASELINES.get(task, 0.7)
    assert report.metrics[TASKS[task].metrics.default] == report.score
    packed = Path(report.artifact.uri).read_bytes()
    assert report.artifact.digest == f"sha256:{hashlib.sha256(packed).hexdigest()}"
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        tar.extractall(tmp_path / "model", filter="data")
    answer = tf.saved_model.load(tmp_path / "model").signatures["serving_default"]
    kept = np.load(tmp_path / "trial" / PREDICTIONS)
    expected_outputs = {"outputs"} if task is Task.TABULAR_REGRESSION else {"scores", "classes"}
    assert set(answer.structured_outputs) == expected_outputs - ({"classes"} if kept["scores"].shape[1] == 1 else set())
    history = json.loads((tmp_path / "trial" / HISTORY).read_text())
    assert len(history["score"]) == len(history["train_loss"]) == report.epochs
    best = history["score"][history["best"]]
    assert report.score == pytest.approx(best, abs=0.1 if report.epochs > 1 else 1e-6)  # an epoch's own score has luck
    assert not (tmp_path / "trial" / CHECKPOINT).exists()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, while it writes weights
def test_a_backbone_s_weights_are_verified(
    source_of: Sources, make_revision: Callable[..., str], store: Store, tmp_path: Path
) -> None:
    task = Task.IMAGE_CLASSIFICATION
    revision = make_revision(source_of(task)[0], task)
    published = keras.applications.MobileNetV3Small(include_top=False, weights=None, input_shape=(32, 32, 3))
    weights = tmp_path / "small.weights.h5"
    published.save_weights(weights)
    digest = f"sha256:{hashlib.sha256(weights.read_bytes()).hexdigest()}"
    given = order(task, revision, tmp_path / "trial", "image-backbone", resolution=32, tune="last")

    def run(digest: str) -> TrainReport:
        backbone = Backbone(name="MobileNetV3Small", uri=str(weights), digest=digest)
        return train.run(given.model_copy(update={"backbones": (backbone,)}), store, tmp_path / "scratch")

    with pytest.raises(StepError, match="has the digest") as refused:
        run(f"sha256:{'0' * 64}")
    assert refused.value.exit_code == 64
    assert run(digest).parameters > 900_000


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_finite_number_fails_the_trial_in_words(score: float) -> None:
    with pytest.raises(StepError, match=f"the R2 on the validation set is {score}, so that it cannot be compared"):
        train._finite(score, Metric.R2)


def test_an_unknown_family_is_refused_before_data_are_read(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StepError, match="did you mean 'tabular-mlp'") as refused:
        train.run(order(Task.TABULAR_REGRESSION, "nowhere/", tmp_path, "tabular-mlpp"), store, tmp_path)
    assert refused.value.exit_code == 64


PIPE_BYTES = 4096
"""The log's pipe holds the lines of some ten epochs, so that a trial nobody reads from waits and cannot end."""


@contextmanager
def started(given: TrainOrder, scratch: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """The step as a pod starts it, its log in a pipe; nothing of it outlives the block."""
    environment = os.environ | {
        "NORIA_ORDER": given.to_json(),
        "NORIA_REPORT_PATH": str(scratch.with_suffix(".report")),
        "NORIA_SCRATCH": str(scratch),
        "NORIA_METRICS_PORT": "0",
    }
    command = [sys.executable, "-m", "noria_trainers", "train"]
    output, errors = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(
        command, env=environment, stdout=output, stderr=errors, bufsize=0, pipesize=PIPE_BYTES
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(pattern: bytes, process: "subprocess.Popen[bytes]") -> None:
    """Reads the log up to a line with the pattern, and no further."""
    assert process.stdout
    read = b""
    while line := process.stdout.readline():
        read += line
        if re.search(pattern, line):
            return
    raise AssertionError(read.decode())


def ended(process: "subprocess.Popen[bytes]") -> tuple[int, str]:
    """The exit code and the rest of the log."""
    assert process.stdout
    log = process.stdout.read().decode()
    return process.wait(), log


@pytest.mark.timeout(1200)
def test_a_killed_trial_goes_on_and_scores_like_an_undisturbed_one(
    table_revision: str, store: Store, tmp_path: Path
) -> None:
    given = order(Task.TABULAR_CLASSIFICATION, table_revision, tmp_path / "killed", "tabular-mlp")
    with started(given, tmp_path / "one") as process:
        read_until(rb"epoch +3 of", process)
        process.send_signal(signal.SIGTERM)
        code, log = ended(process)
    assert code == 75, log
    assert (tmp_path / "killed" / CHECKPOINT).exists()
    assert not (tmp_path / "killed" / MODEL).exists()
    with started(given, tmp_path / "two") as process:
        code, log = ended(process)
    assert code == 0, log
    assert "resumed from a checkpoint" in log
    assert not re.search(r"epoch +[12] of", log)
    killed = parse_report((tmp_path / "killed" / "report.json").read_text())
    assert isinstance(killed, TrainReport)
    alone = train.run(given.model_copy(update={"destination": f"{tmp_path}/alone/"}), store, tmp_path / "scratch")
    assert killed.score == pytest.approx(alone.score, abs=0.05)  # some three of the examples that are scored
    assert killed.score > 0.8
