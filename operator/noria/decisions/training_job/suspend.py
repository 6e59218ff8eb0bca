"""Suspend and resume: resources are released, the clock stops, and trials resume from their checkpoints."""

from noria.api.training_job import SUSPENDED_BY_USER, TrainingJobStatus, TrialState, TrialStatus
from noria.contract import replaced
from noria.decision import Decision
from noria.decisions.time import to_text
from noria.decisions.training_job.situation import Situation, active_seconds
from noria.decisions.training_job.stage import Stage


def _suspend(at: Situation) -> Decision[TrainingJobStatus]:
    """Delete unfinished Jobs and stop the clock. Finished trials stay."""
    if at.run.started_at:
        at = at.but(trials=tuple(map(_stopped, at.status.trials)))
        at = at.but_run(started_at=None, active_seconds=round(active_seconds(at.run, at.now), 1))
    message = "spec.suspend is true: set it to false to resume"
    return Decision(at.conditions.suspended(SUSPENDED_BY_USER, message), delete=at.unfinished_jobs)


def _resume(at: Situation) -> Situation:
    """Start the clock again; the next stages create the Jobs."""
    return at.but_run(started_at=to_text(at.now))


def _stopped(trial: TrialStatus) -> TrialStatus:
    if trial.state is not TrialState.RUNNING:
        return trial
    return replaced(trial, state=TrialState.PENDING, message=None)


SUSPEND = Stage(applies=lambda at: at.job.spec.suspend, decide=_suspend)
RESUME = Stage(applies=lambda at: at.run.started_at is None, decide=_resume)
