"""The space of `image-backbone`."""

from noria.contract import Task
from noria_trainers.families.family import Between, Family, OneOf

BACKBONE = "backbone"
BACKBONES = ("MobileNetV3Small", "MobileNetV3Large", "EfficientNetV2B0", "EfficientNetV2S", "ConvNeXtTiny")
"""Networks of `keras.applications` that scale their pixels themselves."""

FAMILY = Family(
    name="image-backbone",
    tasks=(Task.IMAGE_CLASSIFICATION,),
    wins="photographs, especially when there are few",
    parameters={
        BACKBONE: OneOf("network from keras.applications", BACKBONES),
        "resolution": Between("side length that images are scaled to, in pixels", 32, 512),
        "tune": OneOf("weights to train", ("all", "last")),
        "learning_rate": Between("peak learning rate", 1e-6, 0.1),
        "augment": OneOf("augmentation of training images", ("none", "flip", "shift", "affine")),
        "dropout": Between("dropout rate before the last layer", 0.0, 0.8),
        "weight_decay": Between("strength of weight decay", 0.0, 0.1),
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
)
