"""The operator's metrics. Names and labels are in docs/operations.md; no label is an object's name."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)

QUEUE_DEPTH = Gauge("noria_queue_depth_objects", "Objects waiting to be reconciled.")
CACHED = Gauge("noria_cache_records_objects", "Objects in the cache.", ["kind"])
RECONCILE_SECONDS = Histogram(
    "noria_reconcile_duration_seconds",
    "Time to reconcile one object once, requests to the API server included.",
    ["kind"],
    buckets=_SECONDS,
)
RECONCILES = Counter("noria_reconcile_total", "Reconciles by result.", ["kind", "result"])
PASS_SECONDS = Histogram(
    "noria_pass_duration_seconds", "Deprecated: use noria_reconcile_duration_seconds.", ["kind"], buckets=_SECONDS
)
PASSES = Counter("noria_pass_total", "Deprecated: use noria_reconcile_total.", ["kind", "result"])
WRITES = Counter(
    "noria_api_writes_total", "Writes to the API server by kind, verb and status code.", ["kind", "verb", "code"]
)
TRIALS = Counter("noria_trial_total", "Finished trials by result.", ["result"])
LOST_NOTIFICATIONS = Counter(
    "noria_notifications_lost_total",
    "Notifications that a user's server did not take, and that are not sent again.",
    ["kind"],
)
DRIFT = Counter("noria_watch_missed_total", "Changes that the watch missed and a comparison found.", ["kind"])
UNREADABLE = Counter(
    "noria_unreadable_total", "Objects and watch events that could not be read and were left aside.", ["kind"]
)
SET_ASIDE = Counter("noria_status_refused_total", "Statuses that the API server refused.", ["kind"])
LEADER = Gauge("noria_leader_replicas", "1 while this replica is the leader.")


def observe_reconcile(*, kind: str, result: str, seconds: float) -> None:
    """Count a reconcile, also under the deprecated names of the metrics."""
    for duration in (RECONCILE_SECONDS, PASS_SECONDS):
        duration.labels(kind=kind).observe(seconds)
    for total in (RECONCILES, PASSES):
        total.labels(kind=kind, result=result).inc()
