"""The families of models: which there are, a task's space of configurations, and whether a configuration is valid.

A family NAME is a package: `NAME.space` says what there is to choose from and imports no TensorFlow; `NAME.design`
makes a configuration concrete and is imported when one is trained.
"""

import difflib
import importlib
from collections.abc import Iterable, Sequence

from noria.contract import Backbone, Configuration, ExitCode, Task
from noria_store.error import StepError
from noria_trainers.families.click_cross import space as click_cross
from noria_trainers.families.click_linear import space as click_linear
from noria_trainers.families.click_wide_deep import space as click_wide_deep
from noria_trainers.families.family import Family
from noria_trainers.families.image_backbone import space as image_backbone
from noria_trainers.families.image_cnn import space as image_cnn
from noria_trainers.families.tabular_linear import space as tabular_linear
from noria_trainers.families.tabular_mlp import space as tabular_mlp
from noria_trainers.families.tabular_residual import space as tabular_residual
from noria_trainers.families.tabular_sklearn import space as tabular_sklearn
from noria_trainers.families.text_cnn import space as text_cnn
from noria_trainers.families.text_linear import space as text_linear
from noria_trainers.families.text_transformer import space as text_transformer
from noria_trainers.training.design import Design, Fit, Problem

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        image_cnn.FAMILY,
        image_backbone.FAMILY,
        text_linear.FAMILY,
        text_cnn.FAMILY,
        text_transformer.FAMILY,
        tabular_linear.FAMILY,
        tabular_mlp.FAMILY,
        tabular_residual.FAMILY,
        tabular_sklearn.FAMILY,
        click_linear.FAMILY,
        click_wide_deep.FAMILY,
        click_cross.FAMILY,
    )
}


def space(task: Task, backbones: Sequence[Backbone] = ()) -> tuple[Configuration, ...]:
    """Every configuration of the task, always in the same order; backbones without weights are left out."""
    given = {backbone.name for backbone in backbones}
    return tuple(
        configuration
        for family in _families(task)
        for configuration in family.space()
        if family is not image_backbone.FAMILY or configuration.parameters[image_backbone.BACKBONE] in given
    )


def unequipped(task: Task, backbones: Sequence[Backbone] = ()) -> int:
    """How many configurations the task's space lacks because their pretrained weights are not set up."""
    return sum(len(family.space()) for family in _families(task)) - len(space(task, backbones))


def design(configuration: Configuration, problem: Problem) -> Design | Fit:
    """A complete configuration made concrete for the problem; imports TensorFlow with the family's design."""
    module = importlib.import_module(f"{__name__}.{configuration.family.replace('-', '_')}.design")
    found: Design | Fit = module.design(configuration.parameters, problem)
    return found


def check(configuration: Configuration, task: Task) -> None:
    """Raise StepError, exit code 64, with what there is instead, unless the configuration can be trained."""
    families = {family.name: family for family in _families(task)}
    family = families.get(configuration.family)
    if family is None:
        raise _refusal(
            "UnknownFamily", f"{task} has no family {configuration.family!r}", configuration.family, families
        )
    _check_variant(family, configuration)
    known = family.known(configuration.parameters)
    for name, value in configuration.parameters.items():
        parameter = known.get(name)
        if parameter is None:
            raise _refusal(
                "UnknownParameter", f"{_named(family, configuration)} has no parameter {name!r}", name, known
            )
        if not parameter.accepts(value):
            words = f"{family.name}: {name} is {value!r}, but must be {parameter}"
            raise StepError(ExitCode.BAD_ORDER, "BadParameter", words)


def complete(configuration: Configuration, task: Task, backbones: Sequence[Backbone] = ()) -> Configuration:
    """A valid configuration with a value for every parameter, so that equal ones compare as equal.

    Raises StepError, exit code 64, for one that cannot be trained, also if its pretrained weights are not set up.
    """
    check(configuration, task)
    whole = FAMILIES[configuration.family].configuration(configuration.parameters)
    backbone = whole.parameters.get(image_backbone.BACKBONE)
    if backbone is not None and backbone not in {each.name for each in backbones}:
        words = f"{configuration.family} needs pretrained weights of {backbone}, which are not set up in the operator"
        raise StepError(ExitCode.BAD_ORDER, "BackboneMissing", words)
    return whole


def _check_variant(family: Family, configuration: Configuration) -> None:
    named = configuration.parameters.get(family.told_by)
    if family.variants and named is not None and str(named) not in family.variants:
        words = f"{family.name}: {family.told_by} {named!r} is not known"
        raise _refusal("BadParameter", words, str(named), family.variants)


def _named(family: Family, configuration: Configuration) -> str:
    named = configuration.parameters.get(family.told_by)
    return family.name if named is None else f"{family.name} with {family.told_by} {named}"


def _families(task: Task) -> tuple[Family, ...]:
    return tuple(family for family in FAMILIES.values() if task in family.tasks)


def _refusal(reason: str, words: str, wrong: str, known: Iterable[str]) -> StepError:
    near = difflib.get_close_matches(wrong, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return StepError(ExitCode.BAD_ORDER, reason, f"{words}{hint} Available: {', '.join(known)}")
