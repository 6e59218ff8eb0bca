"""Why TrainingJobs run again: a changed spec, a request, and newer revisions as far as spec.retrain admits them."""

import json
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noria.api import Model
from noria.api.condition import find_condition
from noria.api.model import ModelStatus
from noria.contract import Configuration, EnsembleMember, replaced
from noria.controllers import dataset as dataset_controller
from noria.controllers import model as model_controller
from noria.controllers import training_job as controller
from noria.decisions.seen import Rollback
from noria.decisions.training_job.rollback import last_rollback
from noria.runtime.cache import Cache, Key
from noria.runtime.execute import Objections
from unit.operator.serving import after, best, decide
from unit.operator.world import (
    DIGEST,
    NOW,
    SETTINGS,
    Crash,
    World,
    begun,
    chosen,
    concluded,
    dataset,
    finished,
    model,
    text,
    training_job,
)

MINUTE, HOUR, DAY = 60, 3600, 86400
AT_ONCE = {"onNewRevision": True, "cooldown": "0s", "maxPerDay": 24}
NIGHTLY = {"schedule": {"cron": "0 3 * * *", "timezone": "Europe/Paris"}}
"""2:00 in UTC, in winter."""


def trained_once(retrain: dict[str, Any] | None = None, **spec: Any) -> World:
    """A TrainingJob that finished its first run on rev1, of 100 examples, at noon."""
    world = World(training_job(**({"retrain": retrain} if retrain else {}), **spec))
    world.revise("rev1")
    world.settle()
    world.finish()
    assert world.reason == "Succeeded"
    return world


def run_of(world: World) -> tuple[int, str, str]:
    """Number, cause and revision of the last run."""
    run = world.object.status.run
    return run.number, str(run.cause), run.revision


def outdated(world: World) -> str:
    """The reason of the condition Outdated."""
    return world.condition("Outdated")[1] if world.has("Outdated") else ""


def test_the_first_run_starts_because_the_job_was_created() -> None:
    world = trained_once()
    assert run_of(world) == (1, "Created", "rev1")
    assert (world.object.status.run.examples, world.object.status.retrain) == (100, None)
    assert world.events == ["Normal Succeeded"]


def test_without_retrain_a_newer_revision_is_told_with_what_to_do() -> None:
    world = trained_once()
    world.after(HOUR)
    world.revise("rev2", examples=150)
    world.after(0)
    status, reason, message = world.condition("Outdated")
    assert (status, reason) == ("True", "NewerRevision")
    assert message == (
        "revision rev2 is newer than rev1, on which run 1 trained; to train on it: "
        'kubectl annotate trainingjob clothes -n shop noria.dev/requestedAt="$(date -Is)" --overwrite'
    )
    assert world.condition("Ready")[:2] == ("True", "Succeeded")
    assert (run_of(world)[0], world.requeue) == (1, None)
    writes = world.status_writes
    world.after(DAY)
    assert world.status_writes == writes
    world.request("2026-11-22T14:00:00+00:00")
    world.settle()
    assert run_of(world) == (2, "Requested", "rev2")
    assert not world.has("Outdated")


@pytest.mark.parametrize(
    ("retrain", "wait", "cause", "words"),
    [
        pytest.param(AT_ONCE, 0, "NewRevision", "revision rev2 is newer than rev1", id="new revision"),
        pytest.param(
            {"newExamples": 50, "cooldown": "0s"},
            0,
            "NewExamples",
            "revision rev2 has 50 more examples than rev1",
            id="enough examples",
        ),
        pytest.param(
            NIGHTLY,
            13 * HOUR,
            "Schedule",
            "revision rev2 is newer than rev1, and the schedule (0 3 * * * Europe/Paris) came to 2026-11-23T02:00:00Z",
            id="schedule",
        ),
        pytest.param(
            {"newExamples": 51, **NIGHTLY}, 13 * HOUR, "Schedule", "the schedule", id="schedule before enough examples"
        ),
        pytest.param({"onNewRevision": True}, 0, "NewRevision", "rev2", id="the cooldown is over already"),
    ],
)
def test_retrain_starts_a_run_on_a_newer_revision(retrain: dict[str, Any], wait: int, cause: str, words: str) -> None:
    world = trained_once(retrain)
    world.after(HOUR)
    world.revise("rev2", examples=150)
    for moment in (wait - 1, 1) if wait else ():
        assert run_of(world)[0] == 1
        world.after(moment)
    world.after(0)
    assert run_of(world) == (2, cause, "rev2")
    assert words in world.object.status.run.cause_message
    assert world.events[-1] == "Normal RunStarted"
    assert not world.has("Outdated")
    world.finish()
    assert run_of(world)[0] == 2
    assert (world.reason, len(world.created)) == ("Succeeded", 14)


@pytest.mark.parametrize(
    ("retrain", "reason", "words", "requeue"),
    [
        pytest.param(
            {"newExamples": 51},
            "TooFewExamples",
            "50 more examples, and retrain.newExamples is 51",
            None,
            id="examples",
        ),
        pytest.param(NIGHTLY, "WaitingForSchedule", "starts a run at 2026-11-23T02:00:00Z", 3600, id="schedule"),
        pytest.param(
            {"onNewRevision": True},
            "CoolingDown",
            "a run starts at 2026-11-22T13:00:00Z, after retrain.cooldown 1h",
            3540,
            id="cooldown",
        ),
        pytest.param(
            {**NIGHTLY, "cooldown": "24h"},
            "CoolingDown",
            "2026-11-23T12:00:00Z",
            3600,
            id="cooldown beyond the schedule",
        ),
        pytest.param(
            {"schedule": {"cron": "99 3 * * *"}}, "BadSchedule", "cron '99 3 * * *' cannot be read", None, id="bad cron"
        ),
    ],
)
def test_what_a_newer_revision_waits_for_is_told(
    retrain: dict[str, Any], reason: str, words: str, requeue: float | None
) -> None:
    world = trained_once(retrain)
    world.now += timedelta(seconds=MINUTE)
    world.revise("rev2", examples=150)
    world.settle()
    assert outdated(world) == reason
    assert words in world.condition("Outdated")[2]
    assert (run_of(world)[0], world.requeue) == (1, requeue)


def test_no_more_runs_start_by_themselves_than_a_day_allows() -> None:
    world = trained_once({"onNewRevision": True, "cooldown": "0s", "maxPerDay": 2})
    for number in range(2, 4):
        world.after(HOUR)
        world.revise(f"rev{number}")
        world.settle()
        assert run_of(world) == (number, "NewRevision", f"rev{number}")
        world.finish()
    world.after(HOUR)
    world.revise("rev4")
    world.settle()
    assert outdated(world) == "MaxPerDayReached"
    assert "a run starts at 2026-11-23T13:00:00Z: retrain.maxPerDay is 2" in world.condition("Outdated")[2]
    world.request("now")
    world.settle()
    assert run_of(world) == (4, "Requested", "rev4")
    world.finish()
    world.revise("rev5")
    world.after(22 * HOUR - 1)
    assert outdated(world) == "MaxPerDayReached"
    world.after(1)
    assert run_of(world) == (5, "NewRevision", "rev5")


def test_a_schedule_starts_nothing_on_the_same_revision_and_writes_nothing() -> None:
    world = trained_once({**NIGHTLY, "onNewRevision": False})
    writes = world.status_writes
    for _ in range(3):
        world.after(DAY)
    assert (run_of(world)[0], world.status_writes, world.requeue) == (1, writes, None)


def test_a_schedule_that_is_added_or_changed_counts_from_then_on() -> None:
    world = trained_once()
    world.after(HOUR)
    world.revise("rev2")
    world.after(3 * DAY)
    world.change(retrain=NIGHTLY)
    world.settle()
    assert "at 2026-11-26T02:00:00Z" in world.condition("Outdated")[2]
    world.after(HOUR)
    world.change(retrain={"schedule": {"cron": "30 12 * * *"}})
    world.settle()
    assert "at 2026-11-26T12:30:00Z" in world.condition("Outdated")[2]
    world.after(DAY)
    assert run_of(world)[1] == "Schedule"


def test_a_time_that_passes_during_a_run_is_made_up_for() -> None:
    world = trained_once({**NIGHTLY, "cooldown": "0s"})
    world.after(13 * HOUR)
    world.request("now")
    world.settle()
    world.after(30 * MINUTE)
    world.revise("rev2")
    world.after(2 * HOUR)
    assert (run_of(world)[:2], outdated(world)) == ((2, "Requested"), "RunInProgress")
    world.finish()
    assert run_of(world) == (3, "Schedule", "rev2")


def test_a_revision_that_comes_during_a_run_is_trained_on_after_it() -> None:
    world = World(training_job(retrain=AT_ONCE))
    world.revise("rev1")
    world.settle()
    world.after(MINUTE)
    world.revise("rev2")
    world.settle()
    assert (run_of(world), outdated(world)) == ((1, "Created", "rev1"), "RunInProgress")
    world.after(MINUTE)
    world.revise("rev3")
    world.finish()
    assert run_of(world) == (2, "NewRevision", "rev3")


def test_a_request_starts_one_run_also_on_the_same_revision() -> None:
    world = trained_once()
    world.request("2026-11-22T12:30:00Z")
    world.settle()
    assert run_of(world) == (2, "Requested", "rev1")
    assert world.object.status.run.cause_message == "noria.dev/requestedAt is 2026-11-22T12:30:00Z"
    world.finish()
    assert run_of(world)[0] == 2
    world.request(None)
    world.settle()
    world.request("2026-11-22T12:30:00Z")
    world.settle()
    assert run_of(world)[0] == 2


def test_of_requests_during_a_run_the_last_starts_the_next_run() -> None:
    world = begun()
    for value in ("a", "b", "c"):
        world.request(value)
        world.settle()
    assert world.object.status.run.number == 1
    finished(world)
    assert run_of(world)[:2] == (2, "Requested")
    assert world.object.status.run.cause_message == "noria.dev/requestedAt is c"
    world.finish()
    assert run_of(world)[0] == 2


@pytest.mark.parametrize("value", ["x" * 250_000, "new\nline\x1b", "\u202e🌊"])
def test_a_request_may_be_any_text(value: str) -> None:
    world = trained_once()
    world.request(value)
    world.settle()
    world.finish()
    assert run_of(world)[:2] == (2, "Requested")
    assert len(world.object.status.run.cause_message) < 200


def test_a_request_that_was_there_before_the_first_run_is_answered_by_it() -> None:
    world = World(training_job())
    world.request("2026-11-22T11:00:00Z")
    world.revise("rev1")
    world.settle()
    world.finish()
    assert run_of(world) == (1, "Created", "rev1")


def test_a_request_waits_for_its_dataset_and_for_suspension() -> None:
    world = trained_once()
    world.dataset, known = dataset(), world.dataset
    world.request("now")
    world.settle()
    assert (run_of(world)[0], world.reason) == (1, "DatasetNotReady")
    world.dataset = known
    world.change(suspend=True)
    world.settle()
    assert (run_of(world)[0], world.reason) == (1, "SuspendedByUser")
    world.change(suspend=False)
    world.settle()
    assert run_of(world)[:2] == (2, "Requested")


def test_a_changed_spec_says_so() -> None:
    world = trained_once(AT_ONCE)
    world.change(search={"trials": 3})
    world.settle()
    assert run_of(world)[:2] == (2, "SpecChanged")
    assert world.object.status.retrain is None, "it did not start by itself"


def test_a_suspended_job_says_what_waits_and_keeps_its_result() -> None:
    world = trained_once(AT_ONCE)
    world.change(suspend=True)
    world.after(HOUR)
    world.revise("rev2")
    world.settle()
    assert (run_of(world)[0], world.reason, outdated(world)) == (1, "Succeeded", "SuspendedByUser")
    world.change(suspend=False)
    world.settle()
    assert run_of(world)[0] == 2


def test_a_dataset_that_is_refused_starts_nothing_until_it_is_mended() -> None:
    world = trained_once(AT_ONCE)
    world.after(HOUR)
    world.revise("rev2")
    assert world.dataset
    known, ready = world.dataset, world.dataset.status.conditions[0]
    refused = known.status.model_copy(update={"conditions": (ready.model_copy(update={"status": "False"}),)})
    world.dataset = known.model_copy(update={"status": refused})
    world.settle()
    assert (run_of(world)[0], outdated(world), world.reason) == (1, "DatasetNotReady", "Succeeded")
    world.dataset = known
    world.settle()
    assert run_of(world)[0] == 2


def test_a_cache_that_lags_behind_starts_no_run_on_an_older_revision() -> None:
    world = trained_once(AT_ONCE)
    older = world.dataset
    world.after(HOUR)
    world.revise("rev2")
    world.settle()
    world.finish()
    world.dataset = older
    world.settle()
    assert (run_of(world), outdated(world)) == ((2, "NewRevision", "rev2"), "")


@pytest.mark.parametrize(
    ("retrain", "wait"),
    [
        pytest.param({"onNewRevision": True, "cooldown": "1h", "maxPerDay": 1}, 0, id="cooldown and maxPerDay"),
        pytest.param({**NIGHTLY, "cooldown": "0s"}, 14 * HOUR, id="schedule"),
    ],
)
def test_what_a_clock_that_was_ahead_has_left_holds_up_no_run(retrain: dict[str, Any], wait: int) -> None:
    world = trained_once(AT_ONCE)
    world.after(30 * DAY)
    world.revise("rev2")
    world.settle()
    world.finish()
    world.change(retrain=retrain)
    world.settle()
    assert run_of(world) == (2, "NewRevision", "rev2")
    world.now -= timedelta(days=30)
    world.revise("rev3")
    world.settle()
    world.after(wait)
    assert run_of(world)[::2] == (3, "rev3")


def test_data_that_are_taken_back_are_a_newer_revision() -> None:
    world = trained_once(AT_ONCE)
    for revision in ("rev2", "rev1"):
        world.after(HOUR)
        world.revise(revision)
        world.settle()
        world.finish()
    assert run_of(world) == (3, "NewRevision", "rev1")


def test_a_run_of_an_earlier_version_of_noria_is_outdated_and_not_repeated() -> None:
    world = trained_once()
    unknown = {"cause": None, "cause_message": None, "request": None, "revised_at": None, "examples": None}
    status = world.object.status
    status = status.model_copy(update={"run": status.run.model_copy(update=unknown)})
    world.object = world.object.model_copy(update={"status": status})
    world.settle()
    assert (run_of(world)[0], outdated(world)) == (1, "")
    world.after(HOUR)
    world.revise("rev2")
    world.settle()
    assert outdated(world) == "NewerRevision"


def test_a_bad_schedule_is_told_at_once_and_hinders_nothing_else() -> None:
    world = World(training_job(retrain={**AT_ONCE, "schedule": {"cron": "0 3 * * *", "timezone": "Mars/Base"}}))
    world.settle()
    status, reason, message = world.condition("RetrainBlocked")
    assert (status, reason) == ("True", "BadSchedule")
    assert message.startswith("spec.retrain.schedule: timezone Mars/Base is not in the IANA database")
    assert world.events == ["Warning BadSchedule"]
    world.revise("rev1")
    world.settle()
    world.finish()
    world.after(HOUR)
    world.revise("rev2")
    world.settle()
    assert run_of(world) == (2, "NewRevision", "rev2")
    world.change(retrain=AT_ONCE)
    world.settle()
    assert not world.has("RetrainBlocked")


def test_after_a_rollback_only_a_later_revision_or_a_person_starts_a_run() -> None:
    world = trained_once(AT_ONCE)
    world.after(HOUR)
    world.revise("rev2")
    world.after(MINUTE)
    world.finish()
    world.change(retrain={**AT_ONCE, "cooldown": "2h"})
    world.revise("rev3")
    world.after(MINUTE)
    world.rollback = Rollback("clothes", 2, world.now)
    world.settle()
    assert world.condition("RetrainBlocked")[:2] == ("True", "RolledBack")
    assert world.events[-1] == "Warning RolledBack"
    words = "Model clothes rolled version 2 back at 2026-11-22T13:02:00Z: retraining waits for a newer revision, or for"
    assert f"{words} kubectl annotate trainingjob clothes" in world.condition("RetrainBlocked")[2]
    world.after(3 * HOUR)
    assert (run_of(world)[0], outdated(world)) == (2, "RolledBack")
    by_hand = World(**vars(world))
    by_hand.request("now")
    by_hand.settle()
    assert run_of(by_hand) == (3, "Requested", "rev3")
    world.revise("rev4")
    world.settle()
    assert run_of(world) == (3, "NewRevision", "rev4")
    assert not world.has("RetrainBlocked")


def two_runs(world: World) -> None:
    """What is left to do of two runs: one as the job is created, one on a newer revision."""
    world.settle()
    while world.object.status.run.finished_at is None:
        world.finish()
    if world.object.status.run.number == 1:
        world.now += timedelta(hours=1)
        world.revise("rev2")
        if world.object.spec.retrain is None:
            world.request("now")
        world.settle()
    while world.object.status.run.finished_at is None:
        world.finish()


WRITES = 22
"""Of two runs."""


@pytest.mark.parametrize("crash", range(WRITES + 1))
@pytest.mark.parametrize(
    ("retrain", "cause"),
    [pytest.param(None, "Requested", id="on request"), pytest.param(AT_ONCE, "NewRevision", id="by itself")],
)
def test_a_crash_after_any_write_of_two_runs_starts_no_third(
    crash: int, retrain: dict[str, Any] | None, cause: str
) -> None:
    world = World(training_job(**({"retrain": retrain} if retrain else {})), writes_until_crash=crash)
    world.revise("rev1")
    crashes = 0
    try:
        two_runs(world)
    except Crash:
        crashes, world.writes_until_crash = 1, None
        two_runs(world)
    assert crashes == (crash < WRITES)
    assert (run_of(world), world.reason) == ((2, cause, "rev2"), "Succeeded")
    assert world.object.status.retrain is None or len(world.object.status.retrain.starts) == 1
    assert len(world.created) == len(set(world.created)) == 14


happenings = st.lists(
    st.one_of(
        st.tuples(st.just("time"), st.integers(1, 600)),
        st.tuples(st.sampled_from(["revise", "request", "finish", "suspend", "resume"]), st.integers(1, 3)),
    ),
    max_size=40,
)


@given(happenings=happenings, most=st.integers(1, 3), cooldown=st.sampled_from(["0s", "1h", "5h"]))
@settings(max_examples=60, deadline=None)
def test_whatever_happens_runs_start_once_and_within_their_bounds(
    happenings: list[tuple[str, int]], most: int, cooldown: str
) -> None:
    retrain = {**NIGHTLY, "newExamples": 2, "maxPerDay": most, "cooldown": cooldown}
    world = trained_once(retrain)
    ends, starts = {1: world.now}, [("Created", "rev1", world.object.status.run.request, world.now)]
    for what, number in happenings:
        _happen(world, what, number)
        world.settle()
        run = world.object.status.run
        if run.number > len(starts):
            assert run.number == len(starts) + 1
            starts.append((str(run.cause), run.revision, run.request, world.now))
        if run.finished_at:
            ends.setdefault(run.number, world.now)
    assert len({request for _, _, request, _ in starts}) >= [cause for cause, *_ in starts].count("Requested")
    _within_bounds(starts, ends, most, cooldown_hours=int(cooldown[0]))


def _happen(world: World, what: str, number: int) -> None:
    match what:
        case "time":
            world.now += timedelta(minutes=number)
        case "revise":
            world.revise(f"rev{number}", examples=100 + number)
        case "request":
            world.request(f"request {number}")
        case "finish" if world.object.status.run.finished_at is None and world.object.status.run.started_at:
            world.finish()
        case "suspend" | "resume":
            world.change(suspend=what == "suspend")


def _within_bounds(
    starts: list[tuple[str, str, str | None, datetime]],
    ends: dict[int, datetime],
    most: int,
    *,
    cooldown_hours: int,
) -> None:
    """Runs that start by themselves: on another revision, after the cooldown, no more than a day allows."""
    own = [number for number, (cause, *_) in enumerate(starts, 1) if cause in ("NewExamples", "Schedule")]
    for number in own:
        _, revision, _, time = starts[number - 1]
        assert revision != starts[number - 2][1]
        assert time - ends[number - 1] >= timedelta(hours=cooldown_hours)
        day = [each for each in own if timedelta() <= time - starts[each - 1][3] < timedelta(days=1)]
        assert len(day) <= most


def previous(world: World) -> list[dict[str, Any]]:
    """What the order of the last choice says has won before."""
    run = world.object.status.run.number
    (container,) = world.jobs[world.job(f"r{run}-choose")]["spec"]["template"]["spec"]["containers"]
    (order,) = (json.loads(each["value"]) for each in container["env"] if each["name"] == "NORIA_ORDER")
    return [winner["configuration"]["parameters"] for winner in order["previous"]]


def rerun(world: World, request: str) -> World:
    world.request(request)
    world.settle()
    return world


def test_what_won_is_a_candidate_of_the_next_choice() -> None:
    assert previous(begun()) == []
    world = rerun(trained_once(), "a")
    assert previous(world) == [{"width": 1}], "t2 was the best"
    for number in range(1, 6):
        world.settle()
        if number == 1:
            world.ends("r2-choose", chosen())
            world.settle()
        world.ends(f"r2-t{number}", "boom", 1, reason="Error")
    world.settle()
    assert world.reason == "AllTrialsFailed"
    assert previous(rerun(world, "b")) == [{"width": 1}], "a run without success changes nothing"


def test_of_an_ensemble_the_best_and_the_heaviest_other_are_candidates() -> None:
    weights = (("t1", 0.1), ("t2", 0.3), ("t4", 0.4), ("t5", 0.2))
    members = tuple(EnsembleMember(trial=trial, weight=weight) for trial, weight in weights)
    world = finished(begun(), concluded().model_copy(update={"ensemble": members}))
    assert previous(rerun(world, "a")) == [{"width": 1}, {"width": 3}]


def test_a_list_of_configurations_has_no_further_candidates() -> None:
    world = finished(begun())
    search = {"strategy": "Explicit", "configurations": [{"family": "image-cnn", "parameters": {}}]}
    world.change(search=search)
    world.settle()
    assert previous(world) == []


def test_a_winner_without_its_parameters_says_where_they_are() -> None:
    world = World(training_job())
    world.revise("rev1")
    world.settle()
    choices = tuple(replaced(each, configuration=Configuration(family="image-cnn")) for each in chosen().choices)
    world.ends("r1-choose", replaced(chosen(), choices=choices, is_abridged=True))
    world.settle()
    finished(world)
    rerun(world, "a")
    (winner,) = world.object.status.run.previous
    assert (winner.choice.report, winner.choice.number) == (world.object.status.run.previous[0].choice.report, 1)
    assert winner.choice.report.endswith("runs/shop/clothes/uid-clothes/1/choose.json")


def rolled_back(name: str, at: str, *, by: str = "clothes", reason: str = "RolledBack") -> Model:
    """A Model whose version 2, from this TrainingJob, was taken back."""
    verdict = {"result": "Rejected", "reason": reason, "at": at, "by": "policy"}
    artifact = {"uri": "s3://noria/2.tar", "digest": DIGEST}
    origin = f"TrainingJob {by}, run 2, trial t1"
    version = {"version": 2, "artifact": artifact, "origin": origin, "verdict": verdict}
    status = ModelStatus.model_validate({"versions": [version]})
    return model(name).model_copy(update={"status": status})


def test_the_origin_of_a_version_tells_its_job() -> None:
    version = after(model(), decide(model(), training_job=best())).status.versions[0]
    assert (version.is_from("clothes"), version.is_from("clothe"), version.is_from("shoes")) == (True, False, False)


def test_the_latest_rollback_of_what_the_job_trained_counts() -> None:
    models = [
        rolled_back("a", "2026-11-22T10:00:00Z"),
        rolled_back("b", "2026-11-22T12:00:00Z"),
        rolled_back("c", "2026-11-22T14:00:00Z", by="shoes"),
        rolled_back("d", "2026-11-22T15:00:00Z", reason="ByPerson"),
        model("e"),
    ]
    assert last_rollback("clothes", models) == Rollback("b", 2, NOW)
    assert last_rollback("hats", models) is None


def test_a_training_job_sees_what_the_models_that_refer_to_it_rolled_back() -> None:
    world = trained_once(AT_ONCE)
    found = rolled_back("shop", text(world.now + timedelta(minutes=1)))
    cache = Cache()
    for watched, each in ((controller.WATCHED, world.object), (dataset_controller.WATCHED, world.dataset)):
        cache.put(watched.read(stored(each)))
    record = cache.get(Key("TrainingJob", "shop", "clothes"))
    assert record
    look = partial(controller.look, cache, SETTINGS, record)
    assert not find_condition(look(Objections(1)).decision.status.conditions, "RetrainBlocked")
    concerned = model_controller.WATCHED.read(stored(found))
    assert record.key in concerned.read_by, "it is looked at when the Model changes"
    cache.put(concerned)
    blocked = find_condition(look(Objections(1)).decision.status.conditions, "RetrainBlocked")
    assert blocked
    assert blocked.message.startswith("Model shop rolled version 2 back at 2026-11-22T12:01:00Z")


def stored(found: Any) -> dict[str, Any]:
    """The object as the API server sends it."""
    about = found.metadata
    metadata = {"name": about.name, "namespace": "shop", "uid": about.uid, "resourceVersion": "1", "generation": 1}
    return {"metadata": metadata, "spec": found.spec.to_dict(), "status": found.status.to_dict()}
