"""Family `image-cnn`: small residual convolutional networks, trained from nothing at the images' own resolution.

The stem and each further stage halve the grid until it is at most 8 x 8, which is flattened: where things are matters
in small images. Residual blocks after He et al., arXiv:1512.03385.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from noria.contract import Task
from noria_trainers.families.family import Between, Design, Family, OneOf, Problem, Recipe

if TYPE_CHECKING:
    import keras

LARGEST_SIDE_CPU, LARGEST_SIDE_GPU = 64, 160
SMALLEST_GRID = 8
WIDEST = 512


def design(parameters: Mapping[str, Any], problem: Problem) -> Design:
    """The network for images of the typical size, at most 64 (CPU) or 160 (GPU) pixels a side."""
    from noria_trainers.modality.image.inputs import Images
    from noria_trainers.training.augmentation import augmentation

    inputs = Images.typical(problem.manifest, LARGEST_SIDE_GPU if problem.gpu else LARGEST_SIDE_CPU)
    epochs = problem.epochs(cpu_passes=int(30_000 * 16 / parameters["width"]), most=40, least=5)
    recipe = Recipe(
        learning_rate=parameters["learning_rate"],
        batch=256 if problem.gpu and problem.examples > 20_000 else 64,
        epochs=epochs,
        patience=max(3, epochs // 3),
        weight_decay=parameters["weight_decay"],
        smoothing=parameters["smoothing"],
        augment=augmentation(parameters["augment"]),
    )
    return Design(inputs, lambda: network(parameters, inputs.shape, problem.outputs), recipe)


def network(parameters: Mapping[str, Any], shape: tuple[int, int, int], outputs: int) -> "keras.Model":
    """From uint8 images [b, *shape] to logits [b, outputs]."""
    import keras
    from keras import layers

    def convolution(hidden: Any, width: int, size: int = 3, stride: int = 1) -> Any:
        hidden = layers.Conv2D(width, size, strides=stride, padding="same", use_bias=False)(hidden)
        return layers.BatchNormalization(momentum=0.9)(hidden)

    def block(hidden: Any, width: int) -> Any:
        branch = layers.ReLU()(convolution(hidden, width))
        return layers.ReLU()(layers.Add()([hidden, convolution(branch, width)]))

    image = keras.Input(shape, name="image", dtype="uint8")
    width = parameters["width"]
    hidden = layers.Rescaling(1 / 127.5, offset=-1)(image)
    hidden = layers.ReLU()(convolution(hidden, width, size=5, stride=2))
    while max(hidden.shape[1:3]) > SMALLEST_GRID:
        width = min(2 * width, WIDEST)
        hidden = layers.ReLU()(convolution(hidden, width, stride=2))
        for _ in range(parameters["depth"]):
            hidden = block(hidden, width)
    hidden = layers.Dropout(parameters["dropout"])(layers.Flatten()(hidden))
    return keras.Model({"image": image}, layers.Dense(outputs, dtype="float32")(hidden))


FAMILY = Family(
    name="image-cnn",
    tasks=(Task.IMAGE_CLASSIFICATION,),
    wins="small images, or images unlike photographs; needs no pretrained weights",
    parameters={
        "width": Between("channels after the stem; each stage doubles them", 8, 64),
        "depth": Between("residual blocks in a stage", 0, 4),
        "learning_rate": Between("highest learning rate", 1e-5, 0.1),
        "augment": OneOf("how training images are varied", ("none", "flip", "shift", "affine")),
        "dropout": Between("share of features left out before the last layer", 0.0, 0.8),
        "weight_decay": Between("how fast weights shrink", 0.0, 0.1),
        "smoothing": Between("label smoothing", 0.0, 0.3),
    },
    defaults={
        "width": 16,
        "depth": 1,
        "learning_rate": 0.003,
        "augment": "flip",
        "dropout": 0.3,
        "weight_decay": 0.0001,
        "smoothing": 0.0,
    },
    grids=(
        {"width": (16, 24), "depth": (0, 1), "augment": ("none", "flip", "shift"), "learning_rate": (0.003, 0.0015)},
        {"width": (16,), "depth": (0, 1, 2), "augment": ("flip", "affine"), "smoothing": (0.1,), "dropout": (0.2, 0.5)},
        {"width": (32,), "depth": (1, 2), "augment": ("flip", "affine"), "weight_decay": (0.0001, 0.01)},
    ),
    design=design,
)
