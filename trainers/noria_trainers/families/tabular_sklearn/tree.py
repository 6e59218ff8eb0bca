"""Trees and what is made of them, as graphs: all rows go down all trees at once, a level a step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from noria_trainers.families.tabular_sklearn.form import Form, Numbers, sigmoids

_LEAF = -1


@dataclass(frozen=True)
class Nodes:
    """One tree. A row goes left where its feature is at most the threshold; a leaf's children are the leaf itself."""

    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float64]
    """[nodes, n]"""
    depth: int

    @classmethod
    def of(cls, tree: Any, value: NDArray[np.float64]) -> "Nodes":
        """A `tree_` of scikit-learn with these values of its nodes. `value` [nodes, outputs]."""
        own, leaf = np.arange(tree.node_count), tree.children_left == _LEAF
        return cls(
            feature=np.where(leaf, 0, tree.feature).astype(np.int32),
            threshold=tree.threshold,
            left=np.where(leaf, own, tree.children_left).astype(np.int32),
            right=np.where(leaf, own, tree.children_right).astype(np.int32),
            value=value,
            depth=int(tree.max_depth),
        )

    @classmethod
    def of_histogram(cls, nodes: NDArray[Any]) -> "Nodes":
        """A tree of histogram boosting; features have no holes and no categories.

        `nodes` is scikit-learn's record array [nodes].
        """
        own, leaf = np.arange(len(nodes)), nodes["is_leaf"].astype(bool)
        return cls(
            feature=np.where(leaf, 0, nodes["feature_idx"]).astype(np.int32),
            threshold=np.asarray(nodes["num_threshold"], np.float64),
            left=np.where(leaf, own, nodes["left"]).astype(np.int32),
            right=np.where(leaf, own, nodes["right"]).astype(np.int32),
            value=np.asarray(nodes["value"], np.float64)[:, np.newaxis],
            depth=int(nodes["depth"].max()),
        )


def forest(estimator: Any) -> Form:
    """Decision tree, random forest, extra trees: the mean of what the trees' leaves hold."""
    trees = getattr(estimator, "estimators_", [estimator])
    nodes = [Nodes.of(tree.tree_, tree.tree_.value[:, 0, :]) for tree in trees]
    return _form(nodes, lambda values: tf.reduce_mean(values, axis=1))


def boosting(estimator: Any, features: NDArray[np.float64]) -> Form:
    """Gradient boosting: a tree for each class and stage (one a stage for two classes), added up.

    `features` [n, width], of which the first row is looked at to find what the trees start from.
    """
    stages, rate = estimator.estimators_, estimator.learning_rate
    nodes = [Nodes.of(tree.tree_, rate * tree.tree_.value[:, 0, :]) for tree in stages.ravel()]
    own = sum(rate * np.stack([tree.predict(features[:1]) for tree in stage], axis=1) for stage in stages)
    return _boosted(nodes, stages.shape[1], estimator.decision_function(features[:1]).reshape(1, -1) - own)


def histogram_boosting(estimator: Any, features: NDArray[np.float64]) -> Form:
    """The same of histogram boosting, which keeps its trees to itself and compares in 64 bits. `features` [n, k]."""
    stages = estimator._predictors
    nodes = [Nodes.of_histogram(tree.nodes) for stage in stages for tree in stage]
    return _boosted(nodes, len(stages[0]), np.reshape(estimator._baseline_prediction, (1, -1)), single=False)


def adaboost(estimator: Any) -> Form:
    """AdaBoost by SAMME: each tree has one vote, and its weight (Zhu et al. 2009)."""
    classes = len(estimator.classes_)
    weights = np.asarray(estimator.estimator_weights_[: len(estimator.estimators_)])
    weights = weights / weights.sum()
    nodes = []
    for tree, weight in zip(estimator.estimators_, weights, strict=True):
        winner = tree.classes_[tree.tree_.value[:, 0, :].argmax(axis=1)]
        votes = np.where(winner[:, np.newaxis] == estimator.classes_, 1.0, -1 / (classes - 1))
        nodes.append(Nodes.of(tree.tree_, weight * votes))
    return _form(nodes, lambda votes: tf.nn.softmax(tf.reduce_sum(votes, axis=1) / (classes - 1)))


def _boosted(trees: Sequence[Nodes], each: int, start: NDArray[np.float64], *, single: bool = True) -> Form:
    """`each` trees a stage, whose values are added to `start` [1, each]."""

    def answer(values: tf.Tensor) -> tf.Tensor:
        stages = tf.reshape(values, [-1, len(trees) // each, each])
        raw = tf.reduce_sum(stages, axis=1) + start
        return sigmoids(raw) if each == 1 else tf.nn.softmax(raw)

    return _form(trees, answer, single=single)


def _form(trees: Sequence[Nodes], answer: Callable[[tf.Tensor], tf.Tensor], *, single: bool = True) -> Form:
    """`answer` gets the leaves' values [b, trees, n]. Features are rounded to 32 bits before they are compared where
    they are `single`, as scikit-learn does."""
    roots = np.asarray([0, *accumulate(len(tree.feature) for tree in trees)], np.int32)[:-1]
    arrays = {
        "roots": roots,
        "feature": np.concatenate([tree.feature for tree in trees]),
        "threshold": np.concatenate([tree.threshold for tree in trees]),
        "left": np.concatenate([tree.left + root for tree, root in zip(trees, roots, strict=True)]),
        "right": np.concatenate([tree.right + root for tree, root in zip(trees, roots, strict=True)]),
        "value": np.concatenate([tree.value for tree in trees]),
    }
    depth = max(tree.depth for tree in trees)

    def whole(numbers: Numbers, features: tf.Tensor) -> tf.Tensor:
        seen = tf.cast(tf.cast(features, tf.float32), tf.float64) if single else features
        return answer(tf.gather(numbers["value"], _leaves(numbers, seen, depth)))

    return Form(arrays, whole)


def _leaves(numbers: Numbers, features: tf.Tensor, depth: int) -> tf.Tensor:
    """Where each row ends in each tree, [b, trees]."""

    def down(level: tf.Tensor, at: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        value = tf.gather(features, tf.gather(numbers["feature"], at), batch_dims=1)
        goes_left = value <= tf.gather(numbers["threshold"], at)
        return level + 1, tf.where(goes_left, tf.gather(numbers["left"], at), tf.gather(numbers["right"], at))

    roots = tf.convert_to_tensor(numbers["roots"])
    start = tf.tile(roots[tf.newaxis], [tf.shape(features)[0], 1])
    return tf.while_loop(lambda level, at: level < depth, down, (tf.constant(0), start))[1]
