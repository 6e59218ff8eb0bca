"""Conditions: one is set, the others stay, and its transition time tells when its status changed."""

from datetime import UTC, datetime, timedelta

import pytest

from noria.api.condition import (
    MESSAGE_BYTES,
    Condition,
    cut,
    find_condition,
    is_true,
    with_condition,
    without_conditions,
)
from noria.api.duration import seconds, written

NOON = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def ready(status: bool, now: datetime, before: tuple[Condition, ...] = (), reason: str = "R") -> tuple[Condition, ...]:
    return with_condition(before, "Ready", status, reason=reason, message="m", generation=2, now=now)


def test_a_condition_is_set_with_whole_seconds_and_its_generation() -> None:
    (condition,) = ready(False, NOON)
    assert condition.model_dump(mode="json", by_alias=True) == {
        "type": "Ready",
        "status": "False",
        "reason": "R",
        "message": "m",
        "observedGeneration": 2,
        "lastTransitionTime": "2026-01-01T12:00:00Z",
    }


def test_the_time_stays_while_the_status_does() -> None:
    before = ready(False, NOON)
    assert ready(False, LATER, before, reason="Other")[0].last_transition_time == before[0].last_transition_time
    assert ready(True, LATER, before)[0].last_transition_time == LATER.replace(microsecond=0)


def test_other_conditions_stay_and_ready_comes_first() -> None:
    both = with_condition(ready(True, NOON), "Chosen", True, reason="C", message="", generation=1, now=NOON)
    assert [condition.type for condition in both] == ["Ready", "Chosen"]
    assert [condition.type for condition in without_conditions(both, "Ready", "Stalled")] == ["Chosen"]


def test_what_is_absent_is_not_true() -> None:
    conditions = ready(True, NOON)
    assert is_true(conditions, "Ready")
    assert not is_true(conditions, "Stalled")
    assert find_condition(conditions, "Stalled") is None


@pytest.mark.parametrize("text", ["short", "x" * MESSAGE_BYTES, "x" * 5000, "ä" * 3000, "🙂" * 600])
def test_a_message_keeps_within_its_bytes(text: str) -> None:
    kept = cut(text)
    assert len(kept.encode()) <= MESSAGE_BYTES
    assert kept == text or (kept.endswith("…") and text.startswith(kept[:-1]))


def test_a_message_holds_nothing_that_a_terminal_obeys() -> None:
    assert cut("a\x1b[31m\r\n\x07b\u202e\ud800🙂") == r"a\x1b[31m  \x07b\u202e\ud800🙂"


@pytest.mark.parametrize(("text", "expected"), [("90s", 90), ("15m", 900), ("1h30m", 5400), ("1h1m1s", 3661)])
def test_durations_are_seconds(text: str, expected: int) -> None:
    assert seconds(text) == expected
    assert seconds(written(expected)) == expected


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0s"), (59.6, "1m"), (90, "1m30s"), (5400, "1h30m"), (86401, "24h1s")]
)
def test_seconds_are_written_as_durations(amount: float, text: str) -> None:
    assert written(amount) == text
