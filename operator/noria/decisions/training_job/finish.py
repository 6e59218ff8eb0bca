"""The end of a run, and the rest after it: a finished TrainingJob never runs again and costs nothing."""

from noria.api.training_job import SUCCEEDED, RunStatus, TrainingJobStatus
from noria.decisions import state
from noria.decisions.decision import Decision
from noria.decisions.step import remaining
from noria.decisions.time import from_text, to_text
from noria.decisions.training_job.situation import Situation, references


def end(at: Situation, run: RunStatus, reason: str, message: str) -> Decision:
    """End the run, with success or for good; what is unfinished goes."""
    run = run.model_copy(update={"finished_at": to_text(at.now), "reason": reason, "message": message})
    at = at.but(run=run)
    return Decision(_outcome(at, run), delete=at.unfinished_jobs, requeue=at.job.spec.ttl_seconds_after_finished)


def rest(at: Situation, run: RunStatus) -> Decision:
    """Say how it ended. Unfinished Jobs go; after the TTL all do, and the TrainingJob stays."""
    status = _outcome(at, run)
    ttl = at.job.spec.ttl_seconds_after_finished
    if ttl is None or not at.seen.jobs or run.finished_at is None:
        return Decision(status, delete=at.unfinished_jobs)
    left = remaining(from_text(run.finished_at), ttl, at.now)
    if left:
        return Decision(status, delete=at.unfinished_jobs, requeue=left)
    return Decision(status, delete=references(at.seen.jobs))


def _outcome(at: Situation, run: RunStatus) -> TrainingJobStatus:
    """The conditions of a run that ended, whatever was said in between, e.g. of a spec that was taken back."""
    say = state.ready if run.reason == SUCCEEDED else state.stalled
    return say(at.status, at.job, reason=run.reason or SUCCEEDED, message=run.message or "", now=at.now)
