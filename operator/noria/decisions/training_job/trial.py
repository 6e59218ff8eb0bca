"""A trial's status, from the state of its step. A failed trial does not fail the TrainingJob."""

from noria.api.training_job import TrialState, TrialStatus
from noria.contract import FailureKind, TrainReport, place, replaced
from noria.decisions.follow import answer
from noria.decisions.step import Failure, SeenStep, StepState
from noria.decisions.training_job.situation import FINISHED, Situation
from noria.resources.train_job import storage_of, trial_report


def seen_trial(at: Situation, trial: TrialStatus, step: SeenStep | None, *, queued: bool) -> TrialStatus:
    """The trial in the state of its step; a finished one stays as it is.

    A trial counts as running from the moment its Job is created, unless the cluster says why its pod cannot start. A
    queued trial has no Job until others have finished.
    """
    if step is None:
        return trial
    match answer(step, TrainReport, otherwise="reported no score"):
        case TrainReport() as report:
            return _succeeded(trial, report)
        case Failure() as failure:
            return _failed(at, trial, failure)
    if step.state is StepState.HOPELESS and step.failure:
        return _failed(at, trial, step.failure)
    begins = step.state is StepState.ABSENT and not queued and not step.message
    if begins or step.state is StepState.WORKING:
        return replaced(trial, state=TrialState.RUNNING, message=None)
    return replaced(trial, state=TrialState.PENDING, message=step.message or None)


def _succeeded(trial: TrialStatus, report: TrainReport) -> TrialStatus:
    result = {"score": report.score, "duration": round(report.seconds, 1), "message": None}
    return replaced(trial, state=TrialState.SUCCEEDED, **result)


def _failed(at: Situation, trial: TrialStatus, failure: Failure) -> TrialStatus:
    message = failure.message
    match failure.kind:
        case FailureKind.OUT_OF_MEMORY:
            message = f"ran out of memory: raise spec.resources.memory above {at.job.spec.resources.memory}"
        case FailureKind.OUT_OF_DISK:
            limit = storage_of(at.job, at.settings)
            message = f"ran out of disk: raise spec.resources.ephemeralStorage above {limit}"
        case FailureKind.DEADLINE_EXCEEDED if at.job.spec.max_duration:
            message = f"maxDuration {at.job.spec.max_duration} ran out before it finished"
    log = place.log(trial_report(at.job, at.run, trial, at.settings)) if failure.left_log else None
    return replaced(trial, state=TrialState.FAILED, failure=failure.kind.value, message=message, log_uri=log)


def expired_trial(at: Situation, trial: TrialStatus, step: SeenStep | None) -> TrialStatus:
    """A trial that maxDuration ends. If it could not even start, that says nothing about its configuration."""
    if step is None or trial.state in FINISHED:
        return trial
    over = f"maxDuration {at.job.spec.max_duration} ran out"
    if step.state is StepState.WORKING:
        return _failed(at, trial, Failure(FailureKind.DEADLINE_EXCEEDED, over))
    why = f": {step.message}" if step.message else ""
    return _failed(at, trial, Failure(FailureKind.INFRASTRUCTURE, f"{over} before it could start{why}"))
