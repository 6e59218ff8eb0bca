"""Models that a library fits in one call: no epochs, and no checkpoint, since an interrupted fit is repeated.

Used by `steps.train`.
"""

import time
from dataclasses import replace

from noria_trainers.modality.encoded import EncodedExamples, Held
from noria_trainers.training import progress
from noria_trainers.training.design import Fit, Network
from noria_trainers.training.judge import Judge
from noria_trainers.training.objective import Objective
from noria_trainers.training.state import Epoch, State

_JUDGED = 1000
"""Training examples on which the training loss is taken."""


def fit(design: Fit, objective: Objective, train: Held, validation: EncodedExamples) -> tuple[Network, State]:
    """The network, and a history of one epoch."""
    began = time.monotonic()
    network = design.fit(train.features, train.labels)
    seconds = time.monotonic() - began
    judge, found = Judge(network, objective), State()
    seen = replace(
        train,
        features={name: each[:_JUDGED] for name, each in train.features.items()},
        labels=train.labels[:_JUDGED],
    )
    judged = judge.judge(validation)
    epoch = Epoch(judge.judge(seen).loss, judged.loss, judged.scores[objective.metric], seconds)
    found.finish(epoch, [], objective.metric)
    found.cross_fit.see(judged, objective)
    progress.show(epoch, number=1, most=1, best=epoch.score, examples=train.count)
    return network, found
