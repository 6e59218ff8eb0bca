"""The space of `text-linear`."""

from noria.contract import Task
from noria_trainers.families.family import Between, Family

FAMILY = Family(
    name="text-linear",
    tasks=(Task.TEXT_CLASSIFICATION,),
    wins="long texts and topics revealed by single words; few examples",
    parameters={
        "ngrams": Between("longest n-gram, in words", 1, 3),
        "vocabulary": Between("number of features, the most frequent ones", 1000, 500_000),
        "penalty": Between("strength of the L2 penalty: 1/C of logistic regression", 0.0, 100.0),
        "learning_rate": Between("peak learning rate", 1e-4, 1.0),
    },
    defaults={"ngrams": 2, "vocabulary": 50_000, "penalty": 0.05, "learning_rate": 0.05},
    grids=({"ngrams": (1, 2), "vocabulary": (20_000, 100_000), "penalty": (0.01, 0.1, 1.0)},),
)
