"""docs/families.md from the families of models: what each is best for, its parameters and space. Used by `generate`."""

import json
from collections.abc import Iterable, Mapping

from noria.contract import Parameter, Task
from noria_trainers.families import space
from noria_trainers.families.family import Between, Family, OneOf

HEAD = """# Families of models

The models that a trial can train. `noria space --task TASK --json` lists every configuration of a task; a TrainingJob
with `search.strategy: Explicit` may name others, within the bounds given here. Parameters that a configuration leaves
out have their defaults. An unknown family, parameter or value is refused, and the error names the closest match.

How long a trial trains depends on the size of the data and on the device, not on its parameters: on a CPU, fewer
examples pass through the network, with smaller images and shorter texts, than on a GPU. Early stopping on the
TrainingJob's metric keeps the best epoch. The best of many epochs owes some of its score to luck, so the validation
score is measured on examples that did not pick the epoch: each half of the validation set is scored by the epoch that
is best on the other half. Where the metric weighs all classes equally (BalancedAccuracy, MacroF1), rare classes weigh
more in training. None of this applies to `tabular-sklearn`: its [estimators](fitted-estimators.md) are fitted once, on
all training rows.

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
    text = f"\n## `{family.name}`\n\n{tasks}. Best for: {family.wins}. Configurations: {len(family.space())}.\n\n"
    text += _table(family.parameters, family.defaults)
    for name, variant in family.variants.items():
        text += f"\nWith {family.told_by} `{name}`" + (":\n\n" if variant.parameters else ": no parameters.\n")
        text += _table(variant.parameters, variant.defaults) if variant.parameters else ""
    return text


def _table(parameters: Mapping[str, OneOf | Between], defaults: Mapping[str, Parameter]) -> str:
    head = "| parameter | default | values | meaning |\n|---|---|---|---|\n"
    return head + "".join(
        f"| {name} | {json.dumps(defaults[name])} | {parameter} | {parameter.help} |\n"
        for name, parameter in parameters.items()
    )
