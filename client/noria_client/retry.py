"""When a request that failed is sent again. Used by `model`, `async_model`, `http` and `channel`.

A prediction changes nothing at the server, so it may be sent twice. It is where no server answered, where the
connection broke, and where the server or a gateway asks to come back. It is not after a timeout, since the server may
still be busy with the first one, nor where the server refused it.
"""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from noria_client.error import ClientError


class TransientError(Exception):
    """A failure that may pass."""

    def __init__(self, error: ClientError, after: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        """What is raised once there have been enough retries."""
        self.after = after
        """Seconds that the server asked to wait for."""


@dataclass(frozen=True)
class Retries:
    """How often, and how long apart."""

    most: int
    first: float = 0.2
    """Seconds that the first pause is at most; each further one may be twice as long."""
    longest: float = 10.0
    patience: float = 60.0
    """Seconds that a server may ask for."""
    chance: Callable[[], float] = field(default=random.random, repr=False)
    """Spreads clients that failed together: between 0 and 1."""

    def pause(self, failures: int, failure: TransientError) -> float:
        """Seconds before the next attempt after so many failures. Raises what the failure holds if there is none."""
        asked = failure.after or 0.0
        if failures > self.most or asked > self.patience:
            raise failure.error
        jitter = self.chance() * min(self.longest, self.first * 2.0 ** (failures - 1))
        return asked + jitter


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the header Retry-After asks for (RFC 9110, 10.2.3), as a number or a date."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
