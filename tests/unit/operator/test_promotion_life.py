"""Whatever happens in whatever order, and wherever the operator dies: no rejected version is served, nothing is decided
twice, and what matters is kept."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noria.api.condition import find_condition
from noria.contract import Verdict
from unit.operator.promotion import (
    BETTER,
    BREACHED,
    KEPT,
    NOT_WORSE,
    OPEN,
    OTHER,
    UNASKED,
    WORSE,
    annotate,
    begin_watch,
    deployed,
    end_watch,
    part,
    verdicts,
)
from unit.operator.serving import best
from unit.operator.world import Crash, World, model

REPORTS = (BETTER, NOT_WORSE, WORSE, OPEN, OTHER)


def crashing(world: World, writes: int | None) -> int:
    """Passes until nothing changes, with a death after so many writes; how many more would have been possible."""
    world.writes_until_crash = writes
    try:
        world.settle()
    except Crash:
        world.writes_until_crash = None
        world.settle()
        return 0
    left, world.writes_until_crash = world.writes_until_crash, None
    return left or 0


def ends_proof(world: World, found: object) -> None:
    """The proof under way ends, if there is one."""
    candidate = world.object.status.candidate
    if candidate and candidate.reason == "Proving":
        world.ends(part(world, candidate.version), found)  # type: ignore[arg-type]  # it is one of REPORTS


Step = Callable[[World], object]
ROUND: tuple[Step, ...] = (
    lambda world: setattr(world, "training_job", best(2)),
    lambda world: ends_proof(world, BETTER),
    begin_watch,
    lambda world: end_watch(world, KEPT),
    lambda world: setattr(world, "training_job", best(3)),
    lambda world: ends_proof(world, WORSE),
    lambda world: setattr(world, "training_job", best(4)),
    lambda world: setattr(world, "training_job", best(5)),
    lambda world: ends_proof(world, OTHER),
    lambda world: annotate(world, promote="5"),
    begin_watch,
    lambda world: end_watch(world, BREACHED),
    lambda world: annotate(world, serve="2"),
    lambda world: annotate(world, reject="4"),
    lambda world: annotate(world, serve=None),
)


def round_with_a_death_after(writes: int | None) -> tuple[World, int]:
    """The world after the whole round, and how many writes were left before the death."""
    world = World(model(), training_job=best())
    left = writes
    for step in (lambda _: None, *ROUND):
        step(world)
        left = crashing(world, left) if left else (crashing(world, None) or 0)
        check(world)
    return world, left or 0


def check(world: World) -> None:
    """What holds whenever the operator has come to rest."""
    status = world.object.status
    by_number = {each.version: each for each in status.versions}
    assert len(by_number) <= 10
    served = by_number[deployed(world)]
    assert served.verdict is None or served.verdict.result is not Verdict.REJECTED
    pending = {each.version for each in status.versions if each.verdict is None}
    assert pending == ({status.candidate.version} if status.candidate else set())
    assert served.version not in pending
    assert (find_condition(status.conditions, "Pinned") is not None) == (status.pinned is not None)
    assert status.pinned in (None, served.version)
    promoted = [each for each in status.versions if each.verdict and each.verdict.result is Verdict.PROMOTED]
    latest = max(promoted, key=lambda each: each.promoted_at or "")
    watch = status.watch
    is_held = watch and watch.state == "Starting" and watch.version == latest.version and watch.before == served.version
    assert status.pinned or served == latest or is_held
    assert len([name for name in world.jobs if "-watch-" in name]) <= 1
    proofs = [name for name in world.jobs if "-prove-" in name]
    assert len(proofs) <= 1


def test_a_death_after_any_write_of_a_whole_round_changes_nothing_in_its_end() -> None:
    undisturbed, _ = round_with_a_death_after(None)
    assert verdicts(undisturbed) == {
        1: "Promoted FirstVersion",
        2: "Promoted Better",
        3: "Rejected Worse",
        4: "Rejected ByPerson",
        5: "Rejected RolledBack",
    }
    assert deployed(undisturbed) == 2
    for writes in range(1, 200):
        world, left = round_with_a_death_after(writes)
        assert world.object.status == undisturbed.object.status
        assert world.created == undisturbed.created
        assert Counter(world.events) <= Counter(undisturbed.events)
        if left:
            assert writes > 20
            return
    pytest.fail("a round has fewer writes")


ACTIONS = st.one_of(
    st.tuples(st.just("run"), st.integers(2, 30)),
    st.tuples(st.just("proof"), st.sampled_from(REPORTS)),
    st.tuples(st.sampled_from(["promote", "reject", "serve"]), st.integers(1, 12).map(str)),
    st.tuples(st.sampled_from(["promote", "reject", "serve"]), st.just(None)),
    st.tuples(st.just("policy"), st.sampled_from(["NotWorse", "Better", "Approve", "Always"])),
    st.tuples(st.just("broken"), st.integers(1, 12)),
    st.tuples(st.just("watch"), st.sampled_from([None, KEPT, BREACHED, UNASKED])),
    st.tuples(st.just("later"), st.sampled_from([1, 60, 4000])),
)


@given(st.lists(st.tuples(ACTIONS, st.none() | st.integers(0, 6)), max_size=25))
@settings(max_examples=60, deadline=None)
def test_whatever_happens_in_whatever_order(steps: list[tuple[tuple[str, object], int | None]]) -> None:
    world = World(model(), training_job=best())
    world.settle()
    rejected: set[int] = set()
    for (word, value), writes in steps:
        asked = {value} if word == "promote" and not _was_asked(world, value) else set()
        _do(world, word, value)
        crashing(world, writes)
        check(world)
        verdict = {each.version: each.verdict for each in world.object.status.versions if each.verdict}
        again = {n for n in rejected if n in verdict and verdict[n].result is Verdict.PROMOTED}
        assert {str(n) for n in again} <= asked
        rejected = {n for n, found in verdict.items() if found.result is Verdict.REJECTED}


def _was_asked(world: World, value: object) -> bool:
    return any(
        each.annotation == "noria.dev/promote" and each.value == value for each in world.object.status.instructions
    )


def _do(world: World, word: str, value: object) -> None:
    match word:
        case "run":
            world.training_job = best(int(str(value)))
        case "proof":
            ends_proof(world, value)
        case "policy":
            world.change(promotion={"policy": value})
        case "broken":
            world.broken.add(int(str(value)))
        case "watch":
            begin_watch(world) if value is None else end_watch(world, value)  # type: ignore[arg-type]  # it is a report
        case "later":
            world.now += timedelta(seconds=int(str(value)))
        case _:
            asked: dict[str, Any] = {word: value}
            annotate(world, **asked)
