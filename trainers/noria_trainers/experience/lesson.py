"""What the trials of a run taught, as results. Pure."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version

from noria.contract import ConcludeOrder, FinishedTrial, TrainReport
from noria_trainers.data.manifest import Manifest
from noria_trainers.experience.result import Cost, Protocol, Result, scores
from noria_trainers.training.design import RULE

SPLIT = "hash-1"
"""Name of the rule in `data.splits`, a part of the protocol: raised when the rule changes."""


def lessons(order: ConcludeOrder, manifest: Manifest, reports: Mapping[str, TrainReport]) -> Iterator[Result]:
    """A result of each trial; `reports` are those of the successful ones. A lost node teaches nothing."""
    for trial in order.trials:
        report = reports.get(trial.name)
        if report is not None or (trial.failure and trial.failure.is_result):
            yield _result(order, manifest, trial, report)


def _result(order: ConcludeOrder, manifest: Manifest, trial: FinishedTrial, report: TrainReport | None) -> Result:
    return Result(
        task=order.task,
        revision=manifest.revision,
        meta_features=manifest.meta_features,
        configuration=trial.configuration,
        protocol=_protocol(order),
        scores=scores(order.task, report.metrics) if report else (),
        cost=_cost(report) if report else None,
        failure=None if report else trial.failure,
    )


def _protocol(order: ConcludeOrder) -> Protocol:
    return Protocol(
        trainer=version("noria"),
        split=SPLIT,
        budget="gpu" if order.gpus else "cpu",
        seed=order.seed,
        objective=order.metric,
        rule=RULE,
    )


def _cost(report: TrainReport) -> Cost:
    return Cost(seconds=report.seconds, epochs=report.epochs, parameters=report.parameters)
