"""The choose step: which configurations to train on a revision. Started by `frame`."""

from collections.abc import Iterable
from pathlib import Path

import structlog

from noria.contract import ChooseOrder, ChooseReport, Configuration, ExitCode
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers import families
from noria_trainers.choice import CHOOSERS, Question
from noria_trainers.data.manifest import Manifest
from noria_trainers.data.revision import Revision
from noria_trainers.experience import shipped
from noria_trainers.experience.keep import Experience
from noria_trainers.experience.result import Result

log = structlog.stdlib.get_logger(__name__)


def run(order: ChooseOrder, store: Store, scratch: Path) -> ChooseReport:
    """Choose as the order's strategy says. Raises StepError for a configuration that no family knows."""
    manifest = Revision.open(store, order.revision).manifest
    if manifest.task is not order.task:
        words = f"the revision at {order.revision} is for {manifest.task}, but the order is for {order.task}"
        raise StepError(ExitCode.BAD_ORDER, "WrongTask", f"{words}: profile it again")
    report = CHOOSERS[order.strategy].choose(_question(order, manifest, store))
    log.info("chosen", strategy=report.strategy, configurations=[each.configuration.id for each in report.choices])
    return report


def _question(order: ChooseOrder, manifest: Manifest, store: Store) -> Question:
    return Question(
        task=order.task,
        metric=order.metric,
        space=families.space(order.task, order.backbones),
        trials=order.trials,
        seed=order.seed,
        listed=tuple(families.complete(each, order.task, order.backbones) for each in order.configurations),
        previous=_previous(order),
        meta_features=manifest.meta_features,
        results=lambda: _results(order, store),
        exploration=order.exploration,
        trial_seconds=order.trial_seconds,
        without_weights=families.unequipped(order.task, order.backbones),
    )


def _previous(order: ChooseOrder) -> tuple[Configuration, ...]:
    """The winners of the run before that can be trained in this one: task and backbones may differ."""
    found = []
    for winner in order.previous:
        try:
            found.append(families.complete(winner.configuration, order.task, order.backbones))
        except StepError as error:
            log.info("winner left out", family=winner.configuration.family, reason=error.message)
    return tuple(found)


def _results(order: ChooseOrder, store: Store) -> Iterable[Result]:
    """The shipped ones, and those kept by earlier runs, each once."""
    known = shipped.results(order.task)
    for place in filter(None, (order.experience, order.own_experience)):
        known |= Experience(store, place).by_key(order.task)
    return known.values()
