"""What the counters of model servers say: requests by outcome, and how long they took.

TensorFlow Serving and noria-server have the same metrics: `request_count` by model and status, and `request_latency`,
in microseconds, of answered requests. Probes are in the first, under the status OK, and not in the second, so answered
requests are counted by their latency.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from noria.contract.shape import Shape

_COUNT, _LATENCY = ":tensorflow:serving:request_count", ":tensorflow:serving:request_latency"
_ANSWERED = "OK"
_FAULTS = frozenset({"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"})
"""The server's own faults, answered with HTTP 5xx; other statuses refuse the request."""


@dataclass(frozen=True)
class Bucket:
    """Answered requests with latencies between two bounds in microseconds."""

    low: float
    high: float
    before: int
    """How many were faster."""
    inside: int


class Tally(Shape):
    """Requests of some time, to one pod or to several."""

    answered: int = 0
    errors: int = 0
    """Answered with 5xx."""
    refusals: int = 0
    """Answered with 4xx."""
    microseconds: float = 0.0
    """That the answered ones took together."""
    below: tuple[tuple[float, int], ...] = ()
    """Bounds in microseconds, ascending, and how many answered ones took no longer."""

    @property
    def requests(self) -> int:
        """All of them."""
        return self.answered + self.errors + self.refusals

    @property
    def mean(self) -> float:
        """Mean latency in microseconds; 0 if nothing was answered."""
        return self.microseconds / self.answered if self.answered else 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return _combined(self, other, 1)

    def __sub__(self, other: "Tally") -> "Tally":
        return _combined(self, other, -1)

    def is_behind(self, other: "Tally") -> bool:
        """Whether something was counted less often: counters only grow, so they began again."""
        mine, theirs = ((each.answered, each.errors, each.refusals) for each in (self, other))
        return any(here < there for here, there in zip(mine, theirs, strict=True))

    @property
    def buckets(self) -> tuple["Bucket", ...]:
        """The answered requests by latency, the last bucket without an upper bound."""
        bounds, counts = zip((0.0, 0), *self.below, (math.inf, self.answered), strict=True)
        return tuple(
            Bucket(low, high, before, count - before)
            for (low, high), (before, count) in zip(pairwise(bounds), pairwise(counts), strict=True)
        )

    def bucket(self, share: float) -> "Bucket":
        """That of the latency which this share of the answered requests does not exceed."""
        wanted = share * self.answered
        filled = [each for each in self.buckets if each.inside > 0]
        found = (each for each in filled if each.before + each.inside >= wanted)
        return next(found, Bucket(0.0, 0.0, 0, 0))

    def quantile(self, share: float) -> float:
        """The latency, in microseconds, that this share of the answered requests does not exceed.

        Interpolated within its bucket, as Prometheus' `histogram_quantile`; 0 if nothing was answered.
        """
        found = self.bucket(share)
        if not found.inside or math.isinf(found.high):
            return found.low
        return found.low + (found.high - found.low) * (share * self.answered - found.before) / found.inside


def read_tally(page: str, model: str) -> Tally:
    """What a server's page of Prometheus text says of a model. Raises ValueError if it is none."""
    try:
        return _counted(_samples(page, model))
    except KeyError as error:
        raise ValueError(f"a sample lacks {error}") from error


def _samples(page: str, model: str) -> Iterator[Sample]:
    """The model's samples that can be counts."""
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            is_count = math.isfinite(sample.value) and sample.value >= 0
            if is_count and sample.labels.get("model_name") == model:
                yield sample


def _counted(samples: Iterable[Sample]) -> Tally:
    failed: Counter[str] = Counter()
    below: Counter[float] = Counter()
    answered, microseconds = 0, 0.0
    for sample in samples:
        if sample.name == f"{_COUNT}_total" and sample.labels["status"] != _ANSWERED:
            failed[sample.labels["status"]] += int(sample.value)
        elif sample.name == f"{_LATENCY}_bucket" and math.isfinite(bound := float(sample.labels["le"])):
            below[bound] += int(sample.value)
        elif sample.name == f"{_LATENCY}_count":
            answered += int(sample.value)
        elif sample.name == f"{_LATENCY}_sum":
            microseconds += sample.value
    errors = sum(count for status, count in failed.items() if status in _FAULTS)
    return Tally(
        answered=answered,
        errors=errors,
        refusals=failed.total() - errors,
        microseconds=microseconds,
        below=tuple(sorted(below.items())),
    )


def _combined(one: Tally, other: Tally, sign: int) -> Tally:
    """The sum or the difference. Servers of one kind have the same bounds; one that was never asked has none."""
    mine, theirs = dict(one.below), dict(other.below)
    bounds = sorted(mine.keys() | theirs.keys())
    return Tally(
        answered=one.answered + sign * other.answered,
        errors=one.errors + sign * other.errors,
        refusals=one.refusals + sign * other.refusals,
        microseconds=one.microseconds + sign * other.microseconds,
        below=tuple((bound, mine.get(bound, 0) + sign * theirs.get(bound, 0)) for bound in bounds),
    )
