"""The end of a run in any stage, with success or failure."""

from noria.api.training_job import SUCCEEDED, TrainingJobStatus
from noria.decision import Decision
from noria.decisions.time import to_text
from noria.decisions.training_job.situation import Situation


def end(at: Situation, reason: str, message: str) -> Decision[TrainingJobStatus]:
    """End the run, with success or failure; unfinished Jobs are deleted."""
    at = at.but_run(finished_at=to_text(at.now), reason=reason, message=message)
    return Decision(ended(at), delete=at.unfinished_jobs, requeue=at.job.spec.ttl_seconds_after_finished)


def ended(at: Situation) -> TrainingJobStatus:
    """The conditions of a run that has ended, whatever they were in between, e.g. for a spec that was reverted."""
    set_state = at.conditions.ready if at.run.reason == SUCCEEDED else at.conditions.stalled
    return set_state(at.run.reason or SUCCEEDED, at.run.message or "")
