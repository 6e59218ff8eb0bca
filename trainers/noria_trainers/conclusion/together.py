"""Ensembles of trials: found in the trials' predictions, and combined into one SavedModel. Used by `steps.conclude`.

The model takes and answers what each of its members does. They are loaded with all that they hold and called by one
function of plain TensorFlow, so whatever serves one of them serves them together.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from noria.contract import ConcludeOrder, Task, TrainReport
from noria.contract.place import folder_of
from noria_store.store import Store
from noria_trainers import export
from noria_trainers.by_example import ByExample
from noria_trainers.conclusion.ensemble import Member, Selection, places, select
from noria_trainers.data.revision import Revision
from noria_trainers.target.target import target_of
from noria_trainers.training import record


def find(
    order: ConcludeOrder, revision: Revision, reports: Mapping[str, TrainReport], best: str, store: Store
) -> Selection | None:
    """The ensemble that the trials' predictions suggest; none where no two are better than one."""
    labels: NDArray[np.generic] = np.empty(0)
    answers = {}
    for name, report in reports.items():
        truth, scores = record.predictions(folder_of(report.artifact.uri), store)
        looked_at = places(len(scores), scores.shape[1], order.seed)
        labels, answers[name] = truth[looked_at], scores[looked_at]
    found = select(
        order.task, order.metric, labels, answers, best, classes=len(revision.manifest.classes), seed=order.seed
    )
    if found is None:
        return None
    return replace(found, size=sum(store.size(reports[each.trial].artifact.uri) or 0 for each in found.members))


def build(
    task: Task,
    selection: Selection,
    reports: Mapping[str, TrainReport],
    scratch: Path,
    store: Store,
    by_example: ByExample | None = None,
) -> Path:
    """The ensemble as a SavedModel; its folder. Raises StepError where a member was changed after training."""
    members = selection.members
    folders = [export.unpack(reports[each.trial].artifact, scratch / "members" / each.trial, store) for each in members]
    folder = scratch / "ensemble"
    model, inputs = _combined(task, members, folders)
    export.write(model, inputs, folder, by_example)
    return folder


def _combined(task: Task, members: tuple[Member, ...], folders: list[Path]) -> tuple[tf.Module, dict[str, Any]]:
    """The members as one model, and the inputs of its function `serve`."""
    model = tf.Module()
    model.members = [tf.saved_model.load(str(each)) for each in folders]
    inputs = model.members[0].signatures[export.SIGNATURE].structured_input_signature[1]
    target = target_of(task)
    output = target.score_output

    def serve(**raw: tf.Tensor) -> dict[str, tf.Tensor]:
        answers = [each.serve(**raw) for each in model.members]
        parts = [
            member.weight * target.tempering.tensor(answer[output], member.temperature)
            for member, answer in zip(members, answers, strict=True)
        ]
        return {**answers[0], output: tf.add_n(parts)}

    model.serve = tf.function(serve, jit_compile=False, autograph=False)
    return model, inputs
