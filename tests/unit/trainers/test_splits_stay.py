"""Splits that stay: what a model was trained on is never held out later, whatever becomes of the examples."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noria.contract import Column, ColumnType, ProfileOrder, Source, Task
from noria_trainers.data.examples import Examples, digest, digests
from noria_trainers.data.history import History
from noria_trainers.data.split_keys import SplitKeys
from noria_trainers.data.splits import HOLDOUT, TRAIN, VALIDATION
from noria_trainers.profile.division import Division, Past, divide
from noria_trainers.profile.finding import Findings

CHANGES = ("add", "erase", "relabel", "return", "regroup", "later")
CASES = 20
KINDS = ("plain", "group", "time")
COLUMNS = {
    "group": (Column(name="patient", type=ColumnType.GROUP),),
    "time": (Column(name="at", type=ColumnType.TIME),),
}


@dataclass(frozen=True)
class Row:
    """An example as its owner knows it: it stays the same one when its label, group or time is corrected."""

    id: int
    features: str
    label: int
    group: int
    time: float


@dataclass
class World:
    """A source that changes, and its revisions."""

    kind: str
    seed: int
    weights: Sequence[float] = (1 / 3, 1 / 3, 1 / 3)
    """Of the classes."""
    rows: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    past: Past | None = None
    made: int = 0

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)

    def draw(self) -> Row:
        self.made += 1
        i, random = self.made, self.random
        features = f"{self.seed} {random.integers(8)}" if self.kind == "divided" else f"{self.seed} {i}"
        return Row(i, features, self.label(), int(random.integers(1, 1 + i // 4 + 1)), float(i))

    def label(self) -> int:
        return int(self.random.choice(len(self.weights), p=self.weights))

    def change(self, what: str, share: float) -> None:
        count = max(1, round(share * len(self.rows)))
        chosen = {int(i) for i in self.random.choice(len(self.rows), min(count, len(self.rows)), replace=False)}
        some = [row for i, row in enumerate(self.rows) if i in chosen]
        rest = [row for i, row in enumerate(self.rows) if i not in chosen]
        if what == "add":
            self.rows += [self.draw() for _ in range(count)]
        elif what == "return":
            self.rows, self.gone = self.rows + self.gone, []
        elif what == "erase" and len(rest) > 30:
            self.rows, self.gone = rest, self.gone + some
        elif what == "relabel":
            self.rows = [*rest, *(replace(row, label=self.label()) for row in some)]
        elif what == "regroup" and self.kind == "group":
            self.rows = [*rest, *(replace(row, group=row.group + 1000) for row in some)]
        elif what == "later" and self.kind == "time":
            self.rows = [*rest, *(replace(row, time=row.time + len(self.rows)) for row in some)]
        self.random.shuffle(self.rows)

    def revise(self, *, minimum: int = 2, fraction: float = 0.2) -> tuple[dict[int, int], Division]:
        """The split of each row by its id, as the next revision has it."""
        rows, label = self.rows, np.asarray([row.label for row in self.rows])
        present = np.unique(label)
        examples = Examples(
            name=str,
            classes=tuple(f"class-{i}" for i in present),
            labels=np.searchsorted(present, label),
            digests=digests([digest(row.features.encode()) for row in rows]),
            groups=np.asarray([row.group for row in rows], np.uint64) if self.kind == "group" else None,
            times=np.asarray([row.time for row in rows]) if self.kind == "time" else None,
        )
        order = ProfileOrder(
            task=Task.TABULAR_CLASSIFICATION,
            source=Source(uri="x.csv"),
            target="y",
            columns=COLUMNS.get(self.kind, ()),
            holdout_fraction=fraction,
            checks={"min_examples_per_class": minimum},
            destination="",
            report="",
        )
        found = divide(Findings(), examples, order, rare=False, past=self.past)
        chosen = [np.flatnonzero(found.splits == split) for split in (TRAIN, VALIDATION, HOLDOUT)]
        self.keys = SplitKeys.of(found.examples, chosen, rule=found.rule)
        self.held = [rows[i].id for i in chosen[HOLDOUT]]
        self.past = Past(History.of(self.keys, found.earlier))
        return {row.id: int(split) for row, split in zip(rows, found.splits, strict=True)}, found


changes = st.lists(st.tuples(st.sampled_from(CHANGES), st.floats(0.02, 0.5)), min_size=1, max_size=4)


def lived(kind: str, seed: int, size: int, steps: Sequence[tuple[str, float]]) -> list[dict[int, int]]:
    """The splits of all revisions of a source that changes so."""
    world = World(kind, seed)
    world.rows = [world.draw() for _ in range(size)]
    found = [world.revise()[0]]
    for what, share in steps:
        world.change(what, share)
        found.append(world.revise()[0])
    return found


@pytest.mark.parametrize("kind", KINDS)
@given(st.integers(0, 1000), st.integers(40, 160), changes)
@settings(max_examples=100, deadline=None)
def test_nothing_that_was_trained_on_is_held_out_later(
    kind: str, seed: int, size: int, steps: Sequence[tuple[str, float]]
) -> None:
    trained: set[int] = set()
    for splits in lived(kind, seed, size, steps):
        assert not trained & {row for row, split in splits.items() if split == HOLDOUT}
        trained |= {row for row, split in splits.items() if split != HOLDOUT}


@given(st.integers(0, 1000), st.integers(40, 160), changes)
@settings(max_examples=100, deadline=None)
def test_a_known_example_never_moves(seed: int, size: int, steps: Sequence[tuple[str, float]]) -> None:
    known: dict[int, int] = {}
    for splits in lived("plain", seed, size, steps):
        assert all(splits[row] == known.get(row, splits[row]) for row in splits)
        known |= splits


@given(st.integers(0, 1000), st.integers(40, 160), changes)
@settings(max_examples=100, deadline=None)
def test_groups_stay_whole_and_where_they_are(seed: int, size: int, steps: Sequence[tuple[str, float]]) -> None:
    world, known = World("group", seed), dict[int, int]()
    world.rows = [world.draw() for _ in range(size)]
    for what, share in [("relabel", 0.1), *steps]:
        world.change(what, share)
        splits, _ = world.revise()
        for row in world.rows:
            assert splits[row.id] == known.setdefault(row.group, splits[row.id]) or row.group > 1000


@given(
    st.integers(0, 1000),
    st.integers(40, 160),
    st.lists(st.tuples(st.sampled_from(CHANGES), st.floats(0.02, 0.5), st.sampled_from(KINDS)), min_size=1, max_size=4),
)
@settings(max_examples=100, deadline=None)
def test_nothing_that_a_model_was_trained_on_is_in_its_proof(
    seed: int, size: int, steps: Sequence[tuple[str, float, str]]
) -> None:
    world = World("plain", seed)
    world.rows = [world.draw() for _ in range(size)]
    served: list[tuple[SplitKeys, set[int]]] = []
    for what, share, world.kind in steps:
        world.change(what, share)
        splits, _ = world.revise()
        for keys, trained in served:
            fair = world.keys.unseen(world.keys, keys)
            assert not trained & {row for row, is_fair in zip(world.held, fair, strict=True) if is_fair}
        served.append((world.keys, {row for row, split in splits.items() if split != HOLDOUT}))


@given(st.integers(0, 1000), st.integers(100, 300), changes)
@settings(max_examples=40, deadline=None)
def test_divided_rows_enter_the_holdout_only_when_they_come(
    seed: int, size: int, steps: Sequence[tuple[str, float]]
) -> None:
    world = World("divided", seed)
    world.rows = [world.draw() for _ in range(size)]
    trained: dict[str, int] = {}
    every: dict[str, set[int]] = {}
    for what, share in [("relabel", 0.1), *steps]:
        world.change(what, share)
        splits, found = world.revise()
        assert found.examples.divided
        for features in {row.features for row in world.rows}:
            rows = [row for row in world.rows if row.features == features]
            held = sum(splits[row.id] == HOLDOUT for row in rows)
            every.setdefault(features, set()).update(row.id for row in rows)
            erased = len(every[features]) - len(rows)
            assert len(rows) - held + erased >= trained.get(features, 0)
            trained[features] = len(rows) - held


@pytest.mark.parametrize("kind", ["plain", "group", "time", "divided"])
def test_the_same_source_is_divided_the_same_again(kind: str) -> None:
    world = World(kind, 1)
    world.rows = [world.draw() for _ in range(200)]
    first = world.revise()[0]
    for what in ("add", "relabel", "regroup", "later", "erase", "return"):
        world.change(what, 0.2)
        first = world.revise()[0]
    assert world.revise()[0] == first


@pytest.mark.parametrize(
    ("count", "classes", "changes_of"),
    [
        pytest.param(100, 2, {"add": 0.5}, id="100 of 2 classes, 50 more"),
        pytest.param(100, 10, {"add": 0.5}, id="100 of 10 classes, 50 more"),
        pytest.param(300, 10, {"add": 1 / 6}, id="300 of 10 classes, 50 more"),
        pytest.param(300, 10, {"erase": 0.1}, id="300 of 10 classes, a tenth erased"),
        pytest.param(300, 10, {"relabel": 0.1, "add": 1 / 6}, id="a tenth relabelled, 50 more"),
        pytest.param(1000, 20, {"relabel": 0.05, "add": 0.1}, id="1,000 of 20 skewed classes, 1 in 20 relabelled"),
    ],
)
def test_in_no_case_is_anything_held_out_that_was_trained_on(
    count: int, classes: int, changes_of: dict[str, float]
) -> None:
    moved = 0
    for seed in range(CASES):
        random = np.random.default_rng(seed)
        weights = random.dirichlet(np.full(classes, 0.7)) if classes > 10 else np.full(classes, 1 / classes)
        world = World("plain", seed, tuple(weights))
        world.rows = [world.draw() for _ in range(count)]
        first = world.revise(minimum=10)[0]
        for what, share in changes_of.items():
            world.change(what, share)
        second = world.revise(minimum=10)[0]
        moved += any(first.get(row, HOLDOUT) != HOLDOUT for row, split in second.items() if split == HOLDOUT)
    assert moved == 0
