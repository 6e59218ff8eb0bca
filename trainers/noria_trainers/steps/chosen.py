"""Parameters that an order has no room for, from the choose step's stored report. Used by `frame`."""

from noria.contract import (
    ChooseReport,
    ConcludeOrder,
    Configuration,
    ExitCode,
    Order,
    StoredChoice,
    TrainOrder,
    parse_report,
    replaced,
)
from noria_store.error import StepError
from noria_store.store import Store


def whole(order: Order, store: Store) -> Order:
    """The order with all parameters. Raises StepError if they are not where it says."""
    if isinstance(order, TrainOrder) and order.choice:
        return replaced(order, configuration=_configuration(order.choice, store))
    if isinstance(order, ConcludeOrder):
        trials = (
            replaced(trial, configuration=_configuration(trial.choice, store)) if trial.choice else trial
            for trial in order.trials
        )
        return replaced(order, trials=tuple(trials))
    return order


def _configuration(choice: StoredChoice, store: Store) -> Configuration:
    report = parse_report(store.read(choice.report).decode("utf-8", "replace"))
    if not isinstance(report, ChooseReport) or not 0 <= choice.number < len(report.choices):
        words = f"{choice.report} is not the report of this run's choose step: start a new run of the TrainingJob"
        raise StepError(ExitCode.BAD_DATA, "BadReport", words)
    return report.choices[choice.number].configuration
