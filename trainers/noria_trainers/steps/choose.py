"""The choose step: which configurations to train on a revision. Started by `frame`."""

from collections.abc import Iterator
from pathlib import Path

import structlog

from noria.contract import ChooseOrder, ChooseReport, Configuration, ExitCode, Strategy, termination_message
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers import families
from noria_trainers.data.manifest import Manifest
from noria_trainers.data.revision import Revision
from noria_trainers.experience import choice, learned, shipped
from noria_trainers.experience.keep import Experience
from noria_trainers.experience.landmarkers import without_score
from noria_trainers.experience.meta import Settings
from noria_trainers.experience.portfolio import MEASURED_ON, PORTFOLIOS
from noria_trainers.families.image_backbone.space import BACKBONE

log = structlog.stdlib.get_logger(__name__)


def run(order: ChooseOrder, store: Store, scratch: Path) -> ChooseReport:
    """Choose as the order's strategy says. Raises StepError for a configuration that no family knows."""
    manifest = Revision.open(store, order.revision).manifest
    if manifest.task is not order.task:
        words = f"the revision at {order.revision} is for {manifest.task}, the order for {order.task}: profile it again"
        raise StepError(ExitCode.BAD_ORDER, "WrongTask", words)
    report = _with_what_lacks(_choose(order, manifest, store), order, manifest)
    _must_fit(report)
    log.info("chosen", strategy=report.strategy, configurations=[each.configuration.id for each in report.choices])
    return report


def _choose(order: ChooseOrder, manifest: Manifest, store: Store) -> ChooseReport:
    if order.strategy is Strategy.EXPLICIT:
        return choice.as_given(_complete(configuration, order) for configuration in order.configurations)
    space = families.space(order.task, order.backbones)
    if order.strategy is Strategy.RANDOM:
        return choice.at_random(space, trials=order.trials, seed=order.seed)
    portfolio, measured_on = PORTFOLIOS[order.task], MEASURED_ON.get(order.task, 0)
    if order.strategy is Strategy.PORTFOLIO:
        return choice.from_portfolio(portfolio, space, trials=order.trials, measured_on=measured_on)
    known = shipped.results(order.task)
    for place in filter(None, (order.experience, order.own_experience)):
        known |= Experience(store, place).by_key(order.task)
    return learned.from_results(
        known.values(),
        portfolio,
        space,
        profile=manifest.meta_features,
        metric=order.metric,
        trials=order.trials,
        seed=order.seed,
        settings=Settings(exploration=order.exploration),
        trial_seconds=order.trial_seconds,
        measured_on=measured_on,
    )


def _with_what_lacks(report: ChooseReport, order: ChooseOrder, manifest: Manifest) -> ChooseReport:
    """The report whose basis also says what the choice could not use, so that two machines' choices can be compared."""
    lacking = list(_lacking(order, manifest))
    return report.model_copy(update={"basis": "; ".join([report.basis, *lacking])}) if lacking else report


def _lacking(order: ChooseOrder, manifest: Manifest) -> Iterator[str]:
    without_weights = families.unequipped(order.task, order.backbones)
    if order.strategy is not Strategy.EXPLICIT and without_weights:
        yield f"{without_weights} configurations need pretrained weights that are not set up and were left out"
    unscored = without_score(order.task, manifest.meta_features)
    if order.strategy is Strategy.META_LEARNED and unscored:
        yield f"the profile has no quick score of {', '.join(unscored)}"


def _complete(configuration: Configuration, order: ChooseOrder) -> Configuration:
    """A sound configuration with a value for every parameter, so that equal ones are seen to be equal."""
    families.check(configuration, order.task)
    complete = families.FAMILIES[configuration.family].configuration(configuration.parameters)
    backbone = complete.parameters.get(BACKBONE)
    if backbone is not None and backbone not in {each.name for each in order.backbones}:
        words = f"{configuration.family} needs pretrained weights of {backbone}, which are not set up in the operator"
        raise StepError(ExitCode.BAD_ORDER, "BackboneMissing", words)
    return complete


def _must_fit(report: ChooseReport) -> None:
    """What a person listed may be larger than a termination message."""
    try:
        termination_message(report)
    except ValueError as error:
        words = f"{len(report.choices)} configurations with so many parameters are too much ({error}): list fewer"
        raise StepError(ExitCode.BAD_ORDER, "TooManyConfigurations", words) from error
