"""Counters and histograms in Prometheus text, as TensorFlow Serving prints them: a TYPE line and no HELP.

Source: tensorflow_serving/util/prometheus_exporter.cc.
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

Labels = tuple[str, ...]
Counts = list[tuple[Labels, Any]]
"""What a metric holds, as JSON can carry it."""
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def exponential(scale: float, growth: float, count: int) -> tuple[float, ...]:
    """Bucket bounds `scale * growth^i`, as monitoring::Buckets::Exponential."""
    return tuple(scale * growth**i for i in range(count))


class Counter:
    """Counts by label."""

    def __init__(self, name: str, labels: Labels = (), kind: str = "counter") -> None:
        self.name, self.labels, self.kind = name, labels, kind
        self._values: dict[Labels, int] = {}
        self._lock = threading.Lock()

    def add(self, *labels: str, count: int = 1) -> None:
        """Count one more, or `count` more."""
        with self._lock:
            self._values[labels] = self._values.get(labels, 0) + count

    def value(self, *labels: str) -> int:
        """What was counted so far."""
        return self._values.get(labels, 0)

    def total(self) -> int:
        """What was counted so far under all labels."""
        return sum(self._values.values())

    def counts(self) -> Counts:
        """What was counted, by labels, for `absorb`."""
        return [(key, value) for key, value in self._values.items()]

    def absorb(self, counts: Counts) -> None:
        """Add what another counter of this name has counted."""
        for key, value in counts:
            self.add(*key, count=value)

    def lines(self) -> list[str]:
        """The samples in Prometheus text."""
        return [f"{self.name}{_braced(self.labels, key)} {value}" for key, value in sorted(self._values.items())]


class Histogram:
    """Distributions by label. `bounds` are the upper bounds of all buckets but the last, which has none."""

    kind = "histogram"

    def __init__(self, name: str, labels: Labels, bounds: Sequence[float]) -> None:
        self.name, self.labels, self._bounds = name, labels, bounds
        self._cells: dict[Labels, tuple[list[int], list[float]]] = {}
        self._lock = threading.Lock()

    def add(self, value: float, *labels: str) -> None:
        """Put one value into its bucket."""
        with self._lock:
            counts, total = self._cells.get(labels) or self._cells.setdefault(
                labels, ([0] * (len(self._bounds) + 1), [0.0])
            )
            counts[bisect_left(self._bounds, value)] += 1
            total[0] += value

    def counts(self) -> Counts:
        """The buckets and sums, by labels, for `absorb`."""
        return [(key, (list(counts), total[0])) for key, (counts, total) in list(self._cells.items())]

    def absorb(self, counts: Counts) -> None:
        """Add the values of another histogram of this name."""
        for key, (buckets, total) in counts:
            mine, sums = self._cells.setdefault(tuple(key), ([0] * (len(self._bounds) + 1), [0.0]))
            mine[:] = [own + other for own, other in zip(mine, buckets, strict=True)]
            sums[0] += total

    def totals(self) -> tuple[int, float]:
        """How many values there were under all labels, and their sum."""
        cells = list(self._cells.values())
        return sum(sum(counts) for counts, _ in cells), sum(total[0] for _, total in cells)

    def lines(self) -> list[str]:
        """The samples in Prometheus text, buckets cumulated."""
        lines = []
        for key, (counts, total) in sorted(self._cells.items()):
            bounds = [f"{bound:g}" for bound in self._bounds] + ["+Inf"]
            for bound, count in zip(bounds, accumulate(counts), strict=True):
                lines.append(f"{self.name}_bucket{_braced((*self.labels, 'le'), (*key, bound))} {count}")
            lines.append(f"{self.name}_sum{_braced(self.labels, key)} {total[0]:g}")
            lines.append(f"{self.name}_count{_braced(self.labels, key)} {sum(counts)}")
        return lines


class Derived:
    """A counter without labels that another metric knows the value of."""

    kind = "counter"

    def __init__(self, name: str, value: Callable[[], float]) -> None:
        self.name, self._value = name, value

    def lines(self) -> list[str]:
        """The sample in Prometheus text."""
        return [f"{self.name}{{}} {round(self._value())}"]


def _braced(names: Labels, values: Labels) -> str:
    if not names:
        return "{}"
    pairs = (f'{name}="{value.translate(_ESCAPES)}"' for name, value in zip(names, values, strict=True))
    return "{" + ",".join(pairs) + "}"


_LATENCY = exponential(10, 1.8, 33)
_COUNTS = exponential(1, 2, 15)


class Metrics:
    """The server's own metrics, and those of TensorFlow that it can know. Latencies are in microseconds."""

    def __init__(self) -> None:
        name = ":tensorflow:serving:{}".format
        batching = ":tensorflow:serving:batching_session:{}".format
        runs = Histogram(":tensorflow:core:graph_run_time_usecs_histogram", (), exponential(1000, 2, 20))
        self.graph_run_time_usecs_histogram = runs
        self.graph_runs = Derived(":tensorflow:core:graph_runs", lambda: runs.totals()[0])
        self.graph_run_time_usecs = Derived(":tensorflow:core:graph_run_time_usecs", lambda: runs.totals()[1])
        saved_model = ":tensorflow:cc:saved_model:{}".format
        self.load_attempt_count = Counter(saved_model("load_attempt_count"), ("model_path", "status"))
        self.load_latency = Counter(saved_model("load_latency"), ("model_path",))
        self.request_count = Counter(name("request_count"), ("model_name", "status"))
        self.request_latency = Histogram(name("request_latency"), ("model_name", "API", "entrypoint"), _LATENCY)
        self.runtime_latency = Histogram(name("runtime_latency"), ("model_name", "API", "runtime"), _LATENCY)
        self.request_example_counts = Histogram(name("request_example_counts"), ("model",), _COUNTS)
        self.request_example_count_total = Counter(name("request_example_count_total"), ("model",))
        self.model_warmup_latency = Histogram(name("model_warmup_latency"), ("model_path", "status"), _LATENCY)
        self.model_warmup_records_read = Counter(name("model_warmup_records_read"), ("model_path",))
        self.request_log_count = Counter(name("request_log_count"), ("model_name", "status"))
        self.mlmd_map = Counter(name("mlmd_map"), ("model_name", "version"), "gauge")
        """Versions with an identity in ML Metadata. That is a text, which the original prints as 0."""
        self.queuing_latency = Histogram(batching("queuing_latency"), ("thread_pool_name",), exponential(100, 1.2, 52))
        self.wrapped_run_count = Counter(batching("wrapped_run_count"))
        self.padding_size = Histogram(batching("padding_size"), ("execution_batch_size",), exponential(1, 2, 14))
        self.input_batch_size = Histogram(batching("input_batch_size"), (), exponential(1, 2, 14))
        self.processed_batch_size = Histogram(batching("processed_batch_size"), (), exponential(1, 2, 14))

    def values(self, names: Iterable[str]) -> dict[str, int]:
        """What each counter of these names, given with slashes or colons, has counted; 0 for others."""
        counters = {metric.name: metric for metric in vars(self).values() if isinstance(metric, Counter)}
        found = {name: counters.get(name.replace("/", ":")) for name in names}
        return {name: counter.total() if counter else 0 for name, counter in found.items()}

    def counts(self) -> dict[str, Counts]:
        """Everything by name, for the `absorb` of another process."""
        return {name: metric.counts() for name, metric in self._counted()}

    def absorb(self, counts: dict[str, Counts]) -> None:
        """Add everything that another process has counted."""
        for name, metric in self._counted():
            metric.absorb(counts.get(name, []))

    def _counted(self) -> Iterator[tuple[str, Counter | Histogram]]:
        return ((name, metric) for name, metric in vars(self).items() if isinstance(metric, Counter | Histogram))

    def page(self) -> str:
        """Everything in Prometheus text."""
        lines = []
        for metric in vars(self).values():
            lines += [f"# TYPE {metric.name} {metric.kind}", *metric.lines()]
        return "\n".join(lines) + "\n"
