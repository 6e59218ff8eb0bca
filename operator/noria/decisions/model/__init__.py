"""What to do next for a Model: which version, which children, does it answer. Called by the Model controller."""

from datetime import datetime

from noria.api import Model
from noria.api.model import (
    CANDIDATE_FAILED,
    LOAD_FAILED,
    LOADED,
    LOADING,
    ROLLING_OUT,
    SERVING,
    TRAINING_JOB_NOT_FOUND,
    TRAINING_JOB_NOT_READY,
    WAITING_FOR_POD,
    ModelStatus,
    VersionStatus,
)
from noria.decisions import state
from noria.decisions.cure import with_cure
from noria.decisions.decision import Decision
from noria.decisions.model.child import unlike
from noria.decisions.model.rollout import Rollout, observe_rollout
from noria.decisions.model.version import MOST_VERSIONS, next_version
from noria.decisions.seen import SeenModel
from noria.resources.service import url
from noria.resources.settings import Settings

WARNINGS = frozenset({WAITING_FOR_POD, CANDIDATE_FAILED})


def decide_model(model: Model, seen: SeenModel, settings: Settings, now: datetime) -> Decision:
    """Serve what the source names last, and keep serving what was served until it answers.

    | what is | what is done |
    |---|---|
    | being deleted | nothing: children go with their owner |
    | nothing was ever named, and there is no TrainingJob | Reconciling, TrainingJobNotFound |
    | nothing was ever named, and it has no result yet | Reconciling, TrainingJobNotReady |
    | the source names another artifact than the last version's | it becomes the next version |
    | a child is missing or not as it should be | it is applied |
    | then | the conditions tell how far its rollout is, see `_told` |
    """
    if model.metadata.deletion_timestamp:
        return Decision(model.status)
    version = next_version(model, seen.training_job, now)
    if version is None:
        status = _waiting_for_source(model, seen, now)
        return Decision(status, events=state.events(model.status, status, warnings=WARNINGS))
    rollout = observe_rollout(version, seen, served=model.status.served)
    status = model.status.model_copy(
        update={
            "versions": _with(model.status.versions, version, rollout),
            "url": url(model, settings),
            "served": rollout.served,
            "replicas": rollout.replicas,
        }
    )
    status = _told(status, model, version, rollout, now)
    return Decision(
        status,
        apply=unlike(model, version, seen, settings),
        events=state.events(model.status, status, warnings=WARNINGS),
    )


def _waiting_for_source(model: Model, seen: SeenModel, now: datetime) -> ModelStatus:
    reference = model.spec.source.training_job_ref
    name = reference.name if reference else ""
    if seen.training_job is None:
        reason, place = TRAINING_JOB_NOT_FOUND, model.metadata.namespace
        message = f"TrainingJob {name} is not in namespace {place}: create it, or correct spec.source"
    else:
        reason, message = TRAINING_JOB_NOT_READY, f"TrainingJob {name} has no result yet"
    status = state.with_fact(
        model.status, model, LOADED, False, reason=reason, message="there is nothing to load yet", now=now
    )
    return state.progressing(status, model, reason=reason, message=message, now=now)


def _told(status: ModelStatus, model: Model, version: VersionStatus, rollout: Rollout, now: datetime) -> ModelStatus:
    """The conditions.

    | answering pods | the rollout | Ready | reason |
    |---|---|---|---|
    | some | is over | True | Serving |
    | some | has failed | True | CandidateFailed, with why |
    | some | goes on | True | RollingOut |
    | none | has failed | False, Stalled | LoadFailed, with why |
    | none | is held up | False, Reconciling | WaitingForPod, in the cluster's words |
    | none | goes on | False, Reconciling | Loading |
    """
    candidate = f"version {version.version}"
    if rollout.served is None:
        message = f"{candidate} is being loaded"
        status = state.with_fact(status, model, LOADED, False, reason=LOADING, message="no version answers", now=now)
        if rollout.failure:
            message = f"{candidate} cannot be loaded: {rollout.failure}"
            return state.stalled(status, model, reason=LOAD_FAILED, message=message, now=now)
        reason = WAITING_FOR_POD if rollout.words else LOADING
        return state.progressing(status, model, reason=reason, message=with_cure(rollout.words) or message, now=now)
    answers = f"version {rollout.served} answers"
    status = state.with_fact(status, model, LOADED, True, reason=SERVING, message=answers, now=now)
    if rollout.is_over:
        return state.ready(status, model, reason=SERVING, message=f"{answers} at {status.url}", now=now)
    if rollout.failure:
        told = (
            rollout.failure if rollout.served == version.version else f"{candidate} cannot be loaded: {rollout.failure}"
        )
        message = f"{answers}; {told}"
        return state.ready(status, model, reason=CANDIDATE_FAILED, message=message, now=now)
    held = f", which waits: {with_cure(rollout.words)}" if rollout.words else ""
    message = f"{answers}; {candidate} is being rolled out{held}"
    return state.ready(status, model, reason=ROLLING_OUT, message=message, now=now)


def _with(versions: tuple[VersionStatus, ...], latest: VersionStatus, rollout: Rollout) -> tuple[VersionStatus, ...]:
    """The last ten versions, the latest with why it cannot be served."""
    latest = latest.model_copy(update={"message": rollout.failure or None})
    earlier = (version for version in versions if version.version != latest.version)
    return (*earlier, latest)[-MOST_VERSIONS:]
