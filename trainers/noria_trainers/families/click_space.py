"""Parameters that the families `click-*` share: will it be clicked on? Categories are hashed."""

from noria.contract import Parameter
from noria_trainers.families.family import Between, OneOf

COMMON: dict[str, OneOf | Between] = {
    "buckets": Between("hash buckets for categories", 100, 10_000_000),
    "scaling": OneOf("scaling of numeric columns", ("standard", "quantile")),
    "weight_decay": Between("strength of weight decay", 0.0, 1.0),
    "learning_rate": Between("peak learning rate", 1e-5, 1.0),
}
DEEP: dict[str, OneOf | Between] = {
    "embedding": Between("embedding size of a category", 1, 64),
    "layers": Between("hidden layers, each half as wide as the one before", 1, 5),
    "width": Between("units of the first hidden layer", 8, 1024),
    "dropout": Between("dropout rate", 0.0, 0.8),
}
DEFAULTS: dict[str, Parameter] = {"buckets": 100_000, "scaling": "quantile", "weight_decay": 0.0001}
DEEP_DEFAULTS: dict[str, Parameter] = {
    "embedding": 8,
    "layers": 2,
    "width": 64,
    "dropout": 0.1,
    "learning_rate": 0.002,
}
