"""The operator's metrics. Names and labels are in docs/operations.md; no label is an object's name."""

from prometheus_client import Counter, Gauge, Histogram

QUEUE_DEPTH = Gauge("noria_queue_depth_objects", "Objects that wait for a pass.")
CACHED = Gauge("noria_cache_records_objects", "Objects in the cache.", ["kind"])
PASS_SECONDS = Histogram(
    "noria_pass_duration_seconds",
    "Time of one pass over one object, requests to the API server included.",
    ["kind"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
)
PASSES = Counter("noria_pass_total", "Passes over objects by how they ended.", ["kind", "result"])
WRITES = Counter("noria_api_writes_total", "Writes to the API server by what was written.", ["kind", "verb", "code"])
TRIALS = Counter("noria_trial_total", "Trials that ended, by result.", ["result"])
DRIFT = Counter("noria_watch_missed_total", "Changes that a comparison found and no watch brought.", ["kind"])
LEADER = Gauge("noria_leader_replicas", "1 while this replica is the leader.")
