"""What a step's Job needs and what it has come to: the rows of `follow`'s table, and of `answer`'s."""

import pytest

from noria.contract import ChooseReport, FailureKind, ProfileReport
from noria.decision import Reference
from noria.decisions.follow import Followed, answer, follow
from noria.decisions.seen import SeenJob
from noria.decisions.step import Failure, SeenStep, StepState
from noria.resources.manifest import Child
from noria.resources.profile_job import profile_job
from unit.operator.world import SETTINGS, chosen, dataset

MADE = profile_job(dataset(), 1, SETTINGS)
JOB = SeenJob("j", "u")
GONE = (Reference("Job", "j", "u"),)


def job() -> Child:
    """The step's Job, as its builder makes it."""
    return MADE


@pytest.mark.parametrize(
    ("step", "followed"),
    [
        pytest.param(SeenStep(StepState.ABSENT), Followed(create=(MADE,)), id="absent"),
        pytest.param(SeenStep(StepState.ABSENT, message="quota"), Followed((MADE,), requeue=30), id="refused"),
        pytest.param(
            SeenStep(StepState.ABSENT, message="bad", rejection="bad"), Followed((MADE,), requeue=300), id="rejected"
        ),
        pytest.param(SeenStep(StepState.LOST, JOB), Followed(delete=GONE), id="its report is lost"),
        pytest.param(SeenStep(StepState.MISPLACED, JOB, "no moon"), Followed(delete=GONE), id="wanted elsewhere"),
        pytest.param(SeenStep(StepState.LEAVING, JOB), Followed(), id="on its way"),
        pytest.param(SeenStep(StepState.WAITING, JOB, "no room"), Followed(), id="waits"),
        pytest.param(SeenStep(StepState.WORKING, JOB, recheck=7), Followed(requeue=7), id="its pod may be late"),
    ],
)
def test_what_a_job_needs(step: SeenStep, followed: Followed) -> None:
    assert follow(step, job) == followed


def test_a_report_of_another_kind_is_a_failure_for_good() -> None:
    step = SeenStep(StepState.DONE, JOB, report=chosen())
    assert answer(step, ChooseReport, otherwise="chose nothing") == chosen()
    failure = answer(step, ProfileReport, otherwise="reported no profile")
    assert isinstance(failure, Failure)
    assert failure.is_permanent
    assert failure.message == "reported no profile: check that its image is of this version of Noria"


def test_a_failure_is_an_answer_and_waiting_is_none() -> None:
    failure = Failure(FailureKind.CRASHED, "boom")
    assert answer(SeenStep(StepState.FAILED, JOB, failure=failure), ChooseReport, otherwise="") == failure
    assert answer(SeenStep(StepState.WORKING, JOB), ChooseReport, otherwise="") is None
