"""What to do next for a TrainingJob: choose, train, conclude, or wait. Used by `controllers.training_job`."""

from dataclasses import replace
from datetime import datetime

from noria.api import TrainingJob
from noria.api.training_job import CHOICE_FAILED, CONCLUDE_FAILED, WAITING_FOR_POD, TrainingJobStatus
from noria.decision import Decision, Reference
from noria.decisions import state
from noria.decisions.follow import references
from noria.decisions.seen import JobState, SeenTrainingJob
from noria.decisions.training_job.begin import BEGIN
from noria.decisions.training_job.choose import CHOOSE
from noria.decisions.training_job.conclude import CONCLUDE
from noria.decisions.training_job.freshness import freshness_events, with_freshness
from noria.decisions.training_job.rest import REST
from noria.decisions.training_job.situation import Situation
from noria.decisions.training_job.suspend import RESUME, SUSPEND
from noria.decisions.training_job.train import TRAIN
from noria.resources.installation import Installation

WARNINGS = frozenset({WAITING_FOR_POD, CHOICE_FAILED, CONCLUDE_FAILED})
STAGES = (BEGIN, REST, SUSPEND, RESUME, CHOOSE, TRAIN, CONCLUDE)
"""In the order in which they look at a TrainingJob, until one of them decides."""


def decide_training_job(
    job: TrainingJob, seen: SeenTrainingJob, settings: Installation, now: datetime
) -> Decision[TrainingJobStatus]:
    """The decision of the first of these stages that applies and does not leave it to the next.

    | state | stage |
    |---|---|
    | no run, or `next_start` has a cause for another | BEGIN: a run starts as soon as it can |
    | the run has ended | REST: nothing; after the TTL its Jobs are deleted |
    | spec.suspend | SUSPEND: unfinished Jobs are deleted |
    | it was suspended | RESUME: the clock runs again, and the next stages create its Jobs again |
    | no configurations yet | CHOOSE |
    | unfinished trials | TRAIN |
    | otherwise | CONCLUDE |

    In each case unfinished Jobs of older runs are deleted, and `with_freshness` says what becomes of a newer revision.
    Nothing is done for a TrainingJob that is being deleted: its Jobs are deleted with it.
    """
    if job.metadata.deletion_timestamp:
        return Decision(job.status)
    at = Situation(job, seen, settings, now)
    decision = with_freshness(at, _decide(at))
    before, after = job.status, decision.status
    return replace(
        decision,
        delete=(*decision.delete, *_of_older_runs(seen, decision)),
        events=(*state.events(before, after, warnings=WARNINGS), *freshness_events(before, after)),
        can_wait=before.run == after.run and state.says_the_same(before, after),
    )


def _decide(at: Situation) -> Decision[TrainingJobStatus]:
    for stage in STAGES:
        if stage.applies(at):
            outcome = stage.decide(at)
            if isinstance(outcome, Decision):
                return outcome
            at = outcome
    return Decision(at.conditions.observed())


def _of_older_runs(seen: SeenTrainingJob, decision: Decision[TrainingJobStatus]) -> tuple[Reference, ...]:
    run = decision.status.run
    older = references(job for job in seen.jobs if job.state is JobState.ACTIVE and run and job.run != run.number)
    return tuple(reference for reference in older if reference not in decision.delete)
