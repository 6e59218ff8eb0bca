"""The space of `tabular-mlp`."""

from noria.contract import Task
from noria_trainers.families.family import Between, Family, OneOf

FAMILY = Family(
    name="tabular-mlp",
    tasks=(Task.TABULAR_CLASSIFICATION, Task.TABULAR_REGRESSION),
    wins="columns with non-linear interactions; a thousand rows or more",
    parameters={
        "scaling": OneOf("scaling of numeric columns", ("standard", "quantile")),
        "layers": Between("hidden layers", 1, 6),
        "width": Between("units per layer", 8, 1024),
        "activation": OneOf("activation of hidden layers", ("relu", "gelu", "selu", "tanh")),
        "dropout": Between("dropout rate", 0.0, 0.8),
        "embedding": Between("embedding size of a category", 1, 64),
        "weight_decay": Between("strength of weight decay", 0.0, 1.0),
        "learning_rate": Between("peak learning rate", 1e-5, 0.1),
    },
    defaults={
        "scaling": "standard",
        "layers": 2,
        "width": 128,
        "activation": "relu",
        "dropout": 0.1,
        "embedding": 8,
        "weight_decay": 0.001,
        "learning_rate": 0.003,
    },
    grids=(
        {"scaling": ("standard", "quantile"), "layers": (1, 2), "width": (64, 256), "dropout": (0.0, 0.2)},
        {"layers": (2, 3), "activation": ("relu", "gelu"), "dropout": (0.3,), "weight_decay": (0.001, 0.1)},
    ),
)
