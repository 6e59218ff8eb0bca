"""The space of `tabular-residual`."""

from noria.contract import Task
from noria_trainers.families.family import Between, Family, OneOf

FAMILY = Family(
    name="tabular-residual",
    tasks=(Task.TABULAR_CLASSIFICATION, Task.TABULAR_REGRESSION),
    wins="many columns that interact; several thousand rows or more",
    parameters={
        "scaling": OneOf("scaling of numeric columns", ("standard", "quantile")),
        "blocks": Between("residual blocks", 1, 8),
        "width": Between("units per layer", 8, 512),
        "dropout": Between("dropout rate within a block", 0.0, 0.8),
        "embedding": Between("embedding size of a category", 1, 64),
        "weight_decay": Between("strength of weight decay", 0.0, 1.0),
        "learning_rate": Between("peak learning rate", 1e-5, 0.1),
    },
    defaults={
        "scaling": "standard",
        "blocks": 2,
        "width": 96,
        "dropout": 0.2,
        "embedding": 8,
        "weight_decay": 0.001,
        "learning_rate": 0.003,
    },
    grids=(
        {"scaling": ("standard", "quantile"), "blocks": (1, 2), "width": (64, 128), "learning_rate": (0.001, 0.004)},
        {"blocks": (2, 3), "dropout": (0.4,), "weight_decay": (0.001, 0.1)},
    ),
)
