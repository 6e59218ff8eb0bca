"""The trials of a run: at most `parallelism` Jobs at a time, each trial's state as its Job and pods show it."""

from collections.abc import Mapping
from functools import partial

from noria.api.condition import REJECTED
from noria.api.duration import written
from noria.api.training_job import TRAINING, WAITING_FOR_POD, TrainingJobStatus, TrialState, TrialStatus
from noria.decision import Decision, Reference
from noria.decisions.cure import with_cure
from noria.decisions.follow import Followed, follow
from noria.decisions.step import SeenStep, StepState
from noria.decisions.training_job.situation import FINISHED, Situation
from noria.decisions.training_job.stage import Outcome, Stage
from noria.decisions.training_job.trial import expired_trial, seen_trial
from noria.resources.run_job import metric_of
from noria.resources.train_job import train_job, train_job_name

_BUSY = (StepState.WORKING, StepState.WAITING, StepState.MISPLACED, StepState.LEAVING)


def _train(at: Situation) -> Outcome:
    """Record the trials' results and start the next ones; when all have finished, continue with the next stage.

    | state | action |
    |---|---|
    | maxDuration is over | unfinished trials fail; then as below |
    | every trial has finished | continue with the next stage |
    | the API server rejects a trial's Job | Stalled, Rejected |
    | a trial ran out of memory, and its Job has retries left | its Job is deleted |
    | fewer unfinished Jobs than parallelism | the next trials' Jobs are created |
    | nothing is running or has finished, and the cluster says why | WaitingForPod, with its message |
    | otherwise | Training, with the count |

    Each trial's Job is followed like that of any step, see `follow`.
    """
    unfinished = [trial for trial in at.status.trials if trial.state not in FINISHED]
    steps = {trial.name: at.observe(train_job_name(at.job, at.run, trial.name)) for trial in unfinished}
    queued = _queued(at, steps)
    followed = [_follow(at, trial, steps[trial.name]) for trial in unfinished if trial.name not in queued]
    at = _with_trials(at, steps, queued)
    if not at.has_unfinished_trials:
        return at
    decision = Decision(
        _status(at, steps, queued),
        create=tuple(child for each in followed for child in each.create),
        delete=(*(child for each in followed for child in each.delete), *_jobs_of_finished_trials(at)),
    )
    for each in followed:
        decision = decision.until(each.requeue)
    return decision.until(at.seconds_left)


def _follow(at: Situation, trial: TrialStatus, step: SeenStep) -> Followed:
    return follow(step, partial(train_job, at.job, at.run, trial, at.settings))


def _queued(at: Situation, steps: Mapping[str, SeenStep]) -> frozenset[str]:
    """The trials that have no Job and must wait because of parallelism."""
    busy = sum(step.state in _BUSY for step in steps.values())
    absent = [name for name, step in steps.items() if step.state is StepState.ABSENT]
    return frozenset(absent[max(0, at.job.spec.parallelism - busy) :])


def _with_trials(at: Situation, steps: Mapping[str, SeenStep], queued: frozenset[str]) -> Situation:
    """The situation with the trials' current states."""
    trials = tuple(
        seen_trial(at, trial, steps.get(trial.name), queued=trial.name in queued) for trial in at.status.trials
    )
    if at.seconds_left == 0:
        trials = tuple(expired_trial(at, trial, steps.get(trial.name)) for trial in trials)
    return at.but(trials=trials, trials_done=_done(trials), cost=_cost(at, trials))


def _status(at: Situation, steps: Mapping[str, SeenStep], queued: frozenset[str]) -> TrainingJobStatus:
    """Training, unless a Job is rejected, or all trials are pending and the cluster says why."""
    rejection = next((step.rejection for name, step in steps.items() if step.rejection and name not in queued), "")
    if rejection:
        return at.conditions.stalled(REJECTED, rejection)
    message = next((step.message for step in steps.values() if step.message), "")
    if message and all(trial.state is TrialState.PENDING for trial in at.status.trials):
        explained = with_cure(message, requests="spec.resources", holders=at.seen.holders)
        return at.conditions.progressing(WAITING_FOR_POD, explained)
    return at.conditions.progressing(TRAINING, _progress(at))


def _jobs_of_finished_trials(at: Situation) -> tuple[Reference, ...]:
    """Jobs that are still active although their trials have finished."""
    finished = [trial.name for trial in at.status.trials if trial.state in FINISHED]
    names = {train_job_name(at.job, at.run, name) for name in finished}
    return tuple(job for job in at.unfinished_jobs if job.name in names)


def _done(trials: tuple[TrialStatus, ...]) -> str:
    return f"{sum(trial.state in FINISHED for trial in trials)}/{len(trials)}"


def _cost(at: Situation, trials: tuple[TrialStatus, ...]) -> str | None:
    took = sum(trial.duration or 0 for trial in trials)
    gpus = at.job.spec.resources.gpus
    return f"{written(took * max(1, gpus))}{' GPU' if gpus else ''}" if took else None


def _progress(at: Situation) -> str:
    trials, metric = at.status.trials, metric_of(at.job, at.run)
    scores = [trial.score for trial in trials if trial.score is not None]
    best = (max if metric.higher_is_better else min)(scores) if scores else None
    so_far = f", best {metric} {best:.4g} on validation" if best is not None else ""
    return f"{sum(trial.state in FINISHED for trial in trials)} of {len(trials)} trials done{so_far}"


TRAIN = Stage(applies=lambda at: at.has_unfinished_trials, decide=_train)
