"""Whole lives of TrainingJobs, from creation to rest, in a world where the tests are kubelet and Job controller."""

import json
from dataclasses import replace
from typing import Any

import pytest

from noria.contract import Call, EnsembleMember, ExitCode, FailureReport, InputName, Report, Verb, termination_message
from noria.decisions import read
from unit.operator.serving import decide
from unit.operator.world import (
    FULL,
    LATE,
    SETTINGS,
    Crash,
    World,
    begun,
    chosen,
    concluded,
    finished,
    model,
    profiled,
    trained,
    training_job,
)

LOGS = "s3://noria/runs/shop/clothes/uid-clothes/1"
"""Where the logs of the first run are."""


def states(world: World) -> list[str]:
    """The states of the trials."""
    return [str(trial.state) for trial in world.object.status.trials]


def test_a_life_has_seven_children_and_at_most_eight_status_writes() -> None:
    world = finished(begun())
    assert world.condition("Ready")[:2] == ("True", "Succeeded")
    assert world.object.status.best.trial == "t2"
    assert world.object.status.best.interval == (0.79, 0.83)
    assert world.object.status.best.summary == "Accuracy 0.81"
    assert [t.score for t in world.object.status.trials] == [0.51, 0.52, 0.53, 0.54, 0.55]
    assert len(world.created) == 7
    assert world.status_writes <= 8
    assert world.events == ["Normal Succeeded"]


def test_a_job_that_ended_in_an_ensemble_says_of_which_trials() -> None:
    members = (EnsembleMember(trial="t2", weight=0.7), EnsembleMember(trial="t5", weight=0.3))
    world = finished(begun(), concluded().model_copy(update={"ensemble": members}))
    assert world.object.status.best.ensemble == members
    assert "the ensemble of t2, t5 is best: Accuracy 0.81 on the hold-out set" in world.condition("Ready")[2]
    (version,) = decide(model(), training_job=world.object).status.versions
    assert version.origin == "TrainingJob clothes, run 1, ensemble of t2, t5"
    known = (version.dataset, version.revision, version.task, version.metric)
    assert known == ("clothes", "rev1", "ImageClassification", "Accuracy")


def test_how_to_ask_the_model_is_told_by_the_job_and_by_the_version_that_it_becomes() -> None:
    call = Call(verb=Verb.CLASSIFY, body='{"examples": [{}]}', inputs=(InputName(column="価格", input="column_"),))
    world = finished(begun(), concluded().model_copy(update={"call": call}))
    assert world.object.status.best.call == call
    (version,) = decide(model(), training_job=world.object).status.versions
    assert version.call == call


@pytest.mark.parametrize("wish", ["Never", "IfBetter"])
def test_whether_an_ensemble_may_be_made_is_in_the_order_to_conclude(wish: str) -> None:
    world = begun(**({} if wish == "IfBetter" else {"ensemble": wish}))
    for number in range(1, 6):
        world.ends(f"r1-t{number}", trained(0.5))
    world.settle()
    (container,) = world.jobs[world.job("r1-conclude")]["spec"]["template"]["spec"]["containers"]
    (order,) = (each["value"] for each in container["env"] if each["name"] == "NORIA_ORDER")
    assert json.loads(order)["ensemble"] == wish


def test_a_finished_job_costs_nothing_and_never_runs_again() -> None:
    world = finished(begun())
    world.jobs.clear()
    world.pods.clear()
    decision = world.decide()
    assert decision.status == world.object.status
    assert (decision.create, decision.apply, decision.delete, decision.requeue) == ((), (), (), None)


def test_progress_can_wait_and_news_cannot() -> None:
    world = begun()
    world.ends("r1-t1", trained(0.5))
    assert world.act().can_wait
    for number in range(2, 6):
        world.ends(f"r1-t{number}", trained(0.5))
    assert not world.act().can_wait


@pytest.mark.parametrize("crash", range(18))
def test_a_crash_after_any_write_changes_nothing_in_the_end(crash: int) -> None:
    def live(world: World) -> None:
        world.settle()
        trials: list[tuple[str, Report]] = [(f"r1-t{i}", trained(i / 10)) for i in range(1, 6)]
        for part, report in [("r1-choose", chosen()), *trials]:
            if f"clothes-{part}" not in done:
                world.ends(part, report)
                done.add(f"clothes-{part}")
            world.settle()
        world.ends("r1-conclude", concluded())
        world.settle()

    done: set[str] = set()
    world = World(training_job(parallelism=2), dataset=profiled(), writes_until_crash=crash)
    try:
        live(world)
    except Crash:
        world.writes_until_crash = None
        live(world)
    assert world.reason == "Succeeded"
    assert len(world.created) == len(set(world.created)) == 7
    assert [t.score for t in world.object.status.trials] == [0.1, 0.2, 0.3, 0.4, 0.5]


def test_no_more_trials_than_parallelism_are_unfinished() -> None:
    world = begun(parallelism=2)
    assert world.parts == ["r1-choose", "r1-t1", "r1-t2"]
    assert states(world) == ["Running", "Running", "Pending", "Pending", "Pending"]
    world.ends("r1-t2", trained(0.5))
    world.settle()
    assert world.parts == ["r1-choose", "r1-t1", "r1-t2", "r1-t3"]
    assert world.object.status.trials_done == "1/5"
    assert world.object.status.cost == "1m1s"


def test_cost_is_the_trials_time_times_their_gpus() -> None:
    world = begun(resources={"gpus": 2})
    assert world.object.status.cost is None
    world.ends("r1-t1", trained(0.5))
    world.ends("r1-t2", trained(0.4))
    world.settle()
    assert world.object.status.cost == "4m4s GPU"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_score_that_is_no_finite_number_is_a_failed_trial(number: str) -> None:
    world = begun()
    world.ends("r1-t1", termination_message(trained(0.25)).replace("0.25", number))
    world.settle()
    trial = world.object.status.trials[0]
    assert (trial.state, trial.failure, trial.score) == ("Failed", "Crashed", None)
    assert trial.message == "ended without a valid report"


def test_a_failed_trial_is_not_a_failed_job() -> None:
    world = begun()
    failure = FailureReport(reason="NoSuchSplit", message="the split is gone")
    world.ends("r1-t1", failure, ExitCode.BAD_DATA, reason="Error")
    finished_with = World(**{**vars(world)})
    for number in range(2, 6):
        finished_with.ends(f"r1-t{number}", trained(0.5))
    finished_with.settle()
    assert finished_with.reason == "Concluding"
    trial = finished_with.object.status.trials[0]
    assert (trial.state, trial.failure, trial.message) == ("Failed", "BadData", "NoSuchSplit: the split is gone")
    assert trial.log_uri == f"{LOGS}/t1/log.txt"


def test_a_trial_that_ran_out_of_memory_is_not_tried_again() -> None:
    world = begun()
    world.stops("r1-t1", "", 137, reason="OOMKilled")
    world.settle()
    assert states(world)[0] == "Failed"
    assert world.object.status.trials[0].failure == "OutOfMemory"
    assert world.object.status.trials[0].log_uri == f"{LOGS}/t1/log.txt"
    assert world.parts == ["r1-choose", "r1-t2", "r1-t3", "r1-t4", "r1-t5"]


def test_a_trial_that_ran_out_of_disk_is_not_tried_again() -> None:
    world = begun()
    world.taken("r1-t1", *FULL, for_good=False)
    world.settle()
    trial = world.object.status.trials[0]
    assert (trial.state, trial.failure) == ("Failed", "OutOfDisk")
    assert trial.message == "ran out of disk: raise spec.resources.ephemeralStorage above 20Gi"
    assert world.parts == ["r1-choose", "r1-t2", "r1-t3", "r1-t4", "r1-t5"]


def test_a_pod_that_ran_out_of_time_is_followed_by_another_until_maxduration_is_over() -> None:
    world = begun(maxDuration="1h")
    world.taken("r1-t1", *LATE, for_good=False)
    world.settle()
    assert states(world)[0] == "Running"
    world.after(3600)
    trial = world.object.status.trials[0]
    assert (trial.state, trial.failure) == ("Failed", "DeadlineExceeded")
    assert trial.message == "maxDuration 1h ran out before it finished"


@pytest.mark.parametrize(
    ("end", "words"),
    [
        pytest.param(FULL, 'exceeds the limit "20Gi"): raise the operator\'s setting stepEphemeralStorage', id="disk"),
        pytest.param(LATE, "reached its time limit: raise the operator's setting stepSeconds", id="time"),
    ],
)
def test_a_choice_that_reaches_a_limit_says_which_to_raise(end: tuple[str, str], words: str) -> None:
    world = World(training_job(), dataset=profiled())
    world.settle()
    world.taken("r1-choose", *end, for_good=True)
    world.settle()
    status, reason, message = world.condition("Stalled")
    assert (status, reason) == ("True", "ChoiceFailed")
    assert words in message
    assert message.endswith(f"; the end of its log: {LOGS}/choose-log.txt")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param(FailureReport(reason="NotPermitted", message="no keys"), ExitCode.NOT_PERMITTED, id="no keys"),
        pytest.param(FailureReport(reason="BadOrder", message="no order"), ExitCode.BAD_ORDER, id="a bad order"),
    ],
)
def test_a_trial_that_could_not_begin_names_no_log(message: FailureReport, code: ExitCode) -> None:
    world = begun()
    world.ends("r1-t1", message, code, reason="Error")
    world.settle()
    trial = world.object.status.trials[0]
    assert (trial.state, trial.log_uri) == ("Failed", None)


def test_a_killed_trial_is_tried_again() -> None:
    world = begun()
    world.stops("r1-t1", "", 137, reason="Error")
    world.settle()
    trial = world.object.status.trials[0]
    assert (trial.state, trial.failure) == ("Pending", None)
    assert "retrying after: was killed (exit code 137)" in trial.message
    assert "r1-t1" in world.parts
    world.ends("r1-t1", trained(0.7))
    world.settle()
    assert world.object.status.trials[0].score == 0.7


def test_all_trials_failed_says_why_each_did() -> None:
    world = begun()
    for number in range(1, 5):
        world.ends(f"r1-t{number}", "", 137, reason="OOMKilled")
    world.ends("r1-t5", "Traceback: boom", 1, reason="Error")
    world.settle()
    status, reason, message = world.condition("Stalled")
    assert (status, reason) == ("True", "AllTrialsFailed")
    assert "t1: ran out of memory: raise spec.resources.memory above 2Gi" in message
    assert "t5: Traceback: boom" in message
    assert "status.trials[].logURI" in message
    assert world.events == ["Warning AllTrialsFailed"]
    world.change(resources={"memory": "4Gi"})
    world.settle()
    assert world.reason == "Choosing"
    assert world.object.status.run.number == 2


def test_suspend_gives_resources_back_and_resume_goes_on() -> None:
    world = begun(maxDuration="10m")
    world.ends("r1-t1", trained(0.5))
    world.after(60)
    world.change(suspend=True)
    world.settle()
    assert world.parts == ["r1-choose", "r1-t1"]
    assert world.condition("Suspended")[0] == "True"
    assert not world.has("Reconciling")
    assert states(world) == ["Succeeded", "Pending", "Pending", "Pending", "Pending"]
    assert world.object.status.run.active_seconds == 60
    world.after(3600)
    world.change(suspend=False)
    world.settle()
    assert not world.has("Suspended")
    assert world.reason == "Training"
    assert len(world.parts) == 6
    assert world.requeue == 540
    assert world.object.status.run.number == 1


def test_suspend_does_not_touch_a_finished_job() -> None:
    world = finished(begun())
    before = set(world.jobs)
    world.change(suspend=True)
    world.settle()
    assert world.reason == "Succeeded"
    assert not world.has("Suspended")
    assert set(world.jobs) == before


def test_a_job_created_suspended_begins_when_it_is_resumed() -> None:
    world = World(training_job(suspend=True), dataset=profiled())
    world.settle()
    assert (world.parts, world.condition("Suspended")[0], world.object.status.run) == ([], "True", None)
    world.change(suspend=False)
    world.settle()
    assert world.reason == "Choosing"


def test_max_duration_ends_unfinished_trials_and_concludes_the_others() -> None:
    world = begun(maxDuration="10m", parallelism=2)
    world.ends("r1-t1", trained(0.5))
    world.settle()
    world.pod("r1-t2", phase="Running")
    world.pod("r1-t3", phase="Pending", conditions=[_unschedulable("Insufficient cpu")])
    world.after(600)
    assert [trial.failure for trial in world.object.status.trials] == [
        None,
        "DeadlineExceeded",
        *["Infrastructure"] * 3,
    ]
    assert world.parts == ["r1-choose", "r1-conclude", "r1-t1"]
    assert world.reason == "Concluding"
    world.after(3600)
    world.ends("r1-conclude", concluded("t1"))
    world.settle()
    assert world.reason == "Succeeded"


def test_max_duration_without_a_trained_model_is_a_failure() -> None:
    world = begun(maxDuration="10m")
    world.after(600)
    assert world.condition("Stalled")[:2] == ("True", "DeadlineExceeded")
    assert world.parts == ["r1-choose"]


def test_after_the_ttl_children_go_and_the_object_stays_finished() -> None:
    world = finished(begun(ttlSecondsAfterFinished=3600))
    assert world.requeue == 3600
    world.after(3599)
    assert len(world.jobs) == 7
    world.after(1)
    assert world.jobs == {}
    writes = world.status_writes
    world.after(100)
    assert (world.reason, world.jobs, world.status_writes) == ("Succeeded", {}, writes)


def test_a_change_of_the_spec_in_mid_run_starts_the_next_run() -> None:
    world = begun()
    world.ends("r1-t1", trained(0.5))
    world.settle()
    world.change(search={"trials": 3})
    world.settle()
    assert world.parts == ["r1-choose", "r1-t1", "r2-choose"]
    assert (world.object.status.run.number, world.object.status.run.generation) == (2, 2)
    assert world.object.status.trials == ()
    assert not world.has("Chosen")


def test_a_run_keeps_to_what_its_dataset_said_of_sharing_when_it_began() -> None:
    world = World(training_job(), dataset=profiled(shareExperience="Own"))
    world.settle()
    assert world.object.status.run.share_experience == "Own"
    world.dataset = profiled(shareExperience="Shared")
    world.settle()
    assert world.object.status.run.share_experience == "Own"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"parallelism": 1}, id="parallelism"),
        pytest.param({"ttlSecondsAfterFinished": 100}, id="TTL"),
        pytest.param({"queueName": "gpus"}, id="queue"),
        pytest.param({"podTemplate": {"priorityClassName": "low"}}, id="pod template"),
        pytest.param({"maxDuration": "99h"}, id="duration"),
        pytest.param({"search": {"strategy": "MetaLearned", "trials": 5}}, id="a default spelt out"),
        pytest.param({"resources": {"memory": "2Gi", "gpus": 0}}, id="other defaults spelt out"),
    ],
)
def test_other_changes_start_no_run(change: dict[str, object]) -> None:
    world = finished(begun())
    world.change(**change)
    world.settle()
    assert world.object.status.run.number == 1
    assert world.reason == "Succeeded"
    assert world.object.status.observed_generation == 2


def test_a_change_taken_back_leaves_the_result() -> None:
    world = finished(begun())
    world.change(datasetRef={"name": "shoes"})
    world.dataset = None
    world.settle()
    assert world.reason == "DatasetNotFound"
    assert world.object.status.best.trial == "t2"
    world.change(datasetRef={"name": "clothes"})
    world.settle()
    assert world.condition("Ready")[:2] == ("True", "Succeeded")
    assert not world.has("Reconciling")
    assert world.object.status.run.number == 1


def test_the_run_goes_on_when_the_dataset_changes_or_goes() -> None:
    world = begun()
    world.dataset = None
    world.ends("r1-t1", trained(0.5))
    world.settle()
    assert world.reason == "Training"
    assert world.object.status.run.revision == "rev1"


def test_a_complete_job_without_pod_and_report_is_made_again_under_its_name() -> None:
    world = begun()
    name = world.job("r1-t1")
    world.ends("r1-t1", trained(0.5))
    world.pods.clear()
    world.act()
    assert name in world.jobs, "news of the pod may be on their way"
    assert world.requeue == 10
    world.after(10)
    assert world.deleted == [name]
    assert world.created.count(name) == 2
    world.ends("r1-t1", trained(0.5))
    world.settle()
    assert states(world)[0] == "Succeeded"


def _unschedulable(words: str) -> dict[str, str]:
    return {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": words}


def test_the_schedulers_words_are_on_the_job_until_a_trial_runs() -> None:
    world = begun(resources={"gpus": 1})
    words = "0/1 nodes are available: 1 Insufficient nvidia.com/gpu."
    for number in range(1, 6):
        world.pod(f"r1-t{number}", phase="Pending", conditions=[_unschedulable(words)])
    world.settle()
    told = words.removesuffix(".") + ": request less of it in spec.resources, or add nodes that have it"
    assert world.condition("Ready") == ("False", "WaitingForPod", told)
    assert world.object.status.trials[0].message == words
    assert world.events == ["Warning WaitingForPod"]
    world.pods.clear()
    world.pod("r1-t1", phase="Running")
    world.settle()
    assert world.reason == "Training"


def test_a_wrong_image_heals_when_the_installation_is_corrected() -> None:
    world = World(training_job(), dataset=profiled())
    world.settle()
    waiting = {"reason": "ErrImagePull", "message": "no such image"}
    world.pod("r1-choose", phase="Pending", containerStatuses=[{"name": "choose", "state": {"waiting": waiting}}])
    world.settle()
    told = "ErrImagePull: no such image: correct the image's name, or make sure that the nodes can pull it"
    assert world.condition("Ready") == ("False", "WaitingForPod", told)
    world.settings = replace(SETTINGS, trainer_image="noria/trainer:2")
    world.settle()
    (job,) = world.jobs.values()
    assert job["spec"]["template"]["spec"]["containers"][0]["image"] == "noria/trainer:2"
    assert (world.reason, world.object.status.run.trainer_image) == ("Choosing", "noria/trainer:2")
    world.ends("r1-choose", chosen())
    world.settings = replace(SETTINGS, trainer_image="noria/trainer:3")
    world.settle()
    assert {read.read_job(job).image for job in world.jobs.values()} == {"noria/trainer:2"}, "a run keeps its image"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"podTemplate": {"nodeSelector": {"zone": "moon"}}}, {"podTemplate": None}, id="no such node"),
        pytest.param({"queueName": "gpsu"}, {"queueName": "gpus"}, id="no such queue"),
    ],
)
def test_what_waits_moves_when_the_spec_is_corrected_and_what_works_stays(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    world = begun(**before)
    world.pod("r1-t1", phase="Running")
    for number in range(2, 6):
        world.pod(f"r1-t{number}", phase="Pending", conditions=[_unschedulable("no node is like that")])
    world.settle()
    first = world.jobs.copy()
    world.change(**after)
    world.settle()
    assert world.deleted == [world.job(f"r1-t{number}") for number in range(2, 6)]
    assert [first[name] is job for name, job in sorted(world.jobs.items()) if "-t" in name] == [True, *[False] * 4]
    moved = world.jobs[world.job("r1-t2")]
    assert moved["metadata"]["labels"].get("kueue.x-k8s.io/queue-name") == after.get("queueName")
    assert "nodeSelector" not in moved["spec"]["template"]["spec"]
    assert world.object.status.run.number == 1
    world.settle()
    assert len(world.deleted) == 4


def test_what_waits_for_its_image_is_made_again_with_the_installations_pull_secret() -> None:
    world = begun()
    waiting = {"reason": "ErrImagePull", "message": "authorization failed"}
    for number in range(1, 6):
        status = {"name": "train", "state": {"waiting": waiting}}
        world.pod(f"r1-t{number}", phase="Pending", containerStatuses=[status])
    world.settle()
    world.settings = replace(SETTINGS, image_pull_secrets=("registry",))
    world.settle()
    trials = [job for name, job in world.jobs.items() if "-t" in name]
    secrets = [job["spec"]["template"]["spec"].get("imagePullSecrets") for job in trials]
    assert secrets == [[{"name": "registry"}]] * 5
    assert world.reason == "Training"


def test_a_choice_that_is_refused_ends_the_run_until_the_spec_is_mended() -> None:
    world = World(training_job(search={"strategy": "Explicit", "configurations": [{"family": "x"}]}))
    world.dataset = profiled()
    world.settle()
    failure = FailureReport(reason="UnknownFamily", message="there is no family x, but y")
    world.ends("r1-choose", failure, ExitCode.BAD_ORDER, reason="Error")
    world.settle()
    assert world.condition("Stalled")[1:] == ("ChoiceFailed", "UnknownFamily: there is no family x, but y")
    world.change(search={"strategy": "Explicit", "configurations": [{"family": "y"}]})
    world.settle()
    assert world.reason == "Choosing"


def test_a_choice_that_may_not_read_the_store_heals_by_itself() -> None:
    world = World(training_job(), dataset=profiled())
    world.settle()
    failure = FailureReport(reason="AccessDenied", message="create the Secret noria-object-store")
    world.ends("r1-choose", failure, ExitCode.NOT_PERMITTED, reason="Error")
    world.settle()
    status, reason, message = world.condition("Stalled")
    assert (status, reason) == ("True", "ChoiceFailed")
    assert "create the Secret" in message
    assert world.requeue == 30
    world.after(30)
    assert world.parts == ["r1-choose", "r1-choose-1"]
    assert world.reason == "ChoiceFailed", "what was wrong is said until it is known to be mended"
    world.ends("r1-choose-1", chosen())
    world.settle()
    assert not world.has("Stalled")
    assert world.reason == "Training"


def test_a_job_that_the_api_server_will_not_take_is_stalled_with_its_words() -> None:
    world = World(training_job(), dataset=profiled())
    world.act()
    world.jobs.clear()
    world.rejections[world.created[0]] = "spec.template.spec.priorityClassName: Invalid value"
    assert world.act().requeue == 300
    assert world.condition("Stalled")[1:] == ("Rejected", "spec.template.spec.priorityClassName: Invalid value")
    world.settle()
    assert world.reason == "Choosing", "it is tried again, and has been taken this time"


def test_a_trial_that_the_api_server_will_not_take_is_stalled_and_the_others_go_on() -> None:
    world = begun()
    name = world.job("r1-t1")
    world.remove(name)
    world.rejections[name] = "admission webhook denied the request: no team label"
    world.act()
    assert world.condition("Stalled")[1:] == ("Rejected", "admission webhook denied the request: no team label")
    assert states(world) == ["Pending", *["Running"] * 4]
    assert world.object.status.trials[0].message == "admission webhook denied the request: no team label"
    world.settle()
    assert world.reason == "Training"


def test_a_deleted_job_is_left_to_garbage_collection() -> None:
    world = begun()
    metadata = world.object.metadata.model_copy(update={"deletion_timestamp": world.now})
    world.object = world.object.model_copy(update={"metadata": metadata})
    decision = world.decide()
    assert (decision.status, decision.create, decision.delete) == (world.object.status, (), ())
