"""A fitted estimator as a network, which is scored and exported like those of Keras."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

from noria.contract import ExitCode
from noria_store.error import StepError
from noria_trainers.families.tabular_sklearn import plain, tree
from noria_trainers.families.tabular_sklearn.form import Form
from noria_trainers.families.tabular_sklearn.kernel import kernel_margins
from noria_trainers.modality.table.standard import FEATURES

MOST_BYTES = 200_000_000
"""Of the numbers in a graph. Neighbours and support vectors are training examples: tables can make them huge."""
_SMALLEST = 1e-30
"""Probability whose logarithm stands for that of nothing."""


class Graph:
    """Answers with logarithms of probabilities, [b, outputs] float32, so that their softmax is the probabilities."""

    def __init__(self, form: Form, classes: NDArray[np.generic], outputs: int) -> None:
        """`classes`: those that the estimator knows, out of the first `outputs` whole numbers."""
        if form.size > MOST_BYTES:
            size, most = f"{form.size / 1e6:,.0f} MB", f"{MOST_BYTES / 1e6:,.0f} MB"
            words = (
                f"the model would take {size}, but at most {most} can be served: "
                "use another estimator, fewer trees, larger leaves or fewer rows"
            )
            raise StepError(ExitCode.BAD_DATA, "ModelTooLarge", words)
        self._form, self._outputs, self._classes = form, outputs, np.asarray(classes)
        self._numbers = {
            name: keras.Variable(array, trainable=False, dtype=array.dtype.name, name=name)
            for name, array in form.arrays.items()
        }

    @property
    def variables(self) -> list[keras.Variable]:
        """All arrays."""
        return list(self._numbers.values())

    def count_params(self) -> int:
        """How many numbers the graph holds."""
        return sum(array.size for array in self._form.arrays.values())

    def __call__(self, features: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Logarithms of the probabilities."""
        numbers = {name: variable.value for name, variable in self._numbers.items()}
        found = self._form.answer(numbers, features[FEATURES])
        if len(self._classes) < self._outputs:
            found = tf.matmul(found, np.eye(self._outputs)[self._classes])
        return tf.cast(tf.math.log(tf.maximum(found, _SMALLEST)), tf.float32)


def form_of(fitted: Any, features: NDArray[np.float64], labels: NDArray[np.generic]) -> Form:
    """The form of an estimator fitted to features [n, width] and labels [n]; neighbours are these examples."""
    match fitted:
        case GradientBoostingClassifier():
            return tree.boosting(fitted, features)
        case HistGradientBoostingClassifier():
            return tree.histogram_boosting(fitted, features)
        case AdaBoostClassifier():
            return tree.adaboost(fitted)
        case KNeighborsClassifier():
            return plain.neighbors(fitted, features, labels)
        case GaussianNB():
            return plain.naive_bayes(fitted)
        case MLPClassifier():
            return plain.network(fitted)
        case LogisticRegression() | OneVsRestClassifier():
            return plain.logistic(fitted)
        case CalibratedClassifierCV():
            return _calibrated(fitted)
        case _:
            return tree.forest(fitted)


def _calibrated(fitted: CalibratedClassifierCV) -> Form:
    (found,) = fitted.calibrated_classifiers_
    machine = found.estimator
    margins = kernel_margins(machine) if isinstance(machine, SVC) else plain.linear_margins(machine)
    return plain.calibrated(margins, float(found.calibrators[0].beta_))
