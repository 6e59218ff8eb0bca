"""When a version serves worse than the one before: the rule for one window, and how many such windows are a breach."""

import math
from dataclasses import dataclass

from noria_trainers.watch.median import median_of
from noria_trainers.watch.tally import Tally
from noria_trainers.watch.window import Window

WINDOWS_RUNNING = 3
"""So many bad windows, one after the other, are a breach."""
SLOWER_TIMES, _CERTAINLY_TIMES = 1.5, 1.2
"""By which the median is too slow: as it is estimated, and at the least."""
FEW = 20
"""Fewer answered requests say nothing about latency."""
_CHANCE = 0.001
"""Probability below which a share of failed requests is not called chance."""
_ERROR_FLOOR, _UNKNOWN_ERRORS = 0.001, 0.05
"""Shares of 5xx that are always tolerated: where it is known how the version before has served, and where it is not."""
_MORE_REFUSALS, _UNKNOWN_REFUSALS = 0.1, 0.5
"""The same for 4xx, above the share of the version before: clients cause most of these."""


@dataclass(frozen=True)
class Fault:
    """What is bad about a window."""

    reason: str
    message: str


def fault_of(window: Window, before: Tally | None) -> Fault | None:
    """What is bad about a window of a version, where so many requests went to the version before; none if nothing is.

    | the window | reason |
    |---|---|
    | no pod was ready | Down |
    | a server was started again | Restarts |
    | more 5xx than chance explains | Errors |
    | 4xx up by more than ten points and chance | Refusals |
    | median latency above 1.5 times that of the version before | Slower |

    Without a version before to compare with, 5xx are bad above a twentieth, 4xx above half, and latency never.
    """
    now = window.tally
    if window.is_down:
        return Fault("Down", "no pod of it is ready")
    if window.restarts:
        return Fault("Restarts", f"{window.restarts} of its servers ended and were started again")
    tolerated = max(_share(before.errors, before), _ERROR_FLOOR) if before else _UNKNOWN_ERRORS
    if _exceeds(now.errors, now.requests, tolerated):
        return Fault("Errors", f"{_part(now.errors, now)} failed with 5xx{_compared(before, 'errors')}")
    tolerated = _share(before.refusals, before) + _MORE_REFUSALS if before else _UNKNOWN_REFUSALS
    if _exceeds(now.refusals, now.requests, tolerated):
        return Fault("Refusals", f"{_part(now.refusals, now)} were refused with 4xx{_compared(before, 'refusals')}")
    if before and _is_slower(now, before):
        return Fault("Slower", f"{latency(now)}; before {latency(before)}")
    return None


def latency(tally: Tally) -> str:
    """Median and 99th percentile in words."""
    return f"p50 {median_of(tally).value / 1000:.3g} ms, p99 {tally.quantile(0.99) / 1000:.3g} ms"


def _is_slower(now: Tally, before: Tally) -> bool:
    """Whether the median is above 1.5 times that of before.

    Where a histogram leaves open where the medians are, they differ for certain, or the means differ as much.
    """
    if min(now.answered, before.answered) < FEW:
        return False
    mine, theirs = median_of(now), median_of(before)
    is_certain = mine.low > _CERTAINLY_TIMES * theirs.high
    return mine.value > SLOWER_TIMES * theirs.value and (is_certain or now.mean > SLOWER_TIMES * before.mean)


def _share(count: int, tally: Tally) -> float:
    """Share of requests, by the rule of succession: of few requests, none failed says little."""
    return (count + 1) / (tally.requests + 2)


def _exceeds(count: int, requests: int, share: float) -> bool:
    """Whether chance hardly explains that many of these requests where `share` is usual.

    By Chernoff's bound of the binomial tail: exp(-n KL(count/n, share)).
    """
    found = count / requests if requests else 0.0
    if found <= share:
        return False
    rest = (1 - found) * math.log((1 - found) / (1 - share)) if found < 1 else 0.0
    return math.exp(-requests * (found * math.log(found / share) + rest)) < _CHANCE


def _part(count: int, tally: Tally) -> str:
    return f"{count:,} of {tally.requests:,} requests ({count / tally.requests:.1%})"


def _compared(before: Tally | None, what: str) -> str:
    return f"; before {_part(getattr(before, what), before)}" if before and before.requests else ""
