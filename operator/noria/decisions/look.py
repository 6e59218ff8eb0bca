"""When a Dataset's source is profiled again. Used by `decisions.dataset`."""

import hashlib
import json
from datetime import datetime
from typing import Any

from noria.api import Dataset
from noria.api.dataset import DatasetSpec, DatasetStatus
from noria.api.duration import seconds
from noria.api.kind import REQUESTED_AT
from noria.contract import HOLDOUT_FRACTION
from noria.decisions.step import backoff, remaining
from noria.decisions.time import from_text


def look_hash(dataset: Dataset) -> str:
    """Hash of what a profile run depends on: the annotation, and the spec without what says when and whom to tell."""
    spec = dataset.spec.to_dict()
    spec["holdout"] = spec["holdout"] or {"fraction": HOLDOUT_FRACTION}
    spec["source"].pop("pollInterval", None)
    spec.pop("shareExperience", None)
    spec.pop("notify", None)
    asked: list[Any] = [spec, dataset.metadata.annotations.get(REQUESTED_AT)]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def seconds_until_look(spec: DatasetSpec, status: DatasetStatus, wanted: str, now: datetime) -> float | None:
    """Until the next profile run is due; none if none is planned."""
    interval = spec.source.poll_interval
    if status.profiled_spec != wanted or status.profiled_at is None:
        return 0
    if status.refusals:
        return remaining(from_text(status.profiled_at), backoff(status.refusals), now)
    return remaining(from_text(status.profiled_at), seconds(interval), now) if interval else None
