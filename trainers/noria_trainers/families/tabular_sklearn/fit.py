"""Estimators of scikit-learn, fitted and turned into graphs of plain TensorFlow.

Everything is calculated in 64 bits, as there; only trees look at features in 32 bits, as there.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from noria_trainers.families.tabular_sklearn.estimator import estimator
from noria_trainers.families.tabular_sklearn.graph import Graph, form_of
from noria_trainers.modality.table.standard import FEATURES
from noria_trainers.training.design import Parameters
from noria_trainers.training.device import processors


def fit(
    parameters: Parameters, features: Mapping[str, NDArray[Any]], labels: NDArray[Any], outputs: int, seed: int
) -> Graph:
    """The configuration's estimator, fitted to features [n, width] and labels [n], as a network with that many outputs.

    Raises StepError where it would be too large to be served.
    """
    found = trained(parameters, features[FEATURES], labels, seed)
    return Graph(form_of(found, features[FEATURES], labels), found.classes_, outputs)


def trained(
    parameters: Parameters,
    features: NDArray[np.float64],
    labels: NDArray[Any],
    seed: int,
    *,
    calibrated: bool = True,
) -> Any:
    """The estimator of scikit-learn, fitted to features [n, width] and labels [n].

    Where its probabilities do not matter it need not be calibrated.
    """
    counts = np.unique(labels, return_counts=True)[1]
    blank = estimator(
        parameters,
        examples=len(labels),
        rarest=int(counts.min()),
        classes=len(counts),
        seed=seed,
        jobs=processors(),
        calibrated=calibrated,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the table's configurations stop where they stop
        return blank.fit(features, labels)
