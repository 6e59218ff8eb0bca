"""Family `tabular-sklearn`: estimators of scikit-learn, fitted at once and exported as plain TensorFlow graphs.

Its space holds every configuration of a public table of results (`experience.oboe`), so that what is known there helps
to choose here, and some that the table lacks: forests of 100 trees and histogram boosting.
"""

from noria_trainers.families.tabular_sklearn.fit import fit
from noria_trainers.modality.table.standard import Standard
from noria_trainers.training.design import Fit, Parameters, Problem


def design(parameters: Parameters, problem: Problem) -> Fit:
    """The estimator behind the preprocessing that the public table was made with."""
    inputs = Standard.of(problem.manifest.columns, problem.rows())
    return Fit(inputs, lambda features, labels: fit(parameters, features, labels, problem.outputs, problem.seed))
