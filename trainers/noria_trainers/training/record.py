"""What a trial leaves beside its model: history and predictions."""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from noria.contract.place import HISTORY, PREDICTIONS
from noria_store.store import Store
from noria_store.uri import join
from noria_trainers.training.judge import Judgement
from noria_trainers.training.state import State


def write(folder: str, found: State, judged: Judgement, store: Store) -> None:
    """Per epoch: train and validation loss, score and seconds; and the best epoch's validation predictions."""
    epochs = [asdict(epoch) for epoch in found.history]
    history = {name: [epoch[name] for epoch in epochs] for name in epochs[0]} | {"best": found.best}
    store.write(join(folder, HISTORY), json.dumps(history).encode())
    file = io.BytesIO()
    np.savez_compressed(file, labels=judged.labels, scores=judged.predictions)
    store.write(join(folder, PREDICTIONS), file.getvalue())


def curve(folder: str, store: Store) -> Sequence[float]:
    """Validation score after each epoch; empty where the trial left none."""
    history = store.find(join(folder, HISTORY))
    found: Sequence[float] = json.loads(history)["score"] if history else ()
    return found


def predictions(folder: str, store: Store) -> tuple[NDArray[np.generic], NDArray[np.float32]]:
    """Labels [n] of the validation split, and what the trial answered to it: [n, classes], or [n, 1]."""
    with np.load(io.BytesIO(store.read(join(folder, PREDICTIONS)))) as kept:
        return kept["labels"], kept["scores"]
