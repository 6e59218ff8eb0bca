"""The conclusion of a run: the conclude step's Job, and the best trial of its report."""

from dataclasses import replace
from functools import partial

from noria.api.training_job import (
    ALL_TRIALS_FAILED,
    CONCLUDE_FAILED,
    CONCLUDING,
    DEADLINE_EXCEEDED,
    SUCCEEDED,
    BestStatus,
    TrainingJobStatus,
    TrialState,
    TrialStatus,
)
from noria.contract import ConcludeReport
from noria.decision import Decision
from noria.decisions.training_job.attempt import Attempt, attempt_step
from noria.decisions.training_job.finish import end
from noria.decisions.training_job.situation import Situation
from noria.decisions.training_job.stage import Stage
from noria.resources.conclude_job import conclude_job, conclude_job_name, conclude_report
from noria.resources.run_job import metric_of


def _conclude(at: Situation) -> Decision[TrainingJobStatus]:
    """Conclude with the trials that succeeded; if there are none, the run fails. Jobs past maxDuration are deleted.

    maxDuration does not limit the conclude step itself.
    """
    trials = at.status.trials
    succeeded = sum(trial.state is TrialState.SUCCEEDED for trial in trials)
    if not succeeded:
        reason = DEADLINE_EXCEEDED if at.seconds_left == 0 else ALL_TRIALS_FAILED
        return end(at, reason, _failures(trials))
    attempt = Attempt(
        report=ConcludeReport,
        name=conclude_job_name(at.job, at.run),
        job=partial(conclude_job, at.job, trials=trials, settings=at.settings),
        working=CONCLUDING,
        failed=CONCLUDE_FAILED,
        message=f"concluding from {succeeded} of {len(trials)} trials",
        otherwise="the conclude step reported no result",
        report_uri=conclude_report(at.job, at.run, at.settings),
    )
    outcome = attempt_step(at, attempt)
    if isinstance(outcome, Decision):
        others = tuple(job for job in at.unfinished_jobs if job.name != attempt.name)
        return replace(outcome, delete=(*outcome.delete, *others))
    return end(at.but(best=_best(at, outcome)), SUCCEEDED, _success(at, outcome))


def _best(at: Situation, report: ConcludeReport) -> BestStatus:
    return BestStatus(
        trial=report.trial,
        ensemble=report.ensemble or None,
        run=at.run.number,
        dataset=at.job.spec.dataset_ref.name,
        revision=at.run.revision,
        task=at.run.task,
        metric=metric_of(at.job, at.run),
        score=report.score,
        summary=_scored(at, report),
        interval=(report.low, report.high),
        artifact=report.artifact,
        card_uri=report.card_uri,
        call=report.call,
    )


def _success(at: Situation, report: ConcludeReport) -> str:
    interval = f"95 % interval {report.low:.4g} to {report.high:.4g}"
    best = f"{_name(report)} is best: {_scored(at, report)} on the hold-out set, {interval}"
    return f"{best}; {report.message}" if report.message else best


def _scored(at: Situation, report: ConcludeReport) -> str:
    return f"{metric_of(at.job, at.run)} {report.score:.4g}"


def _name(report: ConcludeReport) -> str:
    return f"the ensemble of {', '.join(each.trial for each in report.ensemble)}" if report.ensemble else report.trial


def _failures(trials: tuple[TrialStatus, ...]) -> str:
    """Each trial's message; a message that all share is given once. Then where to read more."""
    messages = {trial.message or trial.failure or "" for trial in trials}
    told = "; ".join(f"{trial.name}: {trial.message or trial.failure}" for trial in trials)
    if len(messages) == 1:
        told = f"all {len(trials)} trials failed: {messages.pop()}"
    logs = "; the ends of their logs are at status.trials[].logURI" if any(trial.log_uri for trial in trials) else ""
    return told + logs


CONCLUDE = Stage(applies=lambda at: True, decide=_conclude)
