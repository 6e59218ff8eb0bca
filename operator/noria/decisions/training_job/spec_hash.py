"""The hash of what a run depends on in its TrainingJob's spec. Used by `cause`, `begin` and `model.version`."""

import hashlib
import json
from typing import Any

from noria.api import TrainingJob
from noria.api.run import RunStatus
from noria.api.training_job import TrainingJobSpec

_DEFAULTS: dict[str, Any] = {
    "ensemble": "IfBetter",
    "search": {"strategy": "Portfolio", "trials": 5},
    "resources": {"gpus": 0, "cpu": "1", "memory": "2Gi"},
}
"""Values that hash as if they were absent: the first defaults of v1alpha1, which never change here. A later default
changes neither the hash of existing objects nor that of specs which spell the old default out."""


def spec_hash(spec: TrainingJobSpec) -> str:
    """Hash of the fields whose change starts a run: datasetRef, metric, search, ensemble and resources."""
    relevant = {
        "datasetRef": spec.dataset_ref.name,
        "metric": spec.metric,
        "search": _given(spec.search.to_dict(), _DEFAULTS["search"]),
        "resources": _given(spec.resources.to_dict(), _DEFAULTS["resources"]),
        **_given({"ensemble": spec.ensemble}, _DEFAULTS),
    }
    text = json.dumps(relevant, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _given(values: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value != defaults.get(name) and value != []}


def is_of_this_spec(run: RunStatus, job: TrainingJob) -> bool:
    """Whether the run is what the spec asks for."""
    return run.spec_hash == spec_hash(job.spec)
