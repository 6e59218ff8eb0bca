"""The prove step with exported models of every task: what is compared, what follows, and what is kept."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from noria.contract import (
    Artifact,
    Metric,
    Policy,
    ProveReport,
    Task,
    Verdict,
    parse_report,
    replaced,
    termination_message,
)
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers import export
from noria_trainers.data.revision import Revision
from noria_trainers.modality.known import split_keys
from noria_trainers.proof import kept
from noria_trainers.steps import prove
from unit.trainers import proven_model
from unit.trainers.proven_model import above, hashed, packed, rows

MakeRevision = Callable[..., str]
TABLE = Task.TABULAR_CLASSIFICATION


@pytest.fixture(scope="module")
def numbers() -> np.ndarray:
    return np.random.default_rng(4).normal(size=1200).round(5)


@pytest.fixture(scope="module")
def revision(numbers: np.ndarray, make_revision: MakeRevision, tmp_path_factory: pytest.TempPathFactory) -> str:
    source = rows(tmp_path_factory.mktemp("first") / "rows.csv", numbers)
    return make_revision(source, TABLE, target="label")


@pytest.fixture(scope="module")
def right(revision: str, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """A model that is right for 9 rows of 10."""
    return packed(revision, tmp_path_factory.mktemp("right"), above(0, wrong=0.1))


def proved(folder: Path, *versions: tuple[str, Artifact], **changes: object) -> ProveReport:
    """The report on a candidate, the served version and perhaps an anchor."""
    order = proven_model.order(folder, *versions, **changes)
    scratch = folder / "scratch"
    scratch.mkdir()
    report = prove.run(order, Store.from_environment(environment={}), scratch)
    assert parse_report(termination_message(report)) == report
    proof, compared = kept.read(order.destination, Store.from_environment(environment={}))
    assert proof.report == report
    assert kept.is_same(proof, kept.judged(proof.case, compared))
    return report


@pytest.mark.parametrize("task", Task)
def test_models_of_every_task_answer_the_hold_out(
    task: Task, source_of: Callable[[Task], tuple[Path, str | None]], make_revision: MakeRevision, tmp_path: Path
) -> None:
    source, target = source_of(task)
    revision = make_revision(source, task, target=target)
    outputs = 1 if task in (Task.TABULAR_REGRESSION, Task.CLICK_THROUGH_RATE) else 2
    models = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        models.append((revision, packed(revision, tmp_path / name, hashed(name, outputs))))
    report = proved(tmp_path, *models)
    manifest = Revision.open(Store.from_environment(environment={}), revision).manifest
    assert report.examples == manifest.splits["holdout"].examples
    assert report.low is not None
    assert report.high is not None
    assert report.gain is not None
    assert report.low < report.gain < report.high
    proof, _ = kept.read(f"{tmp_path}/proof/", Store.from_environment(environment={}))
    assert (proof.candidate.parameters, proof.served.parameters) == (3, 3)
    assert proof.candidate.bytes
    assert proof.served.p95_milliseconds
    assert len(proof.keys) == report.examples
    assert (tmp_path / "proof" / "card.md").read_text().startswith("# Version 7 beside version 6\n\n**")
    assert (tmp_path / "proof" / "gain.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("answer", "policy", "expected"),
    [
        pytest.param(above(0), Policy.NOT_WORSE, (Verdict.PROMOTED, "Better", True), id="better"),
        pytest.param(above(0, 0.1), Policy.NOT_WORSE, (Verdict.PROMOTED, "NotWorse", False), id="equal"),
        pytest.param(above(0, 0.4), Policy.NOT_WORSE, (Verdict.REJECTED, "Worse", False), id="worse"),
    ],
)
def test_the_verdict_follows_from_what_the_models_answer(
    answer: proven_model.Answer,
    policy: Policy,
    expected: tuple[Verdict, str, bool],
    revision: str,
    right: Artifact,
    tmp_path: Path,
) -> None:
    report = proved(tmp_path, (revision, packed(revision, tmp_path, answer)), (revision, right), policy=policy)
    assert (report.result, report.reason, report.is_better) == expected
    assert report.message.startswith("Accuracy ")
    assert "error budget 5 %: 2 % for the hold-out, 3 % for labels" in report.message


def test_rows_that_either_model_was_trained_on_are_left_out(
    numbers: np.ndarray, revision: str, right: Artifact, make_revision: MakeRevision, tmp_path: Path, store: Store
) -> None:
    """The candidate's revision is made afresh, so that many of its held-out rows are the other's training rows."""
    few = rows(tmp_path / "few.csv", np.concatenate([numbers[:300], np.arange(40) / 7]))
    other = make_revision(few, TABLE, target="label", holdout_fraction=0.4)
    report = proved(tmp_path, (other, packed(other, tmp_path, above(0, 0.1))), (revision, right))
    proof, _ = kept.read(f"{tmp_path}/proof/", store)
    seen = split_keys(Revision.open(store, revision), tmp_path / "scratch")
    trained = {f"{key:016x}" for each in (seen.train, seen.validation) for key in each.keys.tolist()}
    assert proof.seen > 20
    assert proof.held_out == proof.seen + report.examples
    assert not trained & set(proof.keys)


def test_no_common_examples_decide_nothing(
    numbers: np.ndarray, revision: str, right: Artifact, make_revision: MakeRevision, tmp_path: Path, store: Store
) -> None:
    seen = split_keys(Revision.open(store, revision), tmp_path)
    table = Revision.open(store, revision).table("train", tmp_path)
    assert len(seen.train) == table.num_rows
    given = rows(tmp_path / "given.csv", np.asarray(table["x"])[:200], split=["test"] * 60 + ["train"] * 140)
    other = make_revision(given, TABLE, target="label", holdout_column="split")
    report = proved(tmp_path, (other, packed(other, tmp_path, above(0))), (revision, right))
    assert (report.result, report.reason, report.examples) == (Verdict.INCONCLUSIVE, "NoCommonExamples", 0)
    assert "no held-out example is new to both it and version 6" in report.message


def test_the_anchor_is_compared_on_what_is_new_to_it_too(
    numbers: np.ndarray, revision: str, right: Artifact, make_revision: MakeRevision, tmp_path: Path, store: Store
) -> None:
    old = make_revision(rows(tmp_path / "old.csv", numbers[:200]), TABLE, target="label", holdout_fraction=0.05)
    best = packed(old, tmp_path, above(0))
    report = proved(tmp_path, (revision, right), (revision, right), (old, best))
    assert (report.result, report.reason) == (Verdict.REJECTED, "Worse")
    proof, compared = kept.read(f"{tmp_path}/proof/", store)
    assert compared is not None
    assert compared.new_to_anchor is not None
    assert proof.anchor is not None
    assert proof.anchor.other == 1
    assert 0 < len(compared.keys) - compared.new_to_anchor.sum() < 60


def test_the_gain_is_told_by_where_examples_came_from(
    numbers: np.ndarray, revision: str, make_revision: MakeRevision, tmp_path: Path, store: Store
) -> None:
    """Rows that are gone from the served version's revision and return were there before; those above 9 are added."""

    def later(name: str, values: np.ndarray, previous: str) -> str:
        return make_revision(rows(tmp_path / name, values), TABLE, target="label", previous=previous)

    served = later("fewer.csv", numbers[:800], revision)
    more = np.linspace(9, 19, 300).round(5)
    candidate = later("more.csv", np.concatenate([numbers, more]), served)
    models = []
    for name, given, answer in (("candidate", candidate, above(0)), ("served", served, low_above(9))):
        (tmp_path / name).mkdir()
        models.append((given, packed(given, tmp_path / name, answer)))
    report = proved(tmp_path, *models)
    proof, compared = kept.read(f"{tmp_path}/proof/", store)
    assert compared is not None
    assert compared.origins is not None
    held = Revision.open(store, candidate).table("holdout", tmp_path / "scratch")["x"].to_numpy()
    assert dict(zip(*np.unique(compared.origins, return_counts=True), strict=True)) == {
        "Added": (held >= 9).sum(),
        "Known": (held < 9).sum(),
    }
    assert [(each.origin, each.gain.value) for each in proof.of_origins] == [("Added", 1.0), ("Known", 0.0)]
    assert all(each.gain.low < each.gain.value <= each.gain.high for each in proof.of_origins)
    assert sum(each.examples for each in proof.of_origins) == report.examples
    card = (tmp_path / "proof" / "card.md").read_text()
    assert "| added since version 6 | " in card
    assert "| there at version 6 or before | " in card


def low_above(bound: float) -> proven_model.Answer:
    """Knows nothing above the bound."""

    def answer(raw: dict[str, tf.Tensor]) -> tf.Tensor:
        high = tf.cast((raw["x"] > 0) & (raw["x"] < bound), tf.float32)
        return tf.stack([high, 1 - high], axis=1)

    return answer


def test_groups_are_resampled_whole_and_listed(make_revision: MakeRevision, tmp_path: Path, store: Store) -> None:
    rng = np.random.default_rng(1)
    numbers, who = rng.normal(size=1600).round(4), [f"person-{n // 40}" for n in range(1600)]
    source = rows(tmp_path / "rows.csv", numbers, who=who)
    grouped = make_revision(source, TABLE, target="label", columns=[{"name": "who", "type": "Group"}])
    model = packed(grouped, tmp_path, above(0, 0.1))
    report = proved(tmp_path, (grouped, model), (grouped, model))
    proof, compared = kept.read(f"{tmp_path}/proof/", store)
    assert compared is not None
    assert compared.groups is not None
    assert proof.groups == len(np.unique(compared.groups)) == report.examples // 40
    assert {each.examples for each in proof.of_groups} == {40}
    assert report.low is not None
    assert report.low < -0.2, "8 groups show less than 320 examples"


def with_third(source: Path) -> Path:
    """The rows, of which those far above are of a class of their own."""
    lines = source.read_text().splitlines()
    moved = [
        line.replace(",high", ",huge") if line[0].isdigit() and float(line.split(",")[0]) > 1 else line
        for line in lines
    ]
    source.write_text("\n".join(moved))
    return source


def test_common_classes_decide_and_new_ones_are_reported_apart(
    numbers: np.ndarray, revision: str, right: Artifact, make_revision: MakeRevision, tmp_path: Path, store: Store
) -> None:
    """A candidate that takes rows of a common class for those of the new one is wrong about them."""
    more = with_third(rows(tmp_path / "rows.csv", np.concatenate([numbers, np.linspace(0.00001, 3, 300).round(5)])))
    other = make_revision(more, TABLE, target="label")

    def answer(bound: float) -> proven_model.Answer:
        def three(raw: dict[str, tf.Tensor]) -> tf.Tensor:
            high, huge = raw["x"] > 0, raw["x"] > bound
            return tf.cast(tf.stack([high & ~huge, huge, ~high], axis=1), tf.float32) * 0.9 + 0.03

        return three

    report = proved(tmp_path, (other, packed(other, tmp_path, answer(1.0))), (revision, right))
    assert (report.result, report.reason, report.new_classes) == (Verdict.PROMOTED, "Better", ("huge",))
    assert not report.differences
    assert "it also knows huge (recall 1.000 on " in report.message
    proof, compared = kept.read(f"{tmp_path}/proof/", store)
    assert compared is not None
    assert [each.name for each in proof.classes] == ["high", "low"]
    assert compared.candidate.shape[1] == 2

    (tmp_path / "greedy").mkdir()
    report = proved(tmp_path / "greedy", (other, packed(other, tmp_path / "greedy", answer(0.2))), (revision, right))
    assert report.result is not Verdict.PROMOTED
    assert report.worse_classes == ("high",)


def test_a_class_that_fell_is_named_though_the_whole_is_better(make_revision: MakeRevision, tmp_path: Path) -> None:
    """Rows of z are few, and the candidate misses all of them."""
    rng = np.random.default_rng(3)
    numbers = rng.normal(size=3000).round(5)
    lines = [f"{x},{'z' if -1.65 < x < -1.3 else 'high' if x > 0 else 'low'}" for x in numbers]
    (tmp_path / "rows.csv").write_text("\n".join(["x,label", *lines]))
    revision = make_revision(tmp_path / "rows.csv", TABLE, target="label")

    def answer(wrong: int, knows_z: bool) -> proven_model.Answer:
        def three(raw: dict[str, tf.Tensor]) -> tf.Tensor:
            noise = tf.strings.to_hash_bucket_fast(tf.strings.as_string(raw["x"]), 100) < wrong
            z = (raw["x"] > -1.65) & (raw["x"] < -1.3) & knows_z
            high = tf.not_equal(raw["x"] > 0, noise) & ~z
            return tf.cast(tf.stack([high, ~high & ~z, z], axis=1), tf.float32)

        return three

    models = []
    for name, given in (("candidate", answer(0, knows_z=False)), ("served", answer(20, knows_z=True))):
        (tmp_path / name).mkdir()
        models.append((revision, packed(revision, tmp_path / name, given)))
    report = proved(tmp_path, *models)
    assert (report.result, report.reason, report.worse_classes) == (Verdict.INCONCLUSIVE, "ClassWorse", ("z",))
    assert "its recall fell for z (1.000 to 0.000 on " in report.message
    assert report.low is not None
    assert report.low > 0


def test_a_candidate_that_lacks_a_class_waits_for_a_person(
    numbers: np.ndarray, revision: str, right: Artifact, make_revision: MakeRevision, tmp_path: Path
) -> None:
    source = rows(tmp_path / "rows.csv", numbers)
    source.write_text(source.read_text().replace(",low", ",below"))
    other = make_revision(source, TABLE, target="label")
    renamed = packed(other, tmp_path, lambda raw: above(0)(raw)[:, ::-1])
    report = proved(tmp_path, (other, renamed), (revision, right), policy=Policy.BETTER)
    assert (report.result, report.reason) == (Verdict.INCONCLUSIVE, "Different")
    assert report.differences == ("it lacks class low and has class below instead",)
    assert report.gain is not None, "scored for information"


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        pytest.param({"metric": Metric.MACRO_F1}, "its metric is MacroF1, not Accuracy", id="metric"),
        pytest.param(
            {"task": Task.TEXT_CLASSIFICATION}, "its task is TextClassification, not TabularClassification", id="task"
        ),
    ],
)
def test_another_task_or_metric_waits_for_a_person(
    change: dict[str, object], difference: str, revision: str, right: Artifact, tmp_path: Path
) -> None:
    order = proven_model.order(tmp_path, (revision, right), (revision, right))
    changed = replaced(order.candidate, **change)
    report = proved(tmp_path, (revision, right), (revision, right), candidate=changed)
    assert (report.reason, report.differences) == ("Different", (difference,))


@pytest.mark.parametrize(
    ("columns", "difference", "compares"),
    [
        pytest.param({"y": "word"}, "it takes column y in addition", True, id="one more"),
        pytest.param(None, "its column x is Categorical, not Numeric", False, id="another type"),
    ],
)
def test_other_columns_wait_for_a_person(
    columns: dict[str, str] | None,
    difference: str,
    compares: bool,
    numbers: np.ndarray,
    revision: str,
    right: Artifact,
    make_revision: MakeRevision,
    tmp_path: Path,
) -> None:
    words = {name: [f"{word}-{n % 3}" for n in range(len(numbers))] for name, word in (columns or {}).items()}
    values = numbers if columns else numbers.round(1)
    types = [] if columns else [{"name": "x", "type": "Categorical"}]
    other = make_revision(rows(tmp_path / "rows.csv", values, **words), TABLE, target="label", columns=types)
    report = proved(tmp_path, (other, packed(other, tmp_path, hashed("a", 2))), (revision, right))
    assert (report.result, report.reason) == (Verdict.INCONCLUSIVE, "Different")
    assert difference in report.differences
    assert (report.gain is not None) == compares, "rows are known by the columns that both have"


def failing(raw: dict[str, tf.Tensor]) -> tf.Tensor:
    """Refuses some rows."""
    with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(raw["x"] < 1), ["x is too large"])]):
        return above(0)(raw)


def not_a_number(raw: dict[str, tf.Tensor]) -> tf.Tensor:
    """Answers some rows with NaN."""
    return tf.where(raw["x"][:, tf.newaxis] > 1, float("nan"), above(0)(raw))


@pytest.mark.parametrize(
    ("answer", "why"),
    [pytest.param(failing, "x is too large", id="fails"), pytest.param(not_a_number, "NaN or infinity", id="NaN")],
)
def test_a_candidate_that_cannot_answer_is_rejected(
    answer: proven_model.Answer, why: str, revision: str, right: Artifact, tmp_path: Path
) -> None:
    report = proved(tmp_path, (revision, packed(revision, tmp_path, answer)), (revision, right))
    assert (report.result, report.reason) == (Verdict.REJECTED, "Unusable")
    assert "it cannot be served: it fails on " in report.message
    assert why in report.message


def unloadable(folder: Path) -> Artifact:
    """What is no model."""
    (folder / "model").mkdir()
    (folder / "model" / "saved_model.pb").write_bytes(b"no model")
    return Artifact(uri=f"{folder}/m.tar", digest=export.pack(folder / "model", folder / "m.tar"))


def test_an_anchor_that_cannot_be_loaded_lets_nothing_pass(revision: str, right: Artifact, tmp_path: Path) -> None:
    with pytest.raises(
        StepError, match=r"^version 2, the last that was promoted as better, cannot be compared: it cannot be loaded"
    ) as raised:
        proved(tmp_path, (revision, right), (revision, right), (revision, unloadable(tmp_path)))
    assert raised.value.reason == "AnchorUnusable"


def test_a_candidate_that_cannot_be_loaded_is_rejected(revision: str, right: Artifact, tmp_path: Path) -> None:
    broken = unloadable(tmp_path)
    report = proved(tmp_path, (revision, broken), (revision, right))
    assert (report.result, report.reason) == (Verdict.REJECTED, "Unusable")
    assert "it cannot be served: it cannot be loaded: " in report.message

    (tmp_path / "other").mkdir()
    order = proven_model.order(tmp_path, (revision, broken), (revision, right))
    other = replaced(order.candidate, task=Task.TEXT_CLASSIFICATION)
    report = proved(tmp_path / "other", (revision, broken), (revision, right), candidate=other)
    assert (report.result, report.reason) == (Verdict.REJECTED, "Unusable")
    assert report.differences


def test_a_served_version_that_fails_counts_as_the_baseline(revision: str, right: Artifact, tmp_path: Path) -> None:
    broken = packed(revision, tmp_path, lambda raw: above(0)(raw) + float("nan"))
    report = proved(tmp_path, (revision, right), (revision, broken))
    assert (report.result, report.reason) == (Verdict.PROMOTED, "Better")
    assert f"version 6 fails on {report.examples} examples" in report.message


def test_what_is_gone_is_a_failure_in_words(revision: str, right: Artifact, tmp_path: Path) -> None:
    gone = replaced(right, uri=f"{tmp_path}/gone.tar")
    with pytest.raises(StepError, match=r"gone\.tar does not exist") as raised:
        proved(tmp_path, (revision, gone), (revision, right))
    assert raised.value.reason == "NotFound"


def test_changed_answers_are_noticed(revision: str, right: Artifact, tmp_path: Path, store: Store) -> None:
    proved(tmp_path, (revision, right), (revision, right))
    folder = f"{tmp_path}/proof/"
    proof, compared = kept.read(folder, store)
    assert compared is not None
    (tmp_path / "proof" / "predictions.npz").write_bytes(replace(compared, served=1 - compared.served).to_bytes())
    with pytest.raises(StepError, match="it was changed afterwards"):
        kept.read(folder, store)
    changed = kept.judged(proof.case, replace(compared, served=1 - compared.served))
    assert not kept.is_same(proof, changed)
