"""Show the configurations of a task, as a TrainingJob can list them.

    noria space --task TabularRegression
    noria space --task TextClassification --json

For each family it shows the parameters, their bounds and their defaults.
"""

import argparse
import json
from collections.abc import Iterable, Mapping

from noria.contract import Configuration, Parameter, Task
from noria_cli.argument import one_of
from noria_trainers import families
from noria_trainers.families.family import Between, Family, OneOf

HELP = "show the families of a task, their parameters and configurations"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--task", type=one_of(Task), metavar="TASK", required=True, help=", ".join(Task))
    parser.add_argument("--json", action="store_true", help="print every configuration, one JSON object per line")


def main(arguments: argparse.Namespace) -> int:
    """Print the task's space."""
    found = [family for family in families.FAMILIES.values() if arguments.task in family.tasks]
    if arguments.json:
        _print(configuration for family in found for configuration in family.space())
        return 0
    for family in found:
        print(_described(family))
    return 0


def _print(configurations: Iterable[Configuration]) -> None:
    for configuration in configurations:
        print(configuration.to_json())


def _described(family: Family) -> str:
    lines = [f"{family.name}: {family.wins} ({len(family.space())} configurations)"]
    lines += _parameters(family.parameters, family.defaults)
    for name, variant in family.variants.items():
        lines += [f"  with {family.told_by} {name}:", *_parameters(variant.parameters, variant.defaults, depth=4)]
    return "\n".join(lines) + "\n"


def _parameters(
    parameters: Mapping[str, OneOf | Between], defaults: Mapping[str, Parameter], *, depth: int = 2
) -> list[str]:
    if not parameters:
        return [" " * depth + "no parameters"]
    return [
        f"{' ' * depth}{name}: {parameter.help}; {parameter}, default {json.dumps(defaults[name])}"
        for name, parameter in parameters.items()
    ]
