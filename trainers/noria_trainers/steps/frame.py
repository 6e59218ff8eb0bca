"""The frame around a step: its order in, its report out, its exit code. Called by `noria-trainer STEP`.

| how the step ends                   | report                        | exit code             |
|-------------------------------------|-------------------------------|-----------------------|
| its report is stored already        | the stored one                | 0, without working    |
| done                                | stored, then to the kubelet   | 0                     |
| the profile refuses the data        | to the kubelet                | 65                    |
| the order is none, or another's     | failure, to the kubelet       | 64                    |
| StepError                           | failure, to the kubelet       | the error's           |
| SIGTERM                             | failure, to the kubelet       | 75, retried           |
| anything else, with its traceback   | failure, to the kubelet       | 70, retried           |

What is stored is final. A refusal and a failure are not: data, Secrets and clusters get repaired. The end of the log
of a step that works is kept beside its report, also of one that is killed.
"""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FrameType

import structlog
from prometheus_client import Gauge, start_http_server
from pydantic import ValidationError

from noria.contract import (
    METRICS_PORT,
    ORDER,
    ORDER_VARIABLE,
    REPORT_PATH,
    SCRATCH_PATH,
    STEPS,
    ExitCode,
    FailureKind,
    FailureReport,
    Order,
    Report,
    RunOrder,
    order_in,
    parse_report,
    place,
    termination_message,
    why_unfit,
)
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.steps.chosen import whole
from noria_trainers.steps.tail import Tail

REPORT_VARIABLE, SCRATCH_VARIABLE, PORT_VARIABLE = "NORIA_REPORT_PATH", "NORIA_SCRATCH", "NORIA_METRICS_PORT"
"""Environment variables for a step outside of a pod; inside, the contract's values apply."""

STARTED = Gauge("noria_step_start_time_seconds", "When the running step began, in seconds since 1970.", ["step"])
log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True)
class StepSettings:
    """Where a step finds its order and leaves its report."""

    order: str
    """JSON, empty where the variable is not set."""
    report_path: Path
    """The container's termination message."""
    scratch: Path
    """Disk for downloads and caches, made when it is absent."""
    metrics_port: int
    """Port of the Prometheus text."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "StepSettings":
        """The contract's values unless the environment has others."""
        return cls(
            order=order_in(environment),
            report_path=Path(environment.get(REPORT_VARIABLE, REPORT_PATH)),
            scratch=Path(environment.get(SCRATCH_VARIABLE, SCRATCH_PATH)),
            metrics_port=int(environment.get(PORT_VARIABLE, METRICS_PORT)),
        )


def main(step: str, environment: Mapping[str, str]) -> int:
    """Carry out the order for `step` and report; the exit code."""
    settings = StepSettings.from_environment(environment)
    with structlog.contextvars.bound_contextvars(step=step), _metrics(step, settings.metrics_port), Tail() as tail:
        report, code = outcome(lambda: _obey(step, settings, environment, tail))
        _tell(report, settings.report_path)
        log.info("ended", exit_code=int(code), kind=report.kind)
    return code


def outcome(work: Callable[[], Report]) -> tuple[Report, int]:
    """The report of some work and its exit code, however it ends: the one place that catches everything."""
    try:
        report = work()
    except StepError as error:
        log.error("failed", reason=error.reason, message=error.message)
        return FailureReport(reason=error.reason, message=error.message), error.exit_code
    except Exception as error:
        log.exception("crashed")
        lines = str(error).strip().splitlines() or ["no message"]
        message = f"{type(error).__name__}: {lines[-1]}"
        return FailureReport(reason=FailureKind.CRASHED, message=message), ExitCode.CRASHED
    return report, ExitCode.BAD_DATA if report.refused else ExitCode.DONE


def answer(order: Order, store: Store, scratch: Path, tail: Tail | None = None) -> Report:
    """The report on an order: the stored one, or that of working now, which is stored unless it is a refusal.

    The end of the log of working is kept where `tail` is given.
    """
    stored = store.find(order.report)
    known = parse_report(stored.decode("utf-8", "replace")) if stored else None
    if known is not None and known.kind == order.step:
        log.info("answered from the stored report")
        return known
    scratch.mkdir(parents=True, exist_ok=True)
    if tail:
        tail.follow(store, place.log(order.report))
    report = _work(order, store, scratch)
    if not report.refused:
        store.write(order.report, report.to_json().encode())
    return report


def parse_order(text: str, step: str) -> Order:
    """The order in the variable's text. Raises StepError with what is wrong with it."""
    if not text:
        raise StepError(
            ExitCode.BAD_ORDER, "NoOrder", f"{ORDER_VARIABLE} is not set: it must hold the step's order as JSON"
        )
    try:
        order = ORDER.validate_json(text)
    except ValidationError as error:
        raise StepError(ExitCode.BAD_ORDER, "BadOrder", f"{ORDER_VARIABLE}: {_in_words(error)}") from error
    if order.step != step:
        words = f"{ORDER_VARIABLE} orders the step {order.step}, but this is {step}: run noria-trainer {order.step}"
        raise StepError(ExitCode.BAD_ORDER, "WrongStep", words)
    if isinstance(order, RunOrder) and (problem := why_unfit(order.metric, order.task)):
        raise StepError(ExitCode.BAD_ORDER, "BadMetric", problem)
    return order


def _obey(step: str, settings: StepSettings, environment: Mapping[str, str], tail: Tail) -> Report:
    order = parse_order(settings.order, step)
    with _terminated():
        return answer(order, Store.from_environment(environment=environment), settings.scratch, tail)


def _work(order: Order, store: Store, scratch: Path) -> Report:
    """The answer of the step's module, imported by its name: TensorFlow takes seconds and not every step needs it."""
    report: Report = import_module(f"{__package__}.{order.step}").run(whole(order, store), store, scratch)
    if not isinstance(report, STEPS[order.step].report):
        raise TypeError(f"the step {order.step} answered with a {type(report).__name__}")
    return report


def _tell(report: Report, path: Path) -> None:
    """Leave the report for the kubelet. A disk that cannot take it must not change how the step ended."""
    try:
        path.write_text(termination_message(report), encoding="utf-8")
    except OSError as error:
        log.warning("cannot write the termination message", path=str(path), error=str(error))


def _in_words(error: ValidationError) -> str:
    found = (".".join(map(str, each["loc"])) + ": " + each["msg"] for each in error.errors())
    return "; ".join(words.removeprefix(": ") for words in found)


@contextmanager
def _terminated() -> Iterator[None]:
    """SIGTERM ends the step with a report, unless the step handles it itself (training keeps a checkpoint).

    Without a handler, a container's first process ignores it.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise StepError(ExitCode.TRY_AGAIN, "Terminated", "the pod was stopped: another pod repeats the step")

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _metrics(step: str, port: int) -> Iterator[None]:
    """Prometheus text while the step runs. A port in use is a warning: the step continues."""
    STARTED.labels(step).set_to_current_time()
    try:
        server, thread = start_http_server(port)
    except OSError as error:
        log.warning("metrics are not served", port=port, error=str(error))
        yield
        return
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
