"""Which configuration a column of the Oboe table measured. Pure; called where the seed of experience is made.

The table (github.com/udellgroup/oboe, BSD 3-Clause; Yang et al., KDD 2019) has 219 columns, named by an algorithm and
its hyperparameters: `{'algorithm': 'DT', 'hyperparameters': {'min_samples_split': 2}}`. They stand for 190
configurations of the family `tabular-sklearn`:

* 19 columns repeat others and share their configuration: `coef0` has no effect on the kernel rbf, and a share of 0.0001
  or less of at most 10,000 examples is less than the two that a split needs at least.
* 10 columns of AdaBoost have none. The table's scikit-learn fitted it by SAMME.R, today's by SAMME: other models, so
  that `adaboost` has to be measured again.
* Forests had 10 trees, the default of that time, as their run times show (a forest took 1.2 times as long as a tree).
* Logistic regression took each class against the rest, the default of that time for both solvers.
"""

import ast
from typing import Any

from noria.contract import Configuration, Parameter
from noria_trainers.families.tabular_sklearn.space import ALL, ESTIMATOR, FAMILY, SHARES

_LEAST_SHARE = min(SHARES)
_ESTIMATORS = {
    "AB": "adaboost",
    "DT": "decision-tree",
    "ExtraTrees": "extra-trees",
    "GBT": "gradient-boosting",
    "GNB": "gaussian-naive-bayes",
    "KNN": "nearest-neighbors",
    "Logit": "logistic-regression",
    "MLP": "mlp",
    "Perceptron": "perceptron",
    "RF": "random-forest",
    "kSVM": "kernel-svm",
    "lSVM": "linear-svm",
}
_OTHER_MODEL = "AB"
_NAMES = {"n_estimators": "trees", "n_neighbors": "neighbors", "learning_rate_init": "learning_rate"}
"""Ours, where they differ."""


def configuration(column: str) -> Configuration | None:
    """The configuration that a column measured, by the column's name; none where today's estimator is another model.

    Raises KeyError for an algorithm that is not in the table.
    """
    return None if ast.literal_eval(column)["algorithm"] == _OTHER_MODEL else counterpart(column)


def counterpart(column: str) -> Configuration:
    """The configuration of the space that has the column's parameters, whether or not today's estimator is the same."""
    named = ast.literal_eval(column)
    estimator = _ESTIMATORS[named["algorithm"]]
    fixed: dict[str, Parameter] = {"trees": 10} if estimator in ("random-forest", "extra-trees") else {}
    return FAMILY.configuration({ESTIMATOR: estimator, **fixed, **_parameters(estimator, named["hyperparameters"])})


def _parameters(estimator: str, given: dict[str, Any]) -> dict[str, Parameter]:
    """In our names, without parameters that have no effect."""
    found = dict(given)
    if estimator == "mlp":
        del found["learning_rate"]  # adaptive in all columns
    if found.get("kernel") == "rbf":
        del found["coef0"]
    if found.get("min_samples_split", 1) < _LEAST_SHARE:
        found["min_samples_split"] = 2
    if "max_features" in found:
        found["max_features"] = found["max_features"] or ALL
    return {_NAMES.get(name, name): value for name, value in found.items()}
