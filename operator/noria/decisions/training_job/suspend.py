"""Suspend and resume: resources are given back, time stands still, trials go on from their checkpoints."""

from noria.api.training_job import SUSPENDED_BY_USER, RunStatus, TrialState, TrialStatus
from noria.decisions import state
from noria.decisions.decision import Decision
from noria.decisions.time import to_text
from noria.decisions.training_job.situation import Situation, active_seconds


def suspend(at: Situation) -> Decision:
    """Delete what is unfinished and stop the clock. What is finished stays."""
    run = at.status.run
    if run and run.started_at:
        stopped = {"started_at": None, "active_seconds": round(active_seconds(run, at.now), 1)}
        at = at.but(run=run.model_copy(update=stopped), trials=tuple(map(_stopped, at.status.trials)))
    message = "spec.suspend is true: set it to false to go on"
    status = state.suspended(at.status, at.job, reason=SUSPENDED_BY_USER, message=message, now=at.now)
    return Decision(status, delete=at.unfinished_jobs)


def resume(at: Situation, run: RunStatus) -> tuple[Situation, RunStatus]:
    """The clock goes on; what follows in the same pass makes the Jobs again."""
    run = run.model_copy(update={"started_at": to_text(at.now)})
    return at.but(run=run), run


def _stopped(trial: TrialStatus) -> TrialStatus:
    if trial.state is not TrialState.RUNNING:
        return trial
    return trial.model_copy(update={"state": TrialState.PENDING, "message": None})
