"""Parameters that the families `click-*` share: will it be clicked on? Categories are hashed."""

from noria.contract import Parameter
from noria_trainers.families.family import Between, OneOf

COMMON: dict[str, OneOf | Between] = {
    "buckets": Between("ids that categories are hashed to", 100, 10_000_000),
    "scaling": OneOf("how numbers are scaled", ("standard", "quantile")),
    "weight_decay": Between("how fast weights shrink", 0.0, 1.0),
    "learning_rate": Between("highest learning rate", 1e-5, 1.0),
}
DEEP: dict[str, OneOf | Between] = {
    "embedding": Between("numbers of a category", 1, 64),
    "layers": Between("hidden layers, each half as wide as the one before", 1, 5),
    "width": Between("units of the first hidden layer", 8, 1024),
    "dropout": Between("share of units left out", 0.0, 0.8),
}
DEFAULTS: dict[str, Parameter] = {"buckets": 100_000, "scaling": "quantile", "weight_decay": 0.0001}
DEEP_DEFAULTS: dict[str, Parameter] = {
    "embedding": 8,
    "layers": 2,
    "width": 64,
    "dropout": 0.1,
    "learning_rate": 0.002,
}
