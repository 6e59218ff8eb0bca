"""The trials of a run: at most `parallelism` Jobs at a time, each trial's state as its Job and pods tell it."""

from noria.api.condition import REJECTED
from noria.api.training_job import TRAINING, WAITING_FOR_POD, RunStatus, TrialState, TrialStatus
from noria.decisions.decision import Decision
from noria.decisions.step import Step, StepState, backoff
from noria.decisions.training_job.conclude import conclude
from noria.decisions.training_job.situation import FINISHED, Situation, references
from noria.decisions.training_job.trial import expired_trial, seen_trial
from noria.resources.run_job import metric_of
from noria.resources.train_job import train_job, train_job_name


def train(at: Situation, run: RunStatus) -> Decision:
    """Take in what trials have come to, begin the next ones.

    | what is | what is done |
    |---|---|
    | maxDuration is over | unfinished trials fail; then as below |
    | every trial has finished | `conclude` |
    | the API server will not take a trial's Job | Stalled, Rejected |
    | a trial's report is lost | its Job goes, and is made again |
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
    at = at.but(trials=trials, trials_done=_done(trials))
    if not at.has_unfinished_trials:
        return conclude(at, run, trials)
    rejected = [at.seen.rejections[n] for n in _names(at, run, begun) if n in at.seen.rejections]
    if rejected:
        return Decision(at.stalled(REJECTED, rejected[0]))
    rechecks = [step.recheck for step in steps.values() if step.recheck]
    return _trained(at, run, steps, begun).until(left).until(min(rechecks, default=None))


def _to_begin(at: Situation, run: RunStatus, steps: dict[str, Step]) -> tuple[TrialStatus, ...]:
    """The next trials without a Job, as many as parallelism leaves room for."""
    busy = sum(step.state in (StepState.WORKING, StepState.WAITING, StepState.LEAVING) for step in steps.values())
    absent = {name for name, step in steps.items() if step.state is StepState.ABSENT}
    waiting = [trial for trial in at.status.trials if trial.name in absent]
    return tuple(waiting[: max(0, at.job.spec.parallelism - busy)])


def _trained(at: Situation, run: RunStatus, steps: dict[str, Step], begun: tuple[TrialStatus, ...]) -> Decision:
    unfinished = [trial for trial in at.status.trials if trial.state not in FINISHED]
    words = next((steps[trial.name].words for trial in unfinished if steps[trial.name].words), "")
    nothing_moves = len(unfinished) == len(at.status.trials) and all(t.state is TrialState.PENDING for t in unfinished)
    if words and nothing_moves:
        status = at.progressing(WAITING_FOR_POD, words)
    else:
        status = at.progressing(TRAINING, _progress(at, run))
    by_name = {trial.name: trial for trial in at.status.trials}
    return Decision(
        status,
        create=tuple(train_job(at.job, run, by_name[trial.name], at.settings) for trial in begun),
        delete=references(step.job for t in unfinished if (step := steps[t.name]).job and step.state is StepState.LOST),
        requeue=backoff(1) if any(steps[trial.name].words for trial in begun) else None,
    )


def _names(at: Situation, run: RunStatus, trials: tuple[TrialStatus, ...]) -> list[str]:
    return [train_job_name(at.job, run, trial.name) for trial in trials]


def _done(trials: tuple[TrialStatus, ...]) -> str:
    return f"{sum(trial.state in FINISHED for trial in trials)}/{len(trials)}"


def _progress(at: Situation, run: RunStatus) -> str:
    trials, metric = at.status.trials, metric_of(at.job, run)
    scores = [trial.score for trial in trials if trial.score is not None]
    best = (max if metric.higher_is_better else min)(scores) if scores else None
    told = f", best {metric} {best:.4g} on validation" if best is not None else ""
    return f"{sum(trial.state in FINISHED for trial in trials)} of {len(trials)} trials done{told}"
