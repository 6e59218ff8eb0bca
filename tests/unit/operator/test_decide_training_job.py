"""How a run begins: the rows of `begin`'s table, and what its hash depends on."""

from typing import Any

import pytest

from noria.api import Dataset, TrainingJob
from noria.api.condition import find_condition
from noria.api.training_job import TrainingJobSpec
from noria.decisions.seen import SeenTrainingJob
from noria.decisions.training_job import decide_training_job
from noria.decisions.training_job.spec_hash import spec_hash
from unit.operator.world import NOW, SETTINGS, World, dataset, make, profiled, training_job


def refused() -> Dataset:
    """A Dataset that was refused."""
    world = World(dataset())
    world.settle()
    world.ends("p1", "no such class", 65, reason="Error")
    world.settle()
    found: Dataset = world.object
    return found


def changed() -> Dataset:
    """A Dataset whose status speaks of an earlier spec."""
    found = profiled()
    return found.model_copy(update={"metadata": found.metadata.model_copy(update={"generation": 2})})


def test_a_dataset_that_cannot_be_read_is_waited_for() -> None:
    seen = SeenTrainingJob(dataset_problem="spec.task: wrong")
    decision = decide_training_job(training_job(), seen, SETTINGS, NOW)
    ready = find_condition(decision.status.conditions, "Ready")
    assert ready
    assert (ready.reason, ready.message) == ("DatasetNotReady", "Dataset clothes is not ready: spec.task: wrong")
    assert decision.create == ()


@pytest.mark.parametrize(
    ("spec", "found", "type", "reason", "words"),
    [
        pytest.param({"suspend": True}, profiled(), "Suspended", "SuspendedByUser", "spec.suspend", id="suspended"),
        pytest.param({}, None, "Reconciling", "DatasetNotFound", "clothes is not in namespace shop", id="no Dataset"),
        pytest.param({}, dataset(), "Reconciling", "DatasetNotReady", "clothes is not ready", id="not profiled yet"),
        pytest.param({}, refused(), "Reconciling", "DatasetNotReady", "Refused: no such class", id="refused"),
        pytest.param({}, changed(), "Reconciling", "DatasetNotReady", "not ready", id="profile of an older spec"),
        pytest.param(
            {"metric": "RMSE"}, profiled(), "Stalled", "MetricNotApplicable", "Accuracy, Balanced", id="other metric"
        ),
        pytest.param({}, profiled(), "Reconciling", "Choosing", "revision rev1 of clothes", id="all is there"),
    ],
)
def test_a_run_begins_once_it_can(
    spec: dict[str, Any], found: Dataset | None, type: str, reason: str, words: str
) -> None:
    world = World(training_job(**spec), dataset=found)
    world.settle()
    status, said, message = world.condition(type)
    assert (status, said) == ("True", reason)
    assert words in message
    assert world.condition("Ready") == ("False", reason, message)
    assert world.parts == (["r1-choose"] if reason == "Choosing" else [])
    assert world.object.status.observed_generation == 1


def test_a_dataset_that_gets_ready_starts_the_run() -> None:
    world = World(training_job())
    world.settle()
    world.dataset = profiled()
    world.settle()
    assert world.reason == "Choosing"


def test_trials_with_gpus_run_the_image_for_gpus() -> None:
    settings = SETTINGS.__class__(**{**vars(SETTINGS), "gpu_trainer_image": "noria/trainer:gpu"})
    for gpus, image in ((0, "noria/trainer:1"), (2, "noria/trainer:gpu")):
        world = World(training_job(resources={"gpus": gpus}), dataset=profiled(), settings=settings)
        world.settle()
        assert world.object.status.run.trainer_image == image


def hash_of(**spec: Any) -> str:
    """The hash of a TrainingJob's spec."""
    found: TrainingJob = make(TrainingJob, "x", {"datasetRef": {"name": "d"}, **spec})
    return spec_hash(found.spec)


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"datasetRef": {"name": "e"}}, id="dataset"),
        pytest.param({"metric": "MacroF1"}, id="metric"),
        pytest.param({"search": {"trials": 4}}, id="trials"),
        pytest.param({"search": {"strategy": "Random"}}, id="strategy"),
        pytest.param({"ensemble": "Never"}, id="ensemble"),
        pytest.param({"resources": {"gpus": 1}}, id="GPUs"),
        pytest.param({"resources": {"memory": "4Gi"}}, id="memory"),
    ],
)
def test_what_a_run_depends_on_changes_its_hash(spec: dict[str, Any]) -> None:
    assert hash_of(**spec) != hash_of()


def test_values_spelt_out_hash_like_those_left_out() -> None:
    search = {"strategy": "MetaLearned", "trials": 5, "configurations": []}
    resources = {"gpus": 0, "cpu": "1", "memory": "2Gi"}
    assert hash_of(search=search, ensemble="IfBetter", resources=resources) == hash_of()
    configurations = [{"family": "image-cnn", "parameters": {"width": 8}}]
    explicit = {"strategy": "Explicit", "configurations": configurations}
    assert hash_of(search=explicit) == hash_of(search={**explicit, "trials": 5})


def test_what_an_earlier_version_stored_with_its_defaults_starts_no_run() -> None:
    stored = {"search": {"strategy": "Portfolio", "trials": 5}, "resources": {"gpus": 0, "cpu": "1", "memory": "2Gi"}}
    assert hash_of(**stored) == "3d40d579dfaeb5f3"


def test_another_default_of_a_later_version_starts_no_run() -> None:
    known = hash_of()
    later = TrainingJobSpec.model_fields["search"].default.model_copy(update={"trials": 7})
    stored = make(TrainingJob, "x", {"datasetRef": {"name": "d"}, "search": {"trials": 5}})
    assert spec_hash(stored.spec) == known, "what was stored with the old default"
    assert spec_hash(stored.spec.model_copy(update={"search": later})) != known, "what asks for the later one"
