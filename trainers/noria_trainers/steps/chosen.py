"""Parameters that an order has no room for, from the choose step's stored report. Used by `frame`."""

from collections.abc import Iterable, Iterator

import structlog

from noria.contract import (
    ChooseOrder,
    ChooseReport,
    ConcludeOrder,
    Configuration,
    ExitCode,
    Order,
    StoredChoice,
    TrainOrder,
    Winner,
    parse_report,
    replaced,
)
from noria_store.error import StepError
from noria_store.store import Store

log = structlog.stdlib.get_logger(__name__)


def whole(order: Order, store: Store) -> Order:
    """The order with all parameters. Raises StepError if those of its trials are not where it says."""
    if isinstance(order, ChooseOrder):
        return replaced(order, previous=tuple(_readable(order.previous, store)))
    if isinstance(order, TrainOrder) and order.choice:
        return replaced(order, configuration=_configuration(order.choice, store))
    if isinstance(order, ConcludeOrder):
        trials = (
            replaced(trial, configuration=_configuration(trial.choice, store)) if trial.choice else trial
            for trial in order.trials
        )
        return replaced(order, trials=tuple(trials))
    return order


def _readable(winners: Iterable[Winner], store: Store) -> Iterator[Winner]:
    """The winners of an earlier run, without those whose report is gone: a choice can do without them."""
    for winner in winners:
        try:
            yield replaced(winner, configuration=_configuration(winner.choice, store)) if winner.choice else winner
        except StepError as error:
            if error.exit_code != ExitCode.BAD_DATA:
                raise
            log.info("winner left out", family=winner.configuration.family, reason=error.message)


def _configuration(choice: StoredChoice, store: Store) -> Configuration:
    report = parse_report(store.read(choice.report).decode("utf-8", "replace"))
    if not isinstance(report, ChooseReport) or not 0 <= choice.number < len(report.choices):
        words = f"{choice.report} is not the report of this run's choose step: start a new run of the TrainingJob"
        raise StepError(ExitCode.BAD_DATA, "BadReport", words)
    return report.choices[choice.number].configuration
