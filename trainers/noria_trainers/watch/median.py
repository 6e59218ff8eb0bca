"""The median latency of a histogram whose buckets are wider than the slowdown that is looked for. Used by `watch.rule`.

Latencies are about log-normal, so between the bounds of a bucket the deviate of the normal distribution is interpolated
over the logarithm of the latency. Where nearly all requests are in one bucket, or in two, that says little about the
place in it; but then they are alike, so their median is about their mean, which the histogram's exact sum bounds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from noria_trainers.watch.tally import Bucket, Tally

NEARLY_ALL = 0.9
"""Share of the requests in one or two buckets from which their mean counts."""
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Median:
    """A median in microseconds."""

    value: float
    low: float
    high: float
    """Between which it is, where one bucket alone has nearly all requests; else the value."""


def median_of(tally: Tally) -> Median:
    """The median latency of answered requests; 0 if there were none."""
    bucket = tally.bucket(0.5)
    value = _interpolated(bucket, tally.answered)
    core = _core(bucket, tally)
    if not core:
        return Median(value, value, value)
    low, high = (min(max(mean, bucket.low), bucket.high) for mean in _mean_inside(core, tally))
    value = min(max(value, low), high)
    return Median(value, low, high) if core == (bucket,) else Median(value, value, value)


def _core(bucket: Bucket, tally: Tally) -> Sequence[Bucket]:
    """The bucket, if need be with the one below or above, where that has nearly all requests; else none."""
    buckets = tally.buckets
    found = buckets.index(bucket) if bucket in buckets else 0
    for core in (buckets[found : found + 1], buckets[max(0, found - 1) : found + 1], buckets[found : found + 2]):
        is_bounded = math.isfinite(core[-1].high)
        if is_bounded and sum(each.inside for each in core) >= NEARLY_ALL * tally.answered > 0:
            return core
    return ()


def _interpolated(bucket: Bucket, answered: int) -> float:
    if not bucket.inside or not math.isfinite(bucket.high):
        return bucket.low
    ends = bucket.before, bucket.before + bucket.inside
    counted = max(answered, *ends)  # a server may count a request in its bucket before it counts it as answered
    below, above = (_deviate(count, counted) for count in ends)
    share = min(max(-below / (above - below), 0.0), 1.0)
    return bucket.low * (bucket.high / bucket.low) ** share if bucket.low else bucket.high * share


def _deviate(count: int, answered: int) -> float:
    return _NORMAL.inv_cdf((count + 0.5) / (answered + 1))


def _mean_inside(core: Sequence[Bucket], tally: Tally) -> tuple[float, float]:
    """Bounds of the mean of the latencies in these buckets: what is left of the sum without the others."""
    others = [each for each in tally.buckets if each.inside and each not in core]
    least, most = sum(each.inside * each.low for each in others), sum(each.inside * each.high for each in others)
    inside = sum(each.inside for each in core)
    return (tally.microseconds - most) / inside, (tally.microseconds - least) / inside
