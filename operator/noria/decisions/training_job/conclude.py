"""The conclusion of a run: the conclude step's Job, and the best trial of its report."""

from functools import partial

from noria.api.training_job import (
    ALL_TRIALS_FAILED,
    CONCLUDE_FAILED,
    CONCLUDING,
    DEADLINE_EXCEEDED,
    SUCCEEDED,
    BestStatus,
    RunStatus,
    TrialState,
    TrialStatus,
)
from noria.contract import ConcludeReport
from noria.decisions.decision import Decision
from noria.decisions.training_job.attempt import Attempt, follow
from noria.decisions.training_job.finish import end
from noria.decisions.training_job.situation import Situation
from noria.resources.conclude_job import conclude_job, conclude_job_name
from noria.resources.run_job import metric_of


def conclude(at: Situation, run: RunStatus, trials: tuple[TrialStatus, ...]) -> Decision:
    """Conclude with the trials that succeeded; without one the run has failed. Jobs that maxDuration ended go.

    The conclusion's own time is not limited by maxDuration.
    """
    succeeded = sum(trial.state is TrialState.SUCCEEDED for trial in trials)
    if not succeeded:
        reason = DEADLINE_EXCEEDED if at.seconds_left(run) == 0 else ALL_TRIALS_FAILED
        return end(at, run, reason, _failures(trials))
    attempt = Attempt(
        name=conclude_job_name(at.job, run),
        make=partial(conclude_job, at.job, trials=trials, settings=at.settings),
        working=CONCLUDING,
        failed=CONCLUDE_FAILED,
        message=f"concluding from {succeeded} of {len(trials)} trials",
    )
    found = follow(at, run, attempt)
    if isinstance(found, Decision):
        return found.but(delete=(*found.delete, *(job for job in at.unfinished_jobs if job.name != attempt.name)))
    if not isinstance(found, ConcludeReport):
        message = "the conclude step reported no result: is its image of this version of Noria?"
        return end(at, run, CONCLUDE_FAILED, message)
    return end(at.but(best=_best(run, found)), run, SUCCEEDED, _success(at, run, found))


def _best(run: RunStatus, report: ConcludeReport) -> BestStatus:
    return BestStatus(
        trial=report.trial,
        ensemble=report.ensemble or None,
        run=run.number,
        score=report.score,
        interval=(report.low, report.high),
        artifact=report.artifact,
        card_uri=report.card_uri,
    )


def _success(at: Situation, run: RunStatus, report: ConcludeReport) -> str:
    interval = f"95 % interval {report.low:.4g} to {report.high:.4g}"
    told = f"{_name(report)} is best: {metric_of(at.job, run)} {report.score:.4g} on the hold-out, {interval}"
    return f"{told}; {report.message}" if report.message else told


def _name(report: ConcludeReport) -> str:
    return f"the ensemble of {', '.join(each.trial for each in report.ensemble)}" if report.ensemble else report.trial


def _failures(trials: tuple[TrialStatus, ...]) -> str:
    """Each trial's message; one that they share is told once."""
    messages = {trial.message or trial.failure or "" for trial in trials}
    if len(messages) == 1:
        return f"all {len(trials)} trials failed: {messages.pop()}"
    return "; ".join(f"{trial.name}: {trial.message or trial.failure}" for trial in trials)
