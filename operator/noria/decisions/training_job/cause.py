"""Why the next run of a TrainingJob starts, if one does. Used by `begin`."""

import hashlib

from noria.api import TrainingJob
from noria.api.kind import REQUESTED_AT
from noria.api.run import Cause
from noria.decisions.training_job.retrain import Start, retraining
from noria.decisions.training_job.situation import Situation
from noria.decisions.training_job.spec_hash import is_of_this_spec


def next_start(at: Situation) -> Start | None:
    """Why the next run starts; none if the last one is the answer to all that is asked.

    | state | cause |
    |---|---|
    | no run | Created |
    | a run-relevant field differs from the run's | SpecChanged: the current run is given up |
    | the run has not ended | none: it ends first |
    | the annotation differs from the run's | Requested |
    | spec.retrain admits the Dataset's newer revision | NewRevision, NewExamples or Schedule, see `retraining` |

    A run keeps the spec's hash, the revision and the annotation, so each combination starts one run.
    """
    run = at.status.run
    if run is None:
        return Start(Cause.CREATED, "the TrainingJob had no run")
    if not is_of_this_spec(run, at.job):
        return Start(Cause.SPEC_CHANGED, "datasetRef, metric, search, ensemble or resources changed")
    if run.finished_at is None:
        return None
    request = request_of(at.job)
    if request and request != run.request:
        return Start(Cause.REQUESTED, f"{REQUESTED_AT} is {at.job.metadata.annotations[REQUESTED_AT][:64]}")
    found = retraining(at)
    return found if isinstance(found, Start) else None


def request_of(job: TrainingJob) -> str | None:
    """Hash of the annotation that requests a run, which may be long; none without it."""
    value = job.metadata.annotations.get(REQUESTED_AT)
    return hashlib.sha256(value.encode()).hexdigest()[:16] if value else None
