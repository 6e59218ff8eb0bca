"""The support vector machine with a kernel as a graph."""

from itertools import combinations
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from noria_trainers.families.tabular_sklearn.form import Form, Numbers


def kernel_margins(estimator: Any) -> Form:
    """Not probabilities: what speaks for each class, or for the second of two, [b, 1]."""
    classes, gamma = len(estimator.classes_), 1 / estimator.n_features_in_  # what "auto" is
    coefficients = estimator.dual_coef_.T.copy() if classes == 2 else _pairwise(estimator)
    vectors = estimator.support_vectors_
    arrays = {"vectors": vectors, "coefficients": coefficients, "bias": estimator.intercept_}

    def answer(numbers: Numbers, features: tf.Tensor) -> tf.Tensor:
        products = tf.matmul(features, numbers["vectors"], transpose_b=True)
        if estimator.kernel == "rbf":
            own, theirs = (tf.reduce_sum(tf.square(each), axis=1) for each in (features, numbers["vectors"]))
            likeness = tf.exp(-gamma * tf.maximum(own[:, tf.newaxis] + theirs - 2 * products, 0))
        else:
            likeness = (gamma * products + estimator.coef0) ** estimator.degree
        margins = tf.matmul(likeness, numbers["coefficients"]) + numbers["bias"]
        return margins if classes == 2 else _by_class(margins, classes)

    return Form(arrays, answer)


def _pairwise(estimator: Any) -> NDArray[np.float64]:
    """Coefficients [vectors, pairs] of the machine of each pair of classes, from libsvm's layout.

    Of the coefficients of a vector of class i the one against class j is in row j, or j - 1 where j > i.
    """
    classes, ends = len(estimator.classes_), np.cumsum(estimator.n_support_)
    of_class = [slice(end - count, end) for end, count in zip(ends, estimator.n_support_, strict=True)]
    pairs = list(combinations(range(classes), 2))
    found = np.zeros((len(estimator.support_vectors_), len(pairs)))
    for column, (one, other) in enumerate(pairs):
        found[of_class[one], column] = estimator.dual_coef_[other - 1, of_class[one]]
        found[of_class[other], column] = estimator.dual_coef_[one, of_class[other]]
    return found


def _by_class(margins: tf.Tensor, classes: int) -> tf.Tensor:
    """Votes of the pairs, and less than half a vote more for the margins' sums: scikit-learn's `ovr` shape.

    A positive margin of a pair speaks for its first class.
    """
    pairs = np.asarray(list(combinations(range(classes), 2)))
    first, second = (np.eye(classes)[pairs[:, side]] for side in (0, 1))
    for_first = tf.cast(margins >= 0, tf.float64)
    votes = tf.matmul(for_first, first) + tf.matmul(1 - for_first, second)
    sums = tf.matmul(margins, first - second)
    return votes + sums / (3 * (tf.abs(sums) + 1))
