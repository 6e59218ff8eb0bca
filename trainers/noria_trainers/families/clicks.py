"""Families `click-linear`, `click-wide-deep` and `click-cross`: will it be clicked on? Categories are hashed.

Wide and deep: Cheng et al., arXiv:1606.07792. Cross: DCN-v2, Wang et al., arXiv:2008.13535, with the deep part beside
the cross layers.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from noria.contract import Parameter, Task
from noria_trainers.families.family import Between, Design, Family, OneOf, Problem, Recipe
from noria_trainers.families.table import columns, embedded, linear, placeholders

if TYPE_CHECKING:
    import keras

    from noria_trainers.modality.table.columns import Columns

    Network = Callable[[Mapping[str, Any], Columns, Mapping[str, Any], int], Any]


def _design(network: "Network") -> Callable[[Mapping[str, Any], Problem], Design]:
    def design(parameters: Mapping[str, Any], problem: Problem) -> Design:
        inputs = columns(parameters, problem)
        epochs = problem.epochs(cpu_passes=150_000, gpu_passes=50_000_000, most=30, least=2)

        def model() -> "keras.Model":
            import keras

            given = placeholders(inputs)
            return keras.Model(given, network(parameters, inputs, given, problem.outputs))

        recipe = Recipe(
            learning_rate=parameters["learning_rate"],
            batch=128 if problem.examples < 50_000 else 1024,
            epochs=epochs,
            patience=max(2, epochs // 4),
            weight_decay=parameters["weight_decay"],
        )
        return Design(inputs, model, recipe)

    return design


def _linear(parameters: Mapping[str, Any], inputs: "Columns", given: Mapping[str, Any], outputs: int) -> Any:
    return linear(inputs, given, outputs)


def _wide_deep(parameters: Mapping[str, Any], inputs: "Columns", given: Mapping[str, Any], outputs: int) -> Any:
    from keras import layers

    deep = _deep(parameters, embedded(inputs, given, parameters["embedding"]))
    return layers.Add()([linear(inputs, given, outputs), layers.Dense(outputs, dtype="float32")(deep)])


def _cross(parameters: Mapping[str, Any], inputs: "Columns", given: Mapping[str, Any], outputs: int) -> Any:
    """Each cross layer multiplies the features with a linear view of the last one: x * (W h + b) + h."""
    from keras import layers

    features = embedded(inputs, given, parameters["embedding"])
    crossed = features
    for _ in range(parameters["crosses"]):
        view = layers.Dense(features.shape[-1])(crossed)
        crossed = layers.Add()([layers.Multiply()([features, view]), crossed])
    both = layers.Concatenate()([crossed, _deep(parameters, features)])
    return layers.Dense(outputs, dtype="float32")(both)


def _deep(parameters: Mapping[str, Any], hidden: Any) -> Any:
    from keras import layers

    for shrink in range(parameters["layers"]):
        hidden = layers.Dense(max(8, parameters["width"] >> shrink), activation="relu")(hidden)
        hidden = layers.Dropout(parameters["dropout"])(hidden)
    return hidden


_COMMON: dict[str, OneOf | Between] = {
    "buckets": Between("ids that categories are hashed to", 100, 10_000_000),
    "scaling": OneOf("how numbers are scaled", ("standard", "quantile")),
    "weight_decay": Between("how fast weights shrink", 0.0, 1.0),
    "learning_rate": Between("highest learning rate", 1e-5, 1.0),
}
_DEEP: dict[str, OneOf | Between] = {
    "embedding": Between("numbers of a category", 1, 64),
    "layers": Between("hidden layers, each half as wide as the one before", 1, 5),
    "width": Between("units of the first hidden layer", 8, 1024),
    "dropout": Between("share of units left out", 0.0, 0.8),
}
_DEFAULTS: dict[str, Parameter] = {"buckets": 100_000, "scaling": "quantile", "weight_decay": 0.0001}
_DEEP_DEFAULTS: dict[str, Parameter] = {
    "embedding": 8,
    "layers": 2,
    "width": 64,
    "dropout": 0.1,
    "learning_rate": 0.002,
}

FAMILIES = (
    Family(
        name="click-linear",
        tasks=(Task.CLICK_THROUGH_RATE,),
        wins="very many categories and few clicks",
        parameters=_COMMON,
        defaults=_DEFAULTS | {"learning_rate": 0.02},
        grids=({"buckets": (10_000, 1_000_000), "scaling": ("standard", "quantile"), "weight_decay": (0.0001, 0.01)},),
        design=_design(_linear),
    ),
    Family(
        name="click-wide-deep",
        tasks=(Task.CLICK_THROUGH_RATE,),
        wins="both remembered pairs and general taste matter; many rows",
        parameters=_COMMON | _DEEP,
        defaults=_DEFAULTS | _DEEP_DEFAULTS,
        grids=({"embedding": (4, 16), "width": (64, 256), "dropout": (0.0, 0.3), "learning_rate": (0.001, 0.004)},),
        design=_design(_wide_deep),
    ),
    Family(
        name="click-cross",
        tasks=(Task.CLICK_THROUGH_RATE,),
        wins="columns that act in pairs and triples; many rows",
        parameters=_COMMON | _DEEP | {"crosses": Between("cross layers", 1, 4)},
        defaults=_DEFAULTS | _DEEP_DEFAULTS | {"crosses": 2},
        grids=({"crosses": (1, 2, 3), "embedding": (4, 8), "dropout": (0.0, 0.3), "learning_rate": (0.001, 0.004)},),
        design=_design(_cross),
    ),
)
