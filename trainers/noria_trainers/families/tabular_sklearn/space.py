"""The space of `tabular-sklearn`."""

from noria.contract import Task
from noria_trainers.families.family import Between, Family, OneOf, Variant

ESTIMATOR = "estimator"
ALL, LOG2 = "all", "log2"
SPLITS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
SHARES = (0.1, 0.01, 0.001)
STRENGTHS = (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4)
MARGINS = (0.125, 0.25, 0.5, 0.75, 1, 2, 4, 8, 16)

_SPLIT = OneOf("examples that a node needs to be split, as a number or a share of all", (*SPLITS, *SHARES))
_CRITERION = OneOf("split criterion", ("gini", "entropy"))
_TREES = Between("number of trees", 1, 1000)
_RATE = Between("weight of each tree", 1e-4, 5.0)
_C = Between("inverse strength of regularisation", 1e-4, 1e4)


def _forest() -> Variant:
    return Variant(
        {"trees": _TREES, "min_samples_split": _SPLIT, "criterion": _CRITERION},
        {"trees": 100, "min_samples_split": 2, "criterion": "gini"},
        (
            {"trees": (10,), "min_samples_split": (*SPLITS, *SHARES), "criterion": ("gini", "entropy")},
            {"trees": (100,), "min_samples_split": (2, 8), "criterion": ("gini", "entropy")},
        ),
    )


_VARIANTS = {
    "decision-tree": Variant(
        {"min_samples_split": _SPLIT}, {"min_samples_split": 2}, ({"min_samples_split": (*SPLITS, *SHARES[1:])},)
    ),
    "random-forest": _forest(),
    "extra-trees": _forest(),
    "gradient-boosting": Variant(
        {
            "learning_rate": _RATE,
            "max_depth": Between("maximum depth of a tree", 1, 12),
            "max_features": OneOf("columns considered for each split", (ALL, LOG2)),
        },
        {"learning_rate": 0.1, "max_depth": 3, "max_features": ALL},
        (
            {
                "learning_rate": (0.001, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
                "max_depth": (3, 6),
                "max_features": (ALL, LOG2),
            },
        ),
    ),
    "hist-gradient-boosting": Variant(
        {
            "learning_rate": _RATE,
            "max_leaf_nodes": Between("maximum leaves of a tree", 2, 255),
            "l2_regularization": Between("L2 penalty on leaf values", 0.0, 1000.0),
        },
        {"learning_rate": 0.1, "max_leaf_nodes": 31, "l2_regularization": 0.0},
        ({"learning_rate": (0.03, 0.1), "max_leaf_nodes": (8, 31), "l2_regularization": (0, 1)},),
    ),
    "adaboost": Variant(
        {"trees": _TREES, "learning_rate": _RATE},
        {"trees": 50, "learning_rate": 1},
        ({"trees": (50, 100), "learning_rate": (1, 1.5, 2, 2.5, 3)},),
    ),
    "nearest-neighbors": Variant(
        {
            "neighbors": Between("number of neighbours", 1, 200),
            "p": OneOf("distance: 1 is Manhattan, 2 is Euclidean", (1, 2)),
        },
        {"neighbors": 5, "p": 2},
        ({"neighbors": (1, 3, 5, 7, 9, 11, 13, 15), "p": (1, 2)},),
    ),
    "gaussian-naive-bayes": Variant(),
    "logistic-regression": Variant(
        {
            "C": _C,
            "penalty": OneOf("norm of the penalty on weights", ("l1", "l2")),
            "solver": OneOf("optimizer; fits each class against the rest", ("liblinear", "saga")),
        },
        {"C": 1, "penalty": "l2", "solver": "saga"},
        ({"C": STRENGTHS, "solver": ("liblinear", "saga"), "penalty": ("l1", "l2")},),
    ),
    "linear-svm": Variant({"C": _C}, {"C": 1}, ({"C": MARGINS},)),
    "kernel-svm": Variant(
        {
            "C": _C,
            "kernel": OneOf("kernel function", ("rbf", "poly")),
            "coef0": Between("constant term of the poly kernel, which has degree 3", 0.0, 100.0),
        },
        {"C": 1, "kernel": "rbf", "coef0": 0},
        ({"C": MARGINS, "kernel": ("rbf",)}, {"C": MARGINS, "kernel": ("poly",), "coef0": (0, 10)}),
    ),
    "perceptron": Variant(),
    "mlp": Variant(
        {
            "solver": OneOf("optimizer", ("sgd", "adam")),
            "learning_rate": Between("initial learning rate", 1e-5, 1.0),
            "alpha": Between("strength of the L2 penalty", 0.0, 10.0),
        },
        {"solver": "adam", "learning_rate": 0.001, "alpha": 0.0001},
        ({"learning_rate": (0.0001, 0.001, 0.01), "solver": ("sgd", "adam"), "alpha": (0.0001, 0.01)},),
    ),
}

FAMILY = Family(
    name="tabular-sklearn",
    tasks=(Task.TABULAR_CLASSIFICATION,),
    wins="tables of up to about ten thousand rows; boosting and forests where columns interact",
    parameters={ESTIMATOR: OneOf("estimator of scikit-learn", tuple(_VARIANTS))},
    defaults={ESTIMATOR: "hist-gradient-boosting"},
    grids=(),
    told_by=ESTIMATOR,
    variants=_VARIANTS,
)
