"""The space of `text-transformer`."""

from noria.contract import Task
from noria_trainers.families.family import Between, Family, OneOf

FAMILY = Family(
    name="text-transformer",
    tasks=(Task.TEXT_CLASSIFICATION,),
    wins="short texts in which word order matters; many examples",
    parameters={
        "vocabulary": Between("number of words with an embedding, the most frequent ones", 1000, 200_000),
        "width": OneOf("embedding size of a word", (32, 64, 128, 256)),
        "blocks": Between("attention blocks", 1, 6),
        "heads": OneOf("attention heads", (2, 4, 8)),
        "dropout": Between("dropout rate", 0.0, 0.8),
        "learning_rate": Between("peak learning rate", 1e-5, 0.1),
    },
    defaults={"vocabulary": 10_000, "width": 64, "blocks": 1, "heads": 4, "dropout": 0.2, "learning_rate": 0.002},
    grids=(
        {"width": (32, 64), "dropout": (0.1, 0.3), "learning_rate": (0.001, 0.003)},
        {"blocks": (2,), "dropout": (0.2, 0.4), "learning_rate": (0.001,)},
    ),
)
