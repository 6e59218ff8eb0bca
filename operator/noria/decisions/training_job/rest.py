"""After a run: a finished TrainingJob costs nothing until there is a cause for the next run, see `cause`."""

from noria.api.training_job import TrainingJobStatus
from noria.decision import Decision
from noria.decisions.follow import references
from noria.decisions.step import remaining
from noria.decisions.time import from_text
from noria.decisions.training_job.finish import ended
from noria.decisions.training_job.situation import Situation
from noria.decisions.training_job.stage import Stage


def _rest(at: Situation) -> Decision[TrainingJobStatus]:
    """Say how it ended. Unfinished Jobs are deleted, and after the TTL all of them; the TrainingJob stays."""
    status = ended(at)
    ttl = at.job.spec.ttl_seconds_after_finished
    if ttl is None or not at.seen.jobs or at.run.finished_at is None:
        return Decision(status, delete=at.unfinished_jobs)
    left = remaining(from_text(at.run.finished_at), ttl, at.now)
    if left:
        return Decision(status, delete=at.unfinished_jobs, requeue=left)
    return Decision(status, delete=references(at.seen.jobs))


REST = Stage(applies=lambda at: at.run.finished_at is not None, decide=_rest)
