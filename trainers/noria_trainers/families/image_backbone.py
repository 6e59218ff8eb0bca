"""Family `image-backbone`: a network of `keras.applications` with pretrained weights, fine-tuned.

The weights (without the top layers, as Keras publishes them) come by URI and digest with the order; backbones that did
not come are left out of the space.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from noria.contract import ExitCode, Task
from noria_store.error import StepError
from noria_trainers.families.family import Between, Design, Family, OneOf, Problem, Recipe

if TYPE_CHECKING:
    import keras

BACKBONE = "backbone"
BACKBONES = ("MobileNetV3Small", "MobileNetV3Large", "EfficientNetV2B0", "EfficientNetV2S", "ConvNeXtTiny")
"""Networks of `keras.applications` that scale their pixels themselves."""


def design(parameters: Mapping[str, Any], problem: Problem) -> Design:
    """The backbone with a new last layer. Raises StepError where its weights did not come with the order."""
    from noria_trainers.modality.image.inputs import Images
    from noria_trainers.training.augmentation import augmentation

    name = parameters[BACKBONE]
    if name not in problem.weights:
        words = f"no weights of {name} came with the order: give the operator their URI and digest"
        raise StepError(ExitCode.BAD_ORDER, "BackboneMissing", words)
    side = parameters["resolution"]
    epochs = problem.epochs(cpu_passes=4_000, gpu_passes=400_000, least=2, most=20)
    recipe = Recipe(
        learning_rate=parameters["learning_rate"],
        batch=32,
        epochs=epochs,
        patience=max(2, epochs // 3),
        weight_decay=parameters["weight_decay"],
        augment=augmentation(parameters["augment"]),
    )
    weights = str(problem.weights[name])
    return Design(Images(side, side, 3), lambda: network(parameters, weights, problem.outputs), recipe)


def network(parameters: Mapping[str, Any], weights: str, outputs: int) -> "keras.Model":
    """From uint8 images [b, resolution, resolution, 3] to logits [b, outputs]. Raises StepError for unfit weights."""
    import keras
    from keras import layers

    name, side = parameters[BACKBONE], parameters["resolution"]
    backbone = getattr(keras.applications, name)(include_top=False, weights=None, input_shape=(side, side, 3))
    try:
        backbone.load_weights(weights)
    except (ValueError, OSError, KeyError) as error:
        words = f"the weights of {name} do not fit it: {str(error).splitlines()[0]}; take those without top layers"
        raise StepError(ExitCode.BAD_ORDER, "BadBackbone", words) from error
    backbone.trainable = parameters["tune"] == "all"
    image = keras.Input((side, side, 3), name="image", dtype="uint8")
    hidden = backbone(layers.Rescaling(1.0)(image))
    hidden = layers.Dropout(parameters["dropout"])(layers.GlobalAveragePooling2D()(hidden))
    return keras.Model({"image": image}, layers.Dense(outputs, dtype="float32")(hidden))


FAMILY = Family(
    name="image-backbone",
    tasks=(Task.IMAGE_CLASSIFICATION,),
    wins="photographs, above all when there are few of them",
    parameters={
        BACKBONE: OneOf("network of keras.applications", BACKBONES),
        "resolution": Between("side that images are scaled to, in pixels", 32, 512),
        "tune": OneOf("which weights are trained", ("all", "last")),
        "learning_rate": Between("highest learning rate", 1e-6, 0.1),
        "augment": OneOf("how training images are varied", ("none", "flip", "shift", "affine")),
        "dropout": Between("share of features left out before the last layer", 0.0, 0.8),
        "weight_decay": Between("how fast weights shrink", 0.0, 0.1),
    },
    defaults={
        BACKBONE: BACKBONES[0],
        "resolution": 128,
        "tune": "all",
        "learning_rate": 0.0005,
        "augment": "flip",
        "dropout": 0.2,
        "weight_decay": 0.0001,
    },
    grids=(
        {BACKBONE: BACKBONES, "resolution": (128, 224), "tune": ("all",), "learning_rate": (0.0002, 0.001)},
        {BACKBONE: BACKBONES, "resolution": (128, 224), "tune": ("last",), "learning_rate": (0.003,)},
        {BACKBONE: BACKBONES, "resolution": (224,), "augment": ("affine",), "dropout": (0.4,)},
    ),
    design=design,
)
