"""docs/families.md from the families of models: when each wins, its parameters, its space. Used by `generate`."""

import json
from collections.abc import Iterable, Mapping

from noria.contract import Parameter, Task
from noria_trainers.families import space
from noria_trainers.families.family import Between, Family, OneOf

HEAD = """# Families of models

What a trial can be. `noria-trainer space --task TASK --json` lists every configuration of a task; a TrainingJob with
`search.strategy: Explicit` may name others, within the bounds given here. What a configuration leaves out has its
default. An unknown family, parameter or value is refused with the nearest one that there is.

How long a trial trains follows from the size of the data and from the device, not from its parameters: on a CPU fewer
examples pass through the network, in smaller images and shorter texts, than on a GPU. Early stopping on the
TrainingJob's metric keeps the best epoch. The best of many epochs owes some of its score to luck, so a trial's
validation score is told by examples that did not pick the epoch: each half of the split by the epoch that is best on
the other half. Where the metric counts all classes evenly (BalancedAccuracy, MacroF1), rare classes weigh more in
training. None of this holds for `tabular-sklearn`: its [estimators](fitted-estimators.md) are fitted once, to all
training rows.

| task | configurations |
|---|---|
"""


def families_page(families: Iterable[Family]) -> str:
    """The whole page."""
    counts = "".join(f"| {task} | {len(space(task))} |\n" for task in Task)
    return HEAD + counts + "".join(section(family) for family in families)


def section(family: Family) -> str:
    """A family with its parameters."""
    tasks = ", ".join(family.tasks)
    text = f"\n## `{family.name}`\n\n{tasks}. Wins where: {family.wins}. In the space: {len(family.space())}.\n\n"
    text += _table(family.parameters, family.defaults)
    for name, variant in family.variants.items():
        text += f"\nWith {family.told_by} `{name}`" + (":\n\n" if variant.parameters else ": no parameters.\n")
        text += _table(variant.parameters, variant.defaults) if variant.parameters else ""
    return text


def _table(parameters: Mapping[str, OneOf | Between], defaults: Mapping[str, Parameter]) -> str:
    head = "| parameter | default | may be | meaning |\n|---|---|---|---|\n"
    return head + "".join(
        f"| {name} | {json.dumps(defaults[name])} | {parameter} | {parameter.help} |\n"
        for name, parameter in parameters.items()
    )
