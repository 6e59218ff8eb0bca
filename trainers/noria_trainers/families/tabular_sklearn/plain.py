"""Linear models, naive Bayes, the network and nearest neighbours as graphs."""

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from noria_trainers.families.tabular_sklearn.form import Form, Numbers, sigmoids

Features = NDArray[np.float64]


def logistic(estimator: Any) -> Form:
    """One logistic regression for two classes; for more, each against the rest, the shares scaled to sum to 1."""
    parts = getattr(estimator, "estimators_", [estimator])
    weights = np.concatenate([part.coef_ for part in parts]).T
    bias = np.concatenate([part.intercept_ for part in parts])

    def answer(numbers: Numbers, features: tf.Tensor) -> tf.Tensor:
        margins = tf.matmul(features, numbers["weights"]) + numbers["bias"]
        if len(bias) == 1:
            return sigmoids(margins)
        shares = tf.sigmoid(margins)
        return shares / tf.reduce_sum(shares, axis=1, keepdims=True)

    return Form({"weights": weights, "bias": bias}, answer)


def linear_margins(estimator: Any) -> Form:
    """Not probabilities: what speaks for each class, or for the second of two, [b, 1]."""

    def answer(numbers: Numbers, features: tf.Tensor) -> tf.Tensor:
        return tf.matmul(features, numbers["weights"]) + numbers["bias"]

    return Form({"weights": estimator.coef_.T.copy(), "bias": estimator.intercept_}, answer)


def calibrated(margins: Form, beta: float) -> Form:
    """Probabilities from margins by one inverse temperature, which never changes what is the most likely."""

    def answer(numbers: Numbers, features: tf.Tensor) -> tf.Tensor:
        found = margins.answer(numbers, features)
        logits = tf.concat([-found, found], axis=1) if found.shape[1] == 1 else found
        return tf.nn.softmax(beta * logits)

    return Form(margins.arrays, answer)


def naive_bayes(estimator: Any) -> Form:
    """Gaussian naive Bayes."""
    constant = np.log(estimator.class_prior_) - 0.5 * np.log(2 * np.pi * estimator.var_).sum(axis=1)
    arrays = {"mean": estimator.theta_, "variance": estimator.var_, "constant": constant}

    def answer(numbers: Numbers, features: tf.Tensor) -> tf.Tensor:
        def off(of_class: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
            mean, variance = of_class
            return tf.reduce_sum(tf.square(features - mean) / variance, axis=1)

        both = (tf.convert_to_tensor(numbers["mean"]), tf.convert_to_tensor(numbers["variance"]))
        spec = tf.TensorSpec([None], tf.float64)
        distances = tf.map_fn(off, both, fn_output_signature=spec, parallel_iterations=1)
        return tf.nn.softmax(numbers["constant"] - 0.5 * tf.transpose(distances))

    return Form(arrays, answer)


def network(estimator: Any) -> Form:
    """The multi-layer perceptron with its rectified hidden layers."""
    arrays = {f"weights{i}": each for i, each in enumerate(estimator.coefs_)}
    arrays |= {f"bias{i}": each for i, each in enumerate(estimator.intercepts_)}
    last = len(estimator.coefs_) - 1

    def answer(numbers: Numbers, features: tf.Tensor) -> tf.Tensor:
        hidden = features
        for i in range(last):
            hidden = tf.nn.relu(tf.matmul(hidden, numbers[f"weights{i}"]) + numbers[f"bias{i}"])
        raw = tf.matmul(hidden, numbers[f"weights{last}"]) + numbers[f"bias{last}"]
        return sigmoids(raw) if raw.shape[1] == 1 else tf.nn.softmax(raw)

    return Form(arrays, answer)


def neighbors(estimator: Any, features: Features, labels: NDArray[np.generic]) -> Form:
    """Shares of the classes among the nearest training examples, which the graph holds; of equals the first.

    `features` [n, width], `labels` [n].
    """
    classes, power, count = len(estimator.classes_), estimator.p, estimator.n_neighbors
    found = np.searchsorted(estimator.classes_, labels).astype(np.int32)

    def answer(numbers: Numbers, features: tf.Tensor) -> tf.Tensor:
        known, classes_of = tf.convert_to_tensor(numbers["features"]), tf.convert_to_tensor(numbers["labels"])

        def shares(row: tf.Tensor) -> tf.Tensor:
            off = tf.abs(known - row) if power == 1 else tf.square(known - row)
            nearest = tf.math.top_k(-tf.reduce_sum(off, axis=1), count).indices
            return tf.reduce_mean(tf.one_hot(tf.gather(classes_of, nearest), classes, dtype=tf.float64), axis=0)

        spec = tf.TensorSpec([classes], tf.float64)
        return tf.map_fn(shares, features, fn_output_signature=spec, parallel_iterations=1)

    return Form({"features": features, "labels": found}, answer)
