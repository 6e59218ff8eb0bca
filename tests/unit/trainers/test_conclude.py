"""The conclude step on real trials of every task: the best is packaged, judged honestly and remembered."""

import base64
import hashlib
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from noria.contract import (
    TASKS,
    ConcludeOrder,
    ConcludeReport,
    Configuration,
    ExitCode,
    FailureKind,
    FinishedTrial,
    Parameter,
    Task,
    TrainOrder,
    TrainReport,
    parse_report,
    termination_message,
)
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.by_example import ByExample
from noria_trainers.conclusion import together, warm_up
from noria_trainers.conclusion.ensemble import Member, Selection, mixed
from noria_trainers.conclusion.interval import Interval
from noria_trainers.data.revision import Revision
from noria_trainers.experience.keep import Experience
from noria_trainers.metrics import score
from noria_trainers.modality.modality import split_of
from noria_trainers.steps import conclude
from noria_trainers.steps.frame import answer

CHEAP: dict[Task, tuple[str, dict[str, Parameter]]] = {
    Task.IMAGE_CLASSIFICATION: ("image-cnn", {"width": 8, "depth": 0}),
    Task.TEXT_CLASSIFICATION: ("text-linear", {"ngrams": 1}),
    Task.TABULAR_CLASSIFICATION: ("tabular-linear", {}),
    Task.TABULAR_REGRESSION: ("tabular-linear", {}),
    Task.CLICK_THROUGH_RATE: ("click-linear", {}),
}


Concluded = tuple[ConcludeOrder, ConcludeReport]


@pytest.fixture(scope="session")
def concluded(
    source_of: Callable[[Task], tuple[Path, str | None]],
    make_revision: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Task], Concluded]:
    """One real trial and two that failed, concluded; once for a task."""
    known: dict[Task, Concluded] = {}

    def make(task: Task) -> Concluded:
        if task not in known:
            source, target = source_of(task)
            folder = tmp_path_factory.mktemp("run")
            order = _train(task, make_revision(source, task, target=target), folder)
            known[task] = order, run(order, folder)
        return known[task]

    return make


def _train(task: Task, revision: str, folder: Path) -> ConcludeOrder:
    family, parameters = CHEAP[task]
    configuration = Configuration(family=family, parameters=parameters)
    order = TrainOrder(
        task=task,
        metric=TASKS[task].metrics.default,
        revision=revision,
        configuration=configuration,
        destination=f"{folder}/trial-1/",
        report=f"{folder}/trial-1/report.json",
    )
    report = answer(order, Store.from_environment(environment={}), folder / "scratch")
    assert isinstance(report, TrainReport)
    other = Configuration(family=family, parameters={"learning_rate": 0.001})
    third = Configuration(family=family, parameters={"learning_rate": 0.002})
    return ConcludeOrder(
        task=task,
        metric=order.metric,
        revision=order.revision,
        trials=(
            FinishedTrial(name="trial-1", configuration=configuration, score=report.score, report=order.report),
            FinishedTrial(name="trial-2", configuration=other, failure=FailureKind.OUT_OF_MEMORY, report=f"{folder}/2"),
            FinishedTrial(
                name="trial-3", configuration=third, failure=FailureKind.INFRASTRUCTURE, report=f"{folder}/3"
            ),
        ),
        experience=f"{folder}/experience/",
        destination=f"{folder}/best/",
        report=f"{folder}/best/report.json",
    )


def run(order: ConcludeOrder, folder: Path) -> ConcludeReport:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return conclude.run(order, Store.from_environment(environment={}), scratch)


def unpacked(report: ConcludeReport, folder: Path) -> Path:
    with tarfile.open(report.artifact.uri) as tar:
        tar.extractall(folder / "model", filter="data")
    return folder / "model"


@pytest.mark.parametrize("task", Task)
def test_the_packaged_model_has_the_score_that_is_told(
    task: Task, concluded: Callable[[Task], Concluded], store: Store, tmp_path: Path
) -> None:
    order, report = concluded(task)
    assert report.trial == "trial-1"
    assert report.low <= report.score <= report.high
    assert len(termination_message(report)) < 2000
    content = Path(report.artifact.uri).read_bytes()
    assert report.artifact.digest == "sha256:" + hashlib.sha256(content).hexdigest()

    model = tf.saved_model.load(str(unpacked(report, tmp_path)))
    serve = model.signatures["serving_default"]
    revision = Revision.open(store, order.revision)
    inputs, labels = next(split_of(revision, "holdout", tmp_path).batches(10_000))
    answers = serve(**{name: tf.constant(values) for name, values in inputs.items()})
    predictions = answers["outputs" if task is Task.TABULAR_REGRESSION else "scores"].numpy()
    expected = score(task, labels, predictions, len(revision.manifest.classes))
    assert report.score == pytest.approx(expected[order.metric], abs=1e-5)


@pytest.mark.parametrize("task", Task)
def test_an_ensemble_of_any_task_is_one_model_that_answers_as_was_calculated(
    task: Task, concluded: Callable[[Task], Concluded], store: Store, tmp_path: Path
) -> None:
    order, _ = concluded(task)
    trained = parse_report(Path(order.trials[0].report).read_text())
    assert isinstance(trained, TrainReport)
    heat = 1.0 if task is Task.TABULAR_REGRESSION else 3.0
    members = (Member("one", 0.6, 1.0), Member("two", 0.4, heat))
    selection = Selection(members, 1.0, Interval(1.0, 1.0))
    revision = Revision.open(store, order.revision)
    reports, by_example = dict.fromkeys(("one", "two"), trained), ByExample.of(revision.manifest)
    built = together.build(task, selection, reports, tmp_path, store, by_example)

    inputs, _ = next(split_of(revision, "validation", tmp_path).batches(10_000))
    given = {name: tf.constant(values) for name, values in inputs.items()}
    alone, both = (
        tf.saved_model.load(folder).signatures["serving_default"] for folder in (tmp_path / "members" / "one", built)
    )
    answer, expected = both(**given), alone(**given)
    assert set(both.structured_input_signature[1]) == set(alone.structured_input_signature[1])
    assert set(answer) == set(expected)
    if "classes" in answer:
        assert np.array_equal(answer["classes"], expected["classes"])
    output = "outputs" if task is Task.TABULAR_REGRESSION else "scores"
    if by_example:
        found = tf.saved_model.load(built).signatures[by_example.verb](inputs=tf.constant([b""]))[output].numpy()
        gaps = {
            name: tf.constant([np.nan if each.dtype == tf.float32 else ""], each.dtype) for name, each in given.items()
        }
        assert found.ravel()[-1] == pytest.approx(both(**gaps)[output].numpy().ravel()[-1], abs=1e-6)
    kept = np.load(Path(trained.artifact.uri).with_name("predictions.npz"))["scores"]
    calculated = mixed(task, members, {"one": kept, "two": kept})
    assert np.allclose(answer[output].numpy().reshape(kept.shape), calculated, rtol=1e-4, atol=1e-5)
    if task is not Task.TABULAR_REGRESSION:
        assert np.abs(calculated - kept).max() > 0.01


@pytest.mark.parametrize("task", Task)
def test_rows_may_be_sent_under_their_own_names(
    task: Task, concluded: Callable[[Task], Concluded], store: Store, tmp_path: Path
) -> None:
    order, report = concluded(task)
    revision = Revision.open(store, order.revision)
    model = tf.saved_model.load(str(unpacked(report, tmp_path)))
    rows = revision.manifest.columns
    verb = ("regress" if task is Task.TABULAR_REGRESSION else "classify") if rows else None
    assert set(model.signatures) == {"serving_default", verb} - {None}
    if verb is None:
        return
    table = split_of(revision, "holdout", tmp_path).table
    assert table is not None
    sent = [example(row) for row in table.select([each.name for each in rows]).to_pylist()]
    inputs, _ = next(split_of(revision, "holdout", tmp_path).batches(10_000))
    typed = model.signatures["serving_default"](**{name: tf.constant(values) for name, values in inputs.items()})
    answer = model.signatures[verb](inputs=tf.constant(sent))
    output = "outputs" if task is Task.TABULAR_REGRESSION else "scores"
    expected = typed[output].numpy().reshape(len(sent), -1)
    assert answer[output].numpy().reshape(len(sent), -1)[:, -expected.shape[1] :] == pytest.approx(expected, abs=1e-6)


def example(row: dict[str, str | float | None]) -> bytes:
    """A row as a client sends it: a missing value is a name left out."""
    message = tf.train.Example()
    for name, value in row.items():
        if isinstance(value, str):
            message.features.feature[name].bytes_list.value.append(value.encode())
        elif value is not None:
            message.features.feature[name].float_list.value.append(value)
    return bytes(message.SerializeToString())


def logs(folder: Path) -> list[prediction_log_pb2.PredictionLog]:
    """The warm-up requests of a model."""
    records = tf.data.TFRecordDataset(str(folder / warm_up.FILE)).as_numpy_iterator()
    return [prediction_log_pb2.PredictionLog.FromString(record) for record in records]


@pytest.mark.parametrize("task", Task)
def test_warm_up_requests_are_answered_by_the_model_beside_them(
    task: Task, concluded: Callable[[Task], Concluded], tmp_path: Path
) -> None:
    folder = unpacked(concluded(task)[1], tmp_path)
    model = tf.saved_model.load(str(folder))
    asked = []
    for log in logs(folder):
        kind = log.WhichOneof("log_type")
        request = getattr(log, kind).request
        if kind == "predict_log":
            values = {name: tf.constant(tf.make_ndarray(tensor)) for name, tensor in request.inputs.items()}
        else:
            values = {"inputs": tf.constant([each.SerializeToString() for each in request.input.example_list.examples])}
        answers = model.signatures[request.model_spec.signature_name](**values)
        assert all(np.isfinite(each).all() for name, each in answers.items() if name != "classes")
        asked.append((request.model_spec.signature_name, len(next(iter(values.values())))))
    assert asked == [(name, count) for count in (1, 2, 4, 8, 16, 32) for name in sorted(model.signatures, reverse=True)]


@pytest.mark.parametrize("task", Task)
def test_nothing_that_a_model_was_trained_on_lies_beside_it(
    task: Task, concluded: Callable[[Task], Concluded], store: Store, tmp_path: Path
) -> None:
    order, report = concluded(task)
    folder = unpacked(report, tmp_path)
    content = b"".join(path.read_bytes() for path in folder.glob("assets*/**/*") if path.is_file())
    assert content
    split = split_of(Revision.open(store, order.revision), "train", tmp_path)
    inputs, _ = next(split.batches(10_000))
    if split.table is None:
        (values,) = inputs.values()
        words = {word for value in values for word in ([value] if b"\x89PNG" in value else [value, *value.split()])}
        assert [word for word in words if len(word) > 1 and word in content] == []
    else:
        sent = {name: tf.make_ndarray(each)[0] for name, each in logs(folder)[0].predict_log.request.inputs.items()}
        rows = zip(*inputs.values(), strict=True)
        assert tuple(sent[name] for name in inputs) not in set(rows)


@pytest.mark.parametrize("task", Task)
def test_the_report_and_the_card_say_how_to_ask_the_model(task: Task, concluded: Callable[[Task], Concluded]) -> None:
    order, report = concluded(task)
    assert report.call is not None
    body = json.loads(report.call.body)
    (example,) = body.get("examples") or body["instances"]
    card = (Path(order.destination) / "card.md").read_text()
    assert f":{report.call.verb} -d @-" in card
    match task:
        case Task.IMAGE_CLASSIFICATION:
            assert report.call.verb == "predict"
            assert set(example) == {"b64"}
        case Task.TEXT_CLASSIFICATION:
            assert report.call.verb == "predict"
            assert isinstance(example, str)
        case Task.TABULAR_CLASSIFICATION:
            assert (report.call.verb, body["signature_name"]) == ("classify", "classify")
            assert set(example) == {"size of marvin", "marvin's kind"}
            assert {each.column: each.input for each in report.call.inputs} == {
                "size of marvin": "size_of_marvin",
                "marvin's kind": "marvin_s_kind",
            }
            assert "| size of marvin | `size_of_marvin` |" in card
        case _:
            assert report.call.verb == ("regress" if task is Task.TABULAR_REGRESSION else "classify")
            assert set(example) == {"size", "kind"}
            assert "missing value" in report.call.note


@pytest.fixture
def order(concluded: Callable[[Task], Concluded]) -> ConcludeOrder:
    """Of the table, the cheapest."""
    return concluded(Task.TABULAR_CLASSIFICATION)[0]


@pytest.fixture
def report(concluded: Callable[[Task], Concluded]) -> ConcludeReport:
    """On `order`."""
    return concluded(Task.TABULAR_CLASSIFICATION)[1]


def test_the_card_stands_beside_its_plots_and_beats_the_baseline(order: ConcludeOrder, report: ConcludeReport) -> None:
    folder = Path(order.destination)
    card = (folder / "card.md").read_text()
    assert report.card_uri == str(folder / "card.md")
    assert f"{report.score:.4f}" in card
    assert report.artifact.digest in card
    assert "not significantly better" not in card
    page = (folder / "card.html").read_text()
    for file in ("confusion-matrix.png", "calibration.png", "learning-curves.png"):
        assert f"({file})" in card
        assert base64.b64encode((folder / file).read_bytes()).decode() in page
        assert (folder / file).read_bytes().startswith(b"\x89PNG")


def test_results_are_kept_and_those_of_lost_nodes_are_not(order: ConcludeOrder, store: Store) -> None:
    kept = Experience(store, order.experience).results(order.task)
    assert sorted((each.configuration.id, each.failure) for each in kept) == sorted(
        (trial.configuration.id, trial.failure) for trial in order.trials[:2]
    )
    scored = next(each for each in kept if each.scores)
    assert scored.cost is not None
    assert scored.cost.seconds > 0
    assert scored.meta_features["examples"] > 100


def test_the_experience_holds_no_holdout_score_name_label_path_or_example(
    order: ConcludeOrder, report: ConcludeReport, secrets: tuple[str, ...]
) -> None:
    contents = [path.read_text() for path in Path(order.experience).rglob("*.json")]
    assert len(contents) == 2
    paths = [str(path.relative_to(order.experience)) for path in Path(order.experience).rglob("*")]
    for text in (*contents, *paths):
        assert [word for word in (*secrets, "label_", "trial-1", "holdout", str(report.score)) if word in text] == []
    assert all("/" not in text for text in contents)


def test_concluding_again_makes_the_same_version_and_adds_no_result(
    order: ConcludeOrder, report: ConcludeReport, tmp_path: Path
) -> None:
    known = {path: path.read_bytes() for path in Path(order.experience).rglob("*.json")}
    found = Path(order.revision) / "profile.json"
    problem = {"severity": "Warning", "message": "status alone foretells label"}
    found.write_text(json.dumps(json.loads(found.read_text()) | {"problems": [problem]}))
    assert run(order, tmp_path) == report
    assert "* status alone foretells label" in Path(str(report.card_uri)).read_text()
    assert {path: path.read_bytes() for path in Path(order.experience).rglob("*.json")} == known


def test_all_failed_says_how_and_what_to_do_and_is_remembered(
    order: ConcludeOrder, store: Store, tmp_path: Path
) -> None:
    ends = (FailureKind.OUT_OF_MEMORY, FailureKind.OUT_OF_MEMORY, FailureKind.CRASHED)
    failed = tuple(
        trial.model_copy(update={"score": None, "failure": end}) for trial, end in zip(order.trials, ends, strict=True)
    )
    with pytest.raises(StepError) as caught:
        run(order.model_copy(update={"trials": failed, "experience": f"{tmp_path}/experience/"}), tmp_path)
    assert (caught.value.exit_code, caught.value.reason) == (ExitCode.BAD_DATA, "AllTrialsFailed")
    assert "2 ran out of memory (raise resources.memory), 1 crashed" in caught.value.message
    assert len(Experience(store, f"{tmp_path}/experience/").results(order.task)) == 3


def test_a_model_that_was_changed_after_training_is_not_packaged(order: ConcludeOrder, tmp_path: Path) -> None:
    changed = json.loads(Path(order.trials[0].report).read_text())
    changed["artifact"]["digest"] = "sha256:" + "0" * 64
    (tmp_path / "changed.json").write_text(json.dumps(changed))
    trial = order.trials[0].model_copy(update={"report": str(tmp_path / "changed.json")})
    with pytest.raises(StepError, match="changed after training"):
        run(order.model_copy(update={"trials": (trial,)}), tmp_path)
