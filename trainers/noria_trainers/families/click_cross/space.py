"""The space of `click-cross`."""

from noria.contract import Task
from noria_trainers.families.click_space import COMMON, DEEP, DEEP_DEFAULTS, DEFAULTS
from noria_trainers.families.family import Between, Family

FAMILY = Family(
    name="click-cross",
    tasks=(Task.CLICK_THROUGH_RATE,),
    wins="columns that interact in pairs and triples; many rows",
    parameters=COMMON | DEEP | {"crosses": Between("cross layers", 1, 4)},
    defaults=DEFAULTS | DEEP_DEFAULTS | {"crosses": 2},
    grids=({"crosses": (1, 2, 3), "embedding": (4, 8), "dropout": (0.0, 0.3), "learning_rate": (0.001, 0.004)},),
)
