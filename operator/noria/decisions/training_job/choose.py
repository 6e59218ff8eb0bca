"""The choice of a run: the choose step's Job, and the trials from its report."""

from functools import partial

from noria.api.training_job import (
    CHOICE_FAILED,
    CHOOSING,
    CHOSEN,
    DEADLINE_EXCEEDED,
    ChoiceStatus,
    TrainingJobStatus,
    TrialStatus,
)
from noria.contract import ChooseReport
from noria.decision import Decision
from noria.decisions.follow import references
from noria.decisions.training_job.attempt import Attempt, attempt_step
from noria.decisions.training_job.finish import end
from noria.decisions.training_job.situation import Situation
from noria.decisions.training_job.stage import Outcome, Stage
from noria.resources.choose_job import choose_job, choose_job_name, choose_report

_NOTHING = "the choose step chose nothing"


def _choose(at: Situation) -> Outcome:
    """Run the choose step, then take the trials from its report.

    A run whose first pod cannot start is pinned to the installation's current image, in case that was corrected.
    """
    left = at.seconds_left
    if left == 0:
        message = f"maxDuration {at.job.spec.max_duration} ran out before configurations were chosen"
        return end(at, DEADLINE_EXCEEDED, message)
    attempt = _attempt(at)
    moved = _moved_to_another_image(at, attempt)
    if moved:
        return moved
    outcome = attempt_step(at, attempt)
    if isinstance(outcome, Decision):
        return outcome.until(left)
    if not outcome.choices:
        return end(at, CHOICE_FAILED, f"{_NOTHING}: check that its image is of this version of Noria")
    return _chosen(at, outcome)


def _attempt(at: Situation) -> Attempt[ChooseReport]:
    return Attempt(
        report=ChooseReport,
        name=choose_job_name(at.job, at.run),
        job=partial(choose_job, at.job, settings=at.settings),
        working=CHOOSING,
        failed=CHOICE_FAILED,
        message=f"choosing configurations for revision {at.run.revision} of {at.job.spec.dataset_ref.name}",
        otherwise=_NOTHING,
        report_uri=choose_report(at.job, at.run, at.settings),
    )


def _moved_to_another_image(at: Situation, attempt: Attempt[ChooseReport]) -> Decision[TrainingJobStatus] | None:
    step, image = at.observe(attempt.name), at.trainer_image
    if step.job is None or not step.waits_with_another_image(image):
        return None
    status = at.but_run(trainer_image=image).conditions.progressing(CHOOSING, attempt.message)
    return Decision(status, delete=references([step.job]))


def _chosen(at: Situation, report: ChooseReport) -> Situation:
    trials = tuple(
        TrialStatus(
            name=f"t{number}",
            configuration=choice.configuration,
            reason=choice.why,
            expected_score=choice.expected_score,
            spread=choice.spread,
        )
        for number, choice in enumerate(report.choices, 1)
    )
    whole = choose_report(at.job, at.run, at.settings) if report.is_abridged else None
    choice = ChoiceStatus(strategy=report.strategy, basis=report.basis, report_uri=whole)
    status = at.conditions.fact(CHOSEN, True, reason=report.strategy, message=report.basis).status
    return at.but(trials=trials, choice=choice, conditions=status.conditions).but_run(attempt=0)


CHOOSE = Stage(applies=lambda at: not at.status.trials, decide=_choose)
