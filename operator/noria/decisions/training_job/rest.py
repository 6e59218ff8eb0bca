"""After a run: a finished TrainingJob costs nothing until there is a cause for the next run, see `cause`."""

from noria.api.condition import BYTES_GONE, READY, find_condition
from noria.api.kind import REQUESTED_AT
from noria.api.training_job import SUCCEEDED, TrainingJobStatus
from noria.decision import Decision
from noria.decisions.follow import references
from noria.decisions.step import remaining
from noria.decisions.time import from_text
from noria.decisions.training_job.finish import ended
from noria.decisions.training_job.situation import Situation
from noria.decisions.training_job.stage import Stage


def _rest(at: Situation) -> Decision[TrainingJobStatus]:
    """Say how it ended. Unfinished Jobs are deleted, and after the TTL all of them; the TrainingJob stays."""
    status = _result_gone(at) or ended(at)
    ttl = at.job.spec.ttl_seconds_after_finished
    if ttl is None or not at.seen.jobs or at.run.finished_at is None:
        return Decision(status, delete=at.unfinished_jobs)
    left = remaining(from_text(at.run.finished_at), ttl, at.now)
    if left:
        return Decision(status, delete=at.unfinished_jobs, requeue=left)
    return Decision(status, delete=references(at.seen.jobs))


def _result_gone(at: Situation) -> TrainingJobStatus | None:
    """The status where the result is gone from the object store, as far as that is known."""
    best, stored = at.status.best, at.seen.stored
    ready = find_condition(at.status.conditions, READY)
    if at.run.reason != SUCCEEDED or best is None:
        return None
    if stored is None:
        return at.conditions.observed() if ready and ready.reason == BYTES_GONE else None
    if not stored.is_gone(at.run.finished_at):
        return None
    again = f'kubectl annotate trainingjob {at.job.metadata.name} {REQUESTED_AT}="$(date)" --overwrite'
    message = (
        f"{best.artifact.uri}, the result of run {at.run.number}, is gone from the object store: train again: {again}"
    )
    return at.conditions.stalled(BYTES_GONE, message)


REST = Stage(applies=lambda at: at.run.finished_at is not None, decide=_rest)
