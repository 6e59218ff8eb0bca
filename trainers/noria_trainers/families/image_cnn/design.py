"""Family `image-cnn`: small residual convolutional networks, trained from nothing at the images' own resolution.

The stem and each further stage halve the grid until it is at most 8 x 8, which is flattened: where things are matters
in small images. Residual blocks after He et al., arXiv:1512.03385.
"""

from typing import Any

import keras
from keras import layers

from noria_trainers.modality.image.inputs import Images
from noria_trainers.training.augmentation import augmentation
from noria_trainers.training.design import Design, Parameters, Problem, Recipe

LARGEST_SIDE_CPU, LARGEST_SIDE_GPU = 64, 160
SMALLEST_GRID = 8
WIDEST = 512


def design(parameters: Parameters, problem: Problem) -> Design:
    """The network for images of the typical size, at most 64 (CPU) or 160 (GPU) pixels a side."""
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


def network(parameters: Parameters, shape: tuple[int, int, int], outputs: int) -> keras.Model:
    """From uint8 images [b, *shape] to logits [b, outputs]."""

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
