"""The space of `click-linear`."""

from noria.contract import Task
from noria_trainers.families.click_space import COMMON, DEFAULTS
from noria_trainers.families.family import Family

FAMILY = Family(
    name="click-linear",
    tasks=(Task.CLICK_THROUGH_RATE,),
    wins="very many categories and few clicks",
    parameters=COMMON,
    defaults=DEFAULTS | {"learning_rate": 0.02},
    grids=({"buckets": (10_000, 1_000_000), "scaling": ("standard", "quantile"), "weight_decay": (0.0001, 0.01)},),
)
