"""Time spans in the notation of specs, e.g. `1h30m`."""

import re

_SECONDS = {"h": 3600, "m": 60, "s": 1}


def seconds(duration: str) -> int:
    """Seconds in a `Duration`: `90s` is 90, `1h30m` is 5400."""
    return sum(int(amount) * _SECONDS[unit] for amount, unit in re.findall(r"(\d+)([hms])", duration))


def written(seconds: float) -> str:
    """Whole seconds as a `Duration`: 90 is `1m30s`, 5400 is `1h30m`, 0 is `0s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (rest, "s"))
    return "".join(f"{amount}{unit}" for amount, unit in parts if amount) or "0s"
