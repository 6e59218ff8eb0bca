"""The trials of a run: at most `parallelism` Jobs at a time, each trial's state as its Job and pods tell it."""

from noria.api.condition import REJECTED
from noria.api.duration import written
from noria.api.training_job import (
    TRAINING,
    WAITING_FOR_POD,
    RunStatus,
    TrainingJobStatus,
    TrialState,
    TrialStatus,
)
from noria.decisions.cure import with_cure
from noria.decisions.decision import REJECTED_SECONDS, Decision, Reference
from noria.decisions.step import Step, StepState, backoff
from noria.decisions.training_job.conclude import conclude
from noria.decisions.training_job.situation import FINISHED, Situation, references
from noria.decisions.training_job.trial import expired_trial, seen_trial
from noria.resources.run_job import metric_of
from noria.resources.train_job import train_job, train_job_name

_BUSY = (StepState.WORKING, StepState.WAITING, StepState.MISPLACED, StepState.LEAVING)
_MADE_AGAIN = (StepState.LOST, StepState.MISPLACED)


def train(at: Situation, run: RunStatus) -> Decision:
    """Take in what trials have come to, begin the next ones.

    | what is | what is done |
    |---|---|
    | maxDuration is over | unfinished trials fail; then as below |
    | every trial has finished | `conclude` |
    | the API server will not take a trial's Job | Stalled, Rejected |
    | a trial's report is lost, or it waits where it is not wanted any more | its Job goes, and is made again |
    | a trial ran out of memory, and its Job has tries left | its Job goes |
    | fewer unfinished Jobs than parallelism | the next trials' Jobs are made |
    | nothing runs, nothing has finished, and somebody says why | WaitingForPod, in their words |
    | otherwise | Training, with the count |
    """
    unfinished = (trial.name for trial in at.status.trials if trial.state not in FINISHED)
    steps = {name: at.observe(train_job_name(at.job, run, name)) for name in unfinished}
    begun = _to_begin(at, run, steps)
    trials = tuple(seen_trial(at, trial, steps.get(trial.name), begun=trial in begun) for trial in at.status.trials)
    left = at.seconds_left(run)
    if left == 0:
        trials = tuple(expired_trial(at, trial, steps.get(trial.name)) for trial in trials)
    at = at.but(trials=trials, trials_done=_done(trials), cost=_cost(at, trials))
    if not at.has_unfinished_trials:
        return conclude(at, run, trials)
    rechecks = [step.recheck for step in steps.values() if step.recheck]
    return _trained(at, run, steps, begun).until(left).until(min(rechecks, default=None))


def _to_begin(at: Situation, run: RunStatus, steps: dict[str, Step]) -> tuple[TrialStatus, ...]:
    """The next trials without a Job, as many as parallelism leaves room for."""
    busy = sum(step.state in _BUSY for step in steps.values())
    absent = {name for name, step in steps.items() if step.state is StepState.ABSENT}
    waiting = [trial for trial in at.status.trials if trial.name in absent]
    return tuple(waiting[: max(0, at.job.spec.parallelism - busy)])


def _trained(at: Situation, run: RunStatus, steps: dict[str, Step], begun: tuple[TrialStatus, ...]) -> Decision:
    lost = (step.job for step in steps.values() if step.state in _MADE_AGAIN and step.job)
    rejected = next((at.seen.rejections[name] for name in _names(at, run, begun) if name in at.seen.rejections), "")
    refused = any(steps[trial.name].words for trial in begun)
    return Decision(
        at.stalled(REJECTED, rejected) if rejected else _said(at, run, steps),
        create=tuple(train_job(at.job, run, trial, at.settings) for trial in begun),
        delete=(*references(lost), *_hopeless(at, run)),
        requeue=REJECTED_SECONDS if rejected else backoff(1) if refused else None,
    )


def _said(at: Situation, run: RunStatus, steps: dict[str, Step]) -> TrainingJobStatus:
    """Training, unless not one trial has come to run and somebody says why."""
    words = next((step.words for step in steps.values() if step.words), "")
    if words and all(trial.state is TrialState.PENDING for trial in at.status.trials):
        return at.progressing(WAITING_FOR_POD, with_cure(words))
    return at.progressing(TRAINING, _progress(at, run))


def _hopeless(at: Situation, run: RunStatus) -> tuple[Reference, ...]:
    """The Jobs that would go on although their trials have finished."""
    names = _names(at, run, tuple(trial for trial in at.status.trials if trial.state in FINISHED))
    return tuple(job for job in at.unfinished_jobs if job.name in names)


def _names(at: Situation, run: RunStatus, trials: tuple[TrialStatus, ...]) -> list[str]:
    return [train_job_name(at.job, run, trial.name) for trial in trials]


def _done(trials: tuple[TrialStatus, ...]) -> str:
    return f"{sum(trial.state in FINISHED for trial in trials)}/{len(trials)}"


def _cost(at: Situation, trials: tuple[TrialStatus, ...]) -> str | None:
    took = sum(trial.duration or 0 for trial in trials)
    gpus = at.job.spec.resources.gpus
    return f"{written(took * max(1, gpus))}{' GPU' if gpus else ''}" if took else None


def _progress(at: Situation, run: RunStatus) -> str:
    trials, metric = at.status.trials, metric_of(at.job, run)
    scores = [trial.score for trial in trials if trial.score is not None]
    best = (max if metric.higher_is_better else min)(scores) if scores else None
    told = f", best {metric} {best:.4g} on validation" if best is not None else ""
    return f"{sum(trial.state in FINISHED for trial in trials)} of {len(trials)} trials done{told}"
