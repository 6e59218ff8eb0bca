"""The choice of a run: the choose step's Job, and the trials made of its report."""

from functools import partial

from noria.api.training_job import (
    CHOICE_FAILED,
    CHOOSING,
    CHOSEN,
    DEADLINE_EXCEEDED,
    ChoiceStatus,
    RunStatus,
    TrialStatus,
)
from noria.contract import ChooseReport
from noria.decisions import state
from noria.decisions.decision import Decision
from noria.decisions.training_job.attempt import Attempt, follow
from noria.decisions.training_job.begin import trainer_image
from noria.decisions.training_job.finish import end
from noria.decisions.training_job.situation import Situation, references
from noria.decisions.training_job.train import train
from noria.resources.choose_job import choose_job, choose_job_name


def choose(at: Situation, run: RunStatus) -> Decision:
    """Choose; with the choice known, training begins in the same pass.

    A run whose first pod cannot start is pinned anew when the installation's image has been corrected.
    """
    left = at.seconds_left(run)
    if left == 0:
        message = f"maxDuration {at.job.spec.max_duration} was over before configurations were chosen"
        return end(at, run, DEADLINE_EXCEEDED, message)
    attempt = Attempt(
        name=choose_job_name(at.job, run),
        make=partial(choose_job, at.job, settings=at.settings),
        working=CHOOSING,
        failed=CHOICE_FAILED,
        message=f"choosing configurations for revision {run.revision} of {at.job.spec.dataset_ref.name}",
    )
    step, image = at.observe(attempt.name), trainer_image(at)
    if step.job and step.waits_with_another_image(image):
        run = run.model_copy(update={"trainer_image": image})
        return Decision(at.but(run=run).progressing(CHOOSING, attempt.message), delete=references([step.job]))
    found = follow(at, run, attempt)
    if isinstance(found, Decision):
        return found.until(left)
    if not isinstance(found, ChooseReport) or not found.choices:
        return end(at, run, CHOICE_FAILED, "the choose step chose nothing: is its image of this version of Noria?")
    return _chosen(at, run, found)


def _chosen(at: Situation, run: RunStatus, report: ChooseReport) -> Decision:
    run = run.model_copy(update={"attempt": 0})
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
    choice = ChoiceStatus(strategy=report.strategy, basis=report.basis)
    status = state.with_fact(at.status, at.job, CHOSEN, True, reason=report.strategy, message=report.basis, now=at.now)
    return train(at.but(run=run, trials=trials, choice=choice, conditions=status.conditions), run)
