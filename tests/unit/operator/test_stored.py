"""Objects are kept as text, refer to others by name, and say what is wrong with them if they make no sense."""

from typing import Any

import pytest

from noria.api import Dataset, TrainingJob
from noria.runtime.cache import Key, Record
from noria.runtime.error import Invalid
from noria.runtime.execute import merge_patch
from noria.runtime.invalid import invalid_status
from noria.runtime.stored import parse, reader, referent, stored_status


def body(**spec: Any) -> dict[str, Any]:
    """A TrainingJob as the API server sends it."""
    metadata = {
        "name": "shoes",
        "namespace": "shop",
        "uid": "u",
        "resourceVersion": "7",
        "generation": 2,
        "managedFields": [{"manager": "kubectl"}],
    }
    return {"metadata": metadata, "spec": spec, "status": {"observedGeneration": 1, "trialsDone": "2/5"}}


def record(**spec: Any) -> Record:
    return reader(TrainingJob, lambda body: referent(Dataset, body, "datasetRef"))(body(**spec))


def test_a_record_says_what_the_object_is_and_refers_to() -> None:
    found = record(datasetRef={"name": "prints"})
    assert (found.key, found.version, found.generation) == (Key("TrainingJob", "shop", "shoes"), 7, 2)
    assert found.references == (Key("Dataset", "shop", "prints"),)
    assert "managedFields" not in found.content
    assert parse(TrainingJob, found).spec.dataset_ref.name == "prints"
    assert stored_status(found)["trialsDone"] == "2/5"


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({}, id="no reference"),
        pytest.param({"datasetRef": "prints"}, id="a reference of another shape"),
        pytest.param({"datasetRef": {"name": 7}}, id="a name that is none"),
    ],
)
def test_an_object_that_makes_no_sense_is_kept_all_the_same(spec: dict[str, Any]) -> None:
    assert record(**spec).references == ()


def test_what_makes_no_sense_is_named_and_what_to_do() -> None:
    with pytest.raises(Invalid, match=r"spec\.search\.trials: .* kubectl explain trainingjobs"):
        parse(TrainingJob, record(datasetRef={"name": "prints"}, search={"trials": 99}))


def test_an_invalid_object_is_stalled_and_keeps_the_rest_of_its_status() -> None:
    found = record(datasetRef={})
    before, after = invalid_status(found, "datasetRef.name: field required")
    patch = merge_patch(before, after)
    assert patch["observedGeneration"] == 2
    assert {each["type"]: each["status"] for each in patch["conditions"]} == {"Ready": "False", "Stalled": "True"}
    assert "trialsDone" not in patch


@pytest.mark.parametrize("status", ["text", 7, ["a"], {"conditions": 7}, {"conditions": {"a": 1}}, {"conditions": [7]}])
def test_an_invalid_object_is_stalled_whatever_its_status_is(status: object) -> None:
    _, after = invalid_status(reader(TrainingJob)({**body(), "status": status}), "status: wrong")
    assert {each["type"] for each in after["conditions"]} == {"Ready", "Stalled"}


def test_only_what_decisions_read_takes_memory() -> None:
    given = body(datasetRef={"name": "prints"})
    given["metadata"] |= {
        "annotations": {"noria.dev/requestedAt": "today", "kubectl.kubernetes.io/last-applied": "x" * 250_000},
        "labels": {f"{n}": "x" * 63 for n in range(1000)},
    }
    found = reader(TrainingJob)(given)
    assert len(found.content) < 1000
    assert parse(TrainingJob, found).metadata.annotations == {"noria.dev/requestedAt": "today"}


def listed(parameters: dict[str, Any]) -> dict[str, Any]:
    """A search for one configuration with these parameters."""
    return {"search": {"configurations": [{"family": "f", "parameters": parameters}]}}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        pytest.param(
            listed({"a": {"b": 1}}), r"0\.parameters\.a: .* must be a number, true, false or a text", id="an object"
        ),
        pytest.param(listed({"a": "x" * 65}), "a text of at most 64 characters", id="a long text"),
        pytest.param(listed({"a" * 41: 1}), "at most 40 characters", id="a long name"),
        pytest.param(listed({"a": float("inf")}), "must be a number", id="an infinite parameter"),
        pytest.param({"podTemplate": {"affinity": {"nodeAffinity": 7}}}, "nodeAffinity", id="an affinity that is none"),
        pytest.param({"maxDuration": "\ud800"}, "maxDuration|surrogate|hex escape", id="half a surrogate pair"),
        pytest.param({"parallelism": float("inf")}, "parallelism", id="an infinite number"),
        pytest.param({"ttlSecondsAfterFinished": 10**400}, "ttlSecondsAfterFinished", id="a huge number"),
    ],
)
def test_what_a_schema_from_before_let_through_is_named(spec: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        parse(TrainingJob, record(datasetRef={"name": "prints"}, **spec))


def test_telling_it_again_writes_nothing() -> None:
    first = body(datasetRef={})
    _, told = invalid_status(reader(TrainingJob)(first), "datasetRef.name: field required")
    again = reader(TrainingJob)({**first, "status": {**first["status"], **told}})
    assert merge_patch(*invalid_status(again, "datasetRef.name: field required")) == {}
