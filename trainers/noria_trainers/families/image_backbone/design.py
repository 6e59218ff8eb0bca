"""Family `image-backbone`: a network of `keras.applications` with pretrained weights, fine-tuned.

The weights (without the top layers, as Keras publishes them) come by URI and digest with the order; backbones that did
not come are left out of the space.
"""

import keras
from keras import layers

from noria.contract import ExitCode
from noria_store.error import StepError
from noria_trainers.families.image_backbone.space import BACKBONE
from noria_trainers.modality.image.inputs import Images
from noria_trainers.training.augmentation import augmentation
from noria_trainers.training.design import Design, Parameters, Problem, Recipe


def design(parameters: Parameters, problem: Problem) -> Design:
    """The backbone with a new last layer. Raises StepError if the order has no weights for it."""
    name = parameters[BACKBONE]
    if name not in problem.weights:
        words = f"the order has no weights for {name}: configure their URI and digest in the operator"
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


def network(parameters: Parameters, weights: str, outputs: int) -> keras.Model:
    """From uint8 images [b, resolution, resolution, 3] to logits [b, outputs]. Raises StepError for unfit weights."""
    name, side = parameters[BACKBONE], parameters["resolution"]
    backbone = getattr(keras.applications, name)(include_top=False, weights=None, input_shape=(side, side, 3))
    try:
        backbone.load_weights(weights)
    except (ValueError, OSError, KeyError) as error:
        words = f"the weights of {name} do not fit it: {str(error).splitlines()[0]}; use the weights without top layers"
        raise StepError(ExitCode.BAD_ORDER, "BadBackbone", words) from error
    backbone.trainable = parameters["tune"] == "all"
    image = keras.Input((side, side, 3), name="image", dtype="uint8")
    hidden = backbone(layers.Rescaling(1.0)(image))
    hidden = layers.Dropout(parameters["dropout"])(layers.GlobalAveragePooling2D()(hidden))
    return keras.Model({"image": image}, layers.Dense(outputs, dtype="float32")(hidden))
