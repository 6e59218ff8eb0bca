"""The space of `tabular-residual`."""

from noria.contract import Task
from noria_trainers.families.family import Between, Family, OneOf

FAMILY = Family(
    name="tabular-residual",
    tasks=(Task.TABULAR_CLASSIFICATION, Task.TABULAR_REGRESSION),
    wins="many columns that act together; several thousand rows and more",
    parameters={
        "scaling": OneOf("how numbers are scaled", ("standard", "quantile")),
        "blocks": Between("residual blocks", 1, 8),
        "width": Between("units of a layer", 8, 512),
        "dropout": Between("share of units left out in a block", 0.0, 0.8),
        "embedding": Between("numbers of a category", 1, 64),
        "weight_decay": Between("how fast weights shrink", 0.0, 1.0),
        "learning_rate": Between("highest learning rate", 1e-5, 0.1),
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
