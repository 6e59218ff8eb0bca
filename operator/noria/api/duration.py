"""Time spans as specs write them, e.g. `1h30m`."""

import re

_SECONDS = {"h": 3600, "m": 60, "s": 1}


def seconds(duration: str) -> int:
    """Seconds in a `Duration`: `90s` is 90, `1h30m` is 5400."""
    return sum(int(amount) * _SECONDS[unit] for amount, unit in re.findall(r"(\d+)([hms])", duration))
