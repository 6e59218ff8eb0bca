"""What to do next for a TrainingJob: choose, train, conclude, wait, or rest. Called by the TrainingJob controller."""

from datetime import datetime

from noria.api import TrainingJob
from noria.api.kind import Status
from noria.api.training_job import CHOICE_FAILED, CONCLUDE_FAILED, WAITING_FOR_POD, RunStatus, TrainingJobStatus
from noria.decisions import state
from noria.decisions.decision import Decision, Reference
from noria.decisions.seen import JobState, SeenTrainingJob
from noria.decisions.training_job.begin import begin, is_of_this_spec
from noria.decisions.training_job.choose import choose
from noria.decisions.training_job.conclude import conclude
from noria.decisions.training_job.finish import rest
from noria.decisions.training_job.situation import Situation, references
from noria.decisions.training_job.suspend import resume, suspend
from noria.decisions.training_job.train import train
from noria.resources.settings import Settings

WARNINGS = frozenset({WAITING_FOR_POD, CHOICE_FAILED, CONCLUDE_FAILED})


def decide_training_job(job: TrainingJob, seen: SeenTrainingJob, settings: Settings, now: datetime) -> Decision:
    """The next step of the run, or nothing.

    | what is | what is done |
    |---|---|
    | being deleted | nothing: Jobs go with their owner |
    | no run, or a run-relevant field differs from the run's | `begin` a run, once it can be |
    | the run has ended | `rest`: nothing, and after the TTL its Jobs go |
    | spec.suspend | `suspend`: unfinished Jobs go |
    | it was suspended | `resume`: time counts again, Jobs are made again |
    | no configurations yet | `choose` |
    | unfinished trials | `train` |
    | otherwise | `conclude` |

    In each case unfinished Jobs of older runs go.
    """
    if job.metadata.deletion_timestamp:
        return Decision(job.status)
    decision = _next(Situation(job, seen, settings, now))
    before, after = job.status, decision.status
    return decision.but(
        delete=(*decision.delete, *_of_older_runs(seen, decision)),
        events=state.events(before, after, warnings=WARNINGS),
        can_wait=_run_of(before) == _run_of(after) and state.says_the_same(before, after),
    )


def _next(at: Situation) -> Decision:
    run = at.job.status.run
    if run is None or not is_of_this_spec(run, at.job):
        return begin(at)
    if run.finished_at:
        return rest(at, run)
    if at.job.spec.suspend:
        return suspend(at)
    if run.started_at is None:
        at, run = resume(at, run)
    if not at.job.status.trials:
        return choose(at, run)
    if at.has_unfinished_trials:
        return train(at, run)
    return conclude(at, run, at.job.status.trials)


def _of_older_runs(seen: SeenTrainingJob, decision: Decision) -> tuple[Reference, ...]:
    run = _run_of(decision.status)
    older = (each for each in seen.jobs if each.state is JobState.ACTIVE and run and each.run != run.number)
    return tuple(doomed for doomed in references(older) if doomed not in decision.delete)


def _run_of(status: Status) -> RunStatus | None:
    return status.run if isinstance(status, TrainingJobStatus) else None
