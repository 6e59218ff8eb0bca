"""scikit-learn's estimator for a configuration of the family `tabular-sklearn`.

Three have margins instead of probabilities: both support vector machines and the perceptron. These are calibrated by
one temperature (Guo et al., arXiv:1706.04599), found on margins of examples that the folds' machines did not see; the
served machine is fitted to all examples. A temperature never changes which class is the most likely, so predictions
are the machine's own.
"""

from collections.abc import Callable
from typing import Any

from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from noria_trainers.families.tabular_sklearn.space import ALL, ESTIMATOR
from noria_trainers.training.design import Parameters

FOLDS = 5
"""Of the calibration; fewer where a class has fewer examples."""


def estimator(
    parameters: Parameters,
    *,
    examples: int,
    rarest: int,
    classes: int,
    seed: int,
    jobs: int,
    calibrated: bool = True,
) -> Any:
    """The unfitted estimator for this number of examples, `rarest` of the rarest class.

    Without `calibrated` a machine with margins stays as it is, which predicts the same in a sixth of the time.
    """
    folds = max(2, min(FOLDS, rarest)) if calibrated else 0
    given = {name: value for name, value in parameters.items() if name != ESTIMATOR}
    match parameters[ESTIMATOR]:
        case "decision-tree":
            return DecisionTreeClassifier(min_samples_split=_split(given), random_state=seed)
        case "random-forest":
            return _forest(RandomForestClassifier, given, seed, jobs)
        case "extra-trees":
            return _forest(ExtraTreesClassifier, given, seed, jobs)
        case "gradient-boosting":
            columns = None if given["max_features"] == ALL else given["max_features"]
            return GradientBoostingClassifier(
                learning_rate=given["learning_rate"],
                max_depth=int(given["max_depth"]),
                max_features=columns,
                random_state=seed,
            )
        case "hist-gradient-boosting":
            leaves = int(given.pop("max_leaf_nodes"))
            return HistGradientBoostingClassifier(max_leaf_nodes=leaves, random_state=seed, **given)
        case "adaboost":
            return AdaBoostClassifier(
                n_estimators=int(given["trees"]), learning_rate=given["learning_rate"], random_state=seed
            )
        case "nearest-neighbors":
            return KNeighborsClassifier(min(int(given["neighbors"]), examples), p=int(given["p"]), n_jobs=jobs)
        case "gaussian-naive-bayes":
            return GaussianNB()
        case "logistic-regression":
            one = LogisticRegression(
                C=given["C"], l1_ratio=float(given["penalty"] == "l1"), solver=given["solver"], random_state=seed
            )
            return one if classes == 2 else OneVsRestClassifier(one, n_jobs=1)
        case "linear-svm":
            return _calibrated(LinearSVC(C=given["C"], dual="auto", random_state=seed), folds)
        case "kernel-svm":
            kernel = {"kernel": given["kernel"], "coef0": given["coef0"], "gamma": "auto"}
            machine = SVC(C=given["C"], break_ties=classes > 2, **kernel)  # ties of votes go by margins
            return _calibrated(machine, folds)
        case "perceptron":
            return _calibrated(Perceptron(random_state=seed), folds)
        case "mlp":
            rate = given.pop("learning_rate")
            return MLPClassifier(learning_rate="adaptive", learning_rate_init=rate, random_state=seed, **given)
        case other:
            raise ValueError(f"no estimator {other!r}")


def _forest(kind: Callable[..., Any], given: Parameters, seed: int, jobs: int) -> Any:
    return kind(
        int(given["trees"]),
        criterion=given["criterion"],
        min_samples_split=_split(given),
        random_state=seed,
        n_jobs=jobs,
    )


def _split(given: Parameters) -> int | float:
    """A count as an integer, which it may have ceased to be on its way through an API server; a share as it is."""
    least = given["min_samples_split"]
    return int(least) if least >= 1 else float(least)


def _calibrated(machine: Any, folds: int) -> Any:
    """The machine itself where there are no folds."""
    return CalibratedClassifierCV(machine, method="temperature", ensemble=False, cv=folds) if folds else machine
