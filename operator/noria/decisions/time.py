"""Times in a status, as Kubernetes writes them."""

from datetime import UTC, datetime, timedelta

CLOCKS_DIFFER = timedelta(minutes=5)
"""By which clocks of machines that are in order may differ."""


def to_text(moment: datetime) -> str:
    """Seconds in UTC: `2026-11-22T19:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_text(text: str) -> datetime:
    """The moment that `to_text` wrote."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def is_of_wrong_clock(moment: datetime, now: datetime) -> bool:
    """Whether this past moment lies in the future: it was written while a clock was ahead, and says nothing."""
    return moment - now > CLOCKS_DIFFER
