"""Times as people read them: how long ago, and how long still."""

from datetime import UTC, datetime

from noria.decisions.time import from_text

_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
NONE = "-"


def present() -> datetime:
    """The time."""
    return datetime.now(UTC)


def moment(text: str | datetime | None) -> datetime | None:
    """A time in a status."""
    if text is None or isinstance(text, datetime):
        return text
    return from_text(text)


def span(seconds: float | None) -> str:
    """The two largest units of a time span: `3d4h`, `12m`, `45s`."""
    if seconds is None:
        return NONE
    rest = max(0, round(seconds))
    words: list[str] = []
    for size, unit in _UNITS:
        amount, rest = divmod(rest, size)
        if amount or (unit == "s" and not words):
            words.append(f"{amount}{unit}")
        elif words:
            break
    return "".join(words[:2])
