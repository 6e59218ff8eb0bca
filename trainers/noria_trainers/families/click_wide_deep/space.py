"""The space of `click-wide-deep`."""

from noria.contract import Task
from noria_trainers.families.click_space import COMMON, DEEP, DEEP_DEFAULTS, DEFAULTS
from noria_trainers.families.family import Family

FAMILY = Family(
    name="click-wide-deep",
    tasks=(Task.CLICK_THROUGH_RATE,),
    wins="data where memorised pairs and generalisation both matter; many rows",
    parameters=COMMON | DEEP,
    defaults=DEFAULTS | DEEP_DEFAULTS,
    grids=({"embedding": (4, 16), "width": (64, 256), "dropout": (0.0, 0.3), "learning_rate": (0.001, 0.004)},),
)
