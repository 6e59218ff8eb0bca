"""The space of `text-cnn`."""

from noria.contract import Task
from noria_trainers.families.family import Between, Family

FAMILY = Family(
    name="text-cnn",
    tasks=(Task.TEXT_CLASSIFICATION,),
    wins="texts whose class depends on phrases anywhere in them; a few thousand examples",
    parameters={
        "vocabulary": Between("number of words with an embedding, the most frequent ones", 1000, 200_000),
        "embedding": Between("embedding size of a word", 8, 512),
        "filters": Between("convolution filters of each width", 8, 512),
        "dropout": Between("dropout rate", 0.0, 0.8),
        "learning_rate": Between("peak learning rate", 1e-5, 0.1),
    },
    defaults={"vocabulary": 10_000, "embedding": 48, "filters": 48, "dropout": 0.3, "learning_rate": 0.003},
    grids=({"embedding": (32, 64), "filters": (32, 64), "dropout": (0.2, 0.5), "learning_rate": (0.001, 0.003)},),
)
