"""Times of schedules: by the clock of their zone, over the nights when it is set, and what cannot be read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noria.api.retrain import ScheduleSpec
from noria.decisions.schedule import next_time


def times(cron: str, zone: str, after: str, count: int = 1) -> list[str]:
    """The next times in UTC."""
    found, time = [], datetime.fromisoformat(after).replace(tzinfo=UTC)
    for _ in range(count):
        time = next_time(ScheduleSpec(cron=cron, timezone=zone), time)
        found.append(time.strftime("%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        pytest.param("0 3 * * 1", "UTC", "2026-11-22T12:00", ["11-23 03:00", "11-30 03:00"], id="Mondays"),
        pytest.param("0 3 * * MON", "Asia/Tokyo", "2026-11-22T12:00", ["11-22 18:00", "11-29 18:00"], id="of Tokyo"),
        pytest.param(
            "0 9 * * *", "Europe/Paris", "2026-03-28T00:00", ["03-28 08:00", "03-29 07:00"], id="summer time begins"
        ),
        pytest.param(
            "0 9 * * *", "Europe/Paris", "2026-10-24T00:00", ["10-24 07:00", "10-25 08:00"], id="summer time ends"
        ),
        pytest.param(
            "30 2 * * *",
            "Europe/Paris",
            "2026-03-28T12:00",
            ["03-29 01:00", "03-30 00:30"],
            id="a time that is skipped",
        ),
        pytest.param(
            "30 2 * * *",
            "Europe/Paris",
            "2026-10-24T12:00",
            ["10-25 00:30", "10-26 01:30"],
            id="a time that comes twice",
        ),
        pytest.param(
            "30 2 * * *", "Europe/Paris", "2026-10-25T01:05", ["10-26 01:30"], id="before a time comes the second time"
        ),
        pytest.param("0 * * * *", "Europe/Paris", "2026-10-24T23:30", ["10-25 00:00", "10-25 01:00"], id="hours go on"),
        pytest.param("30 1 * * *", "Australia/Lord_Howe", "2026-04-03T20:00", ["04-04 14:30"], id="half an hour"),
        pytest.param(" 0  3 1,15 * * ", "UTC", "2026-11-02T00:00", ["11-15 03:00", "12-01 03:00"], id="spaces"),
        pytest.param("0 0 29 2 *", "UTC", "2026-01-01T00:00", ["02-29 00:00"], id="leap day"),
    ],
)
def test_times_go_by_the_clock_of_the_zone(cron: str, zone: str, after: str, expected: list[str]) -> None:
    assert times(cron, zone, after, len(expected)) == expected


@pytest.mark.parametrize(
    ("cron", "zone", "words"),
    [
        pytest.param("61 3 * * *", "UTC", "bad minute", id="minute"),
        pytest.param("0 3 * * 9", "UTC", "bad day-of-week", id="day of week"),
        pytest.param("0 3 30 2 *", "UTC", "bad day-of-month", id="a day that never comes"),
        pytest.param("0 3 * * FRY", "UTC", "bad day-of-week", id="name of a day"),
        pytest.param("0 3 L/2 * 1L/2", "UTC", "cannot be read", id="steps of the last"),
        pytest.param("0 3 * * *", "Europe/Pari", "timezone Europe/Pari is not in the IANA database", id="zone"),
        pytest.param("0 3 * * *", "Europe", "timezone Europe is not in the IANA database", id="a part of names"),
        pytest.param("0 3 * * *", "CEST", "timezone CEST is not in the IANA database", id="abbreviation"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(cron: str, zone: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        times(cron, zone, "2026-11-22T12:00")


@given(st.from_regex("[0-9A-Z*,/#-]{1,9}( [0-9A-Z*,/#-]{1,5}){4}", fullmatch=True))
def test_any_text_that_the_schema_takes_is_a_later_time_or_words(cron: str) -> None:
    after = datetime(2026, 11, 22, 12, tzinfo=UTC)
    try:
        found = next_time(ScheduleSpec(cron=cron, timezone="America/New_York"), after)
    except ValueError as error:
        found, words = None, str(error)
    assert found > after if found else "it is minute, hour, day of month" in words
