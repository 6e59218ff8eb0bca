"""Times in a status, as Kubernetes writes them."""

from datetime import UTC, datetime


def to_text(moment: datetime) -> str:
    """Seconds in UTC: `2026-11-22T19:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_text(text: str) -> datetime:
    """The moment that `to_text` wrote."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
