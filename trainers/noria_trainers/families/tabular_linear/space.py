"""The space of `tabular-linear`."""

from noria.contract import Task
from noria_trainers.families.family import Between, Family, OneOf

FAMILY = Family(
    name="tabular-linear",
    tasks=(Task.TABULAR_CLASSIFICATION, Task.TABULAR_REGRESSION),
    wins="few rows, or columns that act independently",
    parameters={
        "scaling": OneOf("scaling of numeric columns", ("standard", "quantile")),
        "penalty": Between("strength of the L2 penalty: 1/C of logistic regression", 0.0, 1000.0),
        "learning_rate": Between("peak learning rate", 1e-4, 1.0),
    },
    defaults={"scaling": "standard", "penalty": 1.0, "learning_rate": 0.03},
    grids=({"scaling": ("standard", "quantile"), "penalty": (0.1, 1.0, 10.0, 100.0)},),
)
