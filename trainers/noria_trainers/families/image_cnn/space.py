"""The space of `image-cnn`."""

from noria.contract import Task
from noria_trainers.families.family import Between, Family, OneOf

FAMILY = Family(
    name="image-cnn",
    tasks=(Task.IMAGE_CLASSIFICATION,),
    wins="small images, or images unlike photographs; needs no pretrained weights",
    parameters={
        "width": Between("channels after the stem; each stage doubles them", 8, 64),
        "depth": Between("residual blocks per stage", 0, 4),
        "learning_rate": Between("peak learning rate", 1e-5, 0.1),
        "augment": OneOf("augmentation of training images", ("none", "flip", "shift", "affine")),
        "dropout": Between("dropout rate before the last layer", 0.0, 0.8),
        "weight_decay": Between("strength of weight decay", 0.0, 0.1),
        "smoothing": Between("strength of label smoothing", 0.0, 0.3),
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
)
