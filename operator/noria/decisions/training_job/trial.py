"""A trial's status as its step tells it. Used by `train`; a failed trial is not a failed job."""

from noria.api.training_job import TrialState, TrialStatus
from noria.contract import TrainReport
from noria.decisions.step import CRASHED, INFRASTRUCTURE, OUT_OF_MEMORY, Failure, Step, StepState
from noria.decisions.training_job.situation import FINISHED, Situation

DEADLINE = "DeadlineExceeded"
"""Kind of failure of a trial that maxDuration ended."""


def seen_trial(at: Situation, trial: TrialStatus, step: Step | None, *, begun: bool) -> TrialStatus:
    """The trial as its step tells it; what has finished stays as it is.

    A trial runs from the moment its Job is made, unless somebody says why its pod cannot.
    """
    if step is None:
        return trial
    match step.state:
        case StepState.DONE if isinstance(step.report, TrainReport):
            result = {"score": step.report.score, "duration": round(step.report.seconds, 1), "message": None}
            return trial.model_copy(update={"state": TrialState.SUCCEEDED, **result})
        case StepState.DONE:
            return _failed(at, trial, Failure(CRASHED, "reported no score: is its image of this version of Noria?"))
        case StepState.FAILED | StepState.HOPELESS if step.failure:
            return _failed(at, trial, step.failure)
        case StepState.WORKING:
            return trial.model_copy(update={"state": TrialState.RUNNING, "message": None})
        case StepState.ABSENT if begun and not step.words:
            return trial.model_copy(update={"state": TrialState.RUNNING, "message": None})
    return trial.model_copy(update={"state": TrialState.PENDING, "message": step.words or None})


def _failed(at: Situation, trial: TrialStatus, failure: Failure) -> TrialStatus:
    message = failure.message
    if failure.kind == OUT_OF_MEMORY:
        message = f"ran out of memory: raise spec.resources.memory above {at.job.spec.resources.memory}"
    return trial.model_copy(update={"state": TrialState.FAILED, "failure": failure.kind, "message": message})


def expired_trial(at: Situation, trial: TrialStatus, step: Step | None) -> TrialStatus:
    """A trial that maxDuration ends. One that could not even begin says nothing of its configuration."""
    if step is None or trial.state in FINISHED:
        return trial
    over = f"maxDuration {at.job.spec.max_duration} was over"
    if step.state is StepState.WORKING:
        return _failed(at, trial, Failure(DEADLINE, f"{over} before it had finished"))
    return _failed(at, trial, Failure(INFRASTRUCTURE, f"{over} before it could begin {step.words}".strip()))
