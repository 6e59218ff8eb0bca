"""Which rows go together: equal ones share a split, unless there are too few combinations of values for that."""

import csv
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from noria.contract import ProfileOrder, ProfileReport, Severity, Source, Task
from noria_store.store import Store
from noria_trainers.data.examples import Examples, digest, digests
from noria_trainers.data.manifest import SPLITS, Manifest
from noria_trainers.data.revision import Revision
from noria_trainers.data.splits import Shares, few_distinct
from noria_trainers.steps import profile

HERE = Store.from_environment(environment={})
Rows = Sequence[Sequence[object]]
Profiled = Callable[..., tuple[ProfileReport, Manifest]]


@pytest.fixture
def profiled(tmp_path: Path) -> Profiled:
    """Profiles rows whose last column is the target; report and manifest."""

    def run(rows: Rows, task: Task = Task.TABULAR_CLASSIFICATION, **fields: Any) -> tuple[ProfileReport, Manifest]:
        path = tmp_path / "x.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([[*(f"c{i}" for i in range(len(rows[0]) - 1)), "y"], *rows])
        out = f"{tmp_path}/out/"
        order = ProfileOrder(
            task=task, source=Source(uri=str(path)), target="y", destination=out, report=f"{out}r", **fields
        )
        report = profile.run(order, HERE, tmp_path / "scratch")
        assert report.revision, report.problems
        return report, Revision.open(HERE, f"{out}{report.revision}").manifest

    return run


def survivors() -> Rows:
    """2,201 people by class, sex and age: 14 combinations, of which the most frequent is a third of all.

    Counts are those of the Report on the Loss of the S.S. Titanic (1912).
    """
    lost = {"1st": (118, 4, 0, 0), "2nd": (154, 13, 0, 0), "3rd": (387, 89, 35, 17), "crew": (670, 3, 0, 0)}
    saved = {"1st": (57, 140, 5, 1), "2nd": (14, 80, 11, 13), "3rd": (75, 76, 13, 14), "crew": (192, 20, 0, 0)}
    who = (("man", "adult"), ("woman", "adult"), ("boy", "child"), ("girl", "child"))
    return [
        (place, *kind, answer)
        for answer, table in (("no", lost), ("yes", saved))
        for place, counts in table.items()
        for kind, count in zip(who, counts, strict=True)
        for _ in range(count)
    ]


def answers(count: int = 1000, questions: int = 3, values: int = 2, seed: int = 0) -> Rows:
    """A survey of questions with so many answers each."""
    rng = random.Random(seed)
    asked = [[rng.randrange(values) for _ in range(questions)] for _ in range(count)]
    return [(*row, "yes" if rng.random() < 0.3 + 0.5 * (sum(row) % 2) else "no") for row in asked]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(survivors(), id="people by class, sex and age"),
        pytest.param(answers(), id="three questions of two answers"),
        pytest.param(answers(questions=2, values=3, seed=4), id="two questions of three"),
        pytest.param(answers(300, questions=4), id="sixteen combinations in 300 rows"),
        pytest.param(
            [(i % 2, int(i % 10 > 6) * i, i % 3) for i in range(900)], id="most rows alike, the others differ"
        ),
    ],
)
@pytest.mark.parametrize("holdout", [0.1, 0.2, 0.4])
def test_rows_of_few_combinations_are_divided(profiled: Profiled, rows: Rows, holdout: float) -> None:
    report, manifest = profiled(rows, holdout_fraction=holdout)
    (warning,) = (each for each in report.problems if each.reason == "DuplicatesDivided")
    assert warning.severity is Severity.WARNING
    assert f"{len({tuple(row[:-1]) for row in rows})} different combinations" in warning.message
    assert manifest.duplicates == "divided"
    shares = [manifest.splits[name].examples / len(rows) for name in SPLITS]
    rest = 1 - holdout
    assert shares == pytest.approx([rest * rest, rest * holdout, holdout], abs=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_the_score_is_what_the_combinations_allow(profiled: Profiled, tmp_path: Path, seed: int) -> None:
    """The most frequent class of each combination is right for 78 % of these people."""
    rows = [(f"{place} {seed}", *rest) for place, *rest in survivors()]
    report, _ = profiled(rows)
    revision = Revision.open(HERE, f"{tmp_path}/out/{report.revision}")
    known, asked = (revision.table(name, tmp_path / name).to_pylist() for name in ("train", "holdout"))
    votes: defaultdict[tuple[object, ...], Counter[object]] = defaultdict(lambda: Counter([0]))
    for *values, label in (row.values() for row in known):
        votes[tuple(values)][label] += 1
    right = [votes[tuple(values)].most_common(1)[0][0] == label for *values, label in (row.values() for row in asked)]
    assert len(right) / len(rows) == pytest.approx(0.2, abs=0.03)
    assert np.mean(right) == pytest.approx(0.78, abs=0.05)


def test_a_large_class_of_one_combination_is_divided(profiled: Profiled) -> None:
    rows = [(0.5, 0.5, "rare")] * 30 + [(i / 7, i * 37 % 101, "common") for i in range(900)]
    _, manifest = profiled(rows)
    assert all(manifest.splits[name].class_counts["rare"] for name in SPLITS)
    assert manifest.duplicates == "divided"


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([(i, i / 7, i % 2) for i in range(60)] * 3, id="a small table in three copies"),
        pytest.param([(i % 400, i % 2) for i in range(4000)], id="many combinations"),
    ],
)
def test_rows_of_many_combinations_stay_together(profiled: Profiled, rows: Rows) -> None:
    report, manifest = profiled(rows)
    assert [each.reason for each in report.problems if each.reason == "DuplicatesDivided"] == []
    assert manifest.duplicates is None


@pytest.mark.parametrize("task", [Task.TABULAR_CLASSIFICATION, Task.TABULAR_REGRESSION])
def test_the_revision_is_the_same_in_any_order_of_rows(profiled: Profiled, task: Task) -> None:
    rows = [*((*row[:-1], i % 7) for i, row in enumerate(map(tuple, answers())))]
    first, _ = profiled(rows, task)
    second, _ = profiled(random.Random(1).sample(rows, len(rows)), task)
    assert first.revision == second.revision


def test_rows_stay_in_their_split_when_others_come(profiled: Profiled, tmp_path: Path) -> None:
    def held(rows: Rows) -> dict[str, Counter[str]]:
        report, _ = profiled(rows)
        revision = Revision.open(HERE, f"{tmp_path}/out/{report.revision}")
        found: dict[str, Counter[str]] = {}
        for name in SPLITS:
            table = revision.table(name, tmp_path / str(report.revision)).to_pylist()
            labels = revision.manifest.classes
            found[name] = Counter(json.dumps([*[*row.values()][:-1], labels[row["__label__"]]]) for row in table)
        return found

    before = held(answers())
    after = held([*answers(500, seed=9), *answers()] + [(0, 0, 0, "a")] * 12)
    assert all(before[name] <= after[name] for name in SPLITS)


def test_equal_rows_of_a_revision_do_not_follow_one_another(profiled: Profiled, tmp_path: Path) -> None:
    report, _ = profiled(answers())
    rows = Revision.open(HERE, f"{tmp_path}/out/{report.revision}").table("train", tmp_path / "r").to_pylist()
    assert len({tuple(row.values()) for row in rows[:100]}) > 12


def test_a_manifest_of_another_version_keeps_equal_rows_together() -> None:
    split = {"examples": 1, "shards": []}
    old = {"task": "TabularClassification", "revision": "r", "splits": dict.fromkeys(SPLITS, split)}
    assert Manifest.model_validate_json(json.dumps(old)).duplicates is None


def test_the_bound_is_where_chance_misses_the_share() -> None:
    def keys(groups: int, copies: int) -> np.ndarray:
        return np.repeat(digests([digest(str(i).encode()) for i in range(groups)])[:, 0], copies)

    few = {groups: few_distinct(keys(groups, 4), Shares(0.2)) for groups in (2, 100, 255, 257, 1000)}
    assert few == {2: True, 100: True, 255: True, 257: False, 1000: False}
    assert not few_distinct(keys(100, 3), Shares(0.2))
    assert not few_distinct(keys(0, 1), Shares(0.2))


def test_a_further_class_changes_no_key() -> None:
    hashed, labels = np.zeros((4, 2), np.uint64), np.asarray([0, 1, 0, 1])
    one = Examples(name=str, classes=("b", "c"), labels=labels, digests=hashed, divided=True)
    other = Examples(name=str, classes=("a", "b", "c"), labels=labels + 1, digests=hashed, divided=True)
    assert len(set(one.keys.tolist())) == 4
    assert (one.keys == other.keys).all()
