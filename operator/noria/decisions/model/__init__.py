"""What to do next for a Model: which version, which children, whether it answers. Used by `controllers.model`."""

from datetime import datetime

from noria.api import Model
from noria.api.model import (
    ARTIFACT_REFUSED,
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
from noria.contract import replaced
from noria.decision import Decision
from noria.decisions import state
from noria.decisions.model.child import unlike
from noria.decisions.model.rollout import Rollout, observe_rollout
from noria.decisions.model.version import MOST_VERSIONS, next_version
from noria.decisions.seen import SeenModel
from noria.decisions.state import Conditions
from noria.resources.deployment import template_digest
from noria.resources.installation import Installation
from noria.resources.service import url

WARNINGS = frozenset({WAITING_FOR_POD, CANDIDATE_FAILED})


def decide_model(model: Model, seen: SeenModel, settings: Installation, now: datetime) -> Decision[ModelStatus]:
    """Serve the latest artifact of the source, and keep serving the one before until it answers.

    | state | action |
    |---|---|
    | being deleted | nothing: children are deleted with their owner |
    | no version yet, and the artifact is not the namespace's to read | Stalled, ArtifactRefused |
    | no version yet, and no TrainingJob | Reconciling, TrainingJobNotFound |
    | no version yet, and the TrainingJob has no result | Reconciling, TrainingJobNotReady |
    | the source's artifact differs from the last version's | it becomes the next version |
    | a child is missing or differs from what it should be | it is applied |
    | then | the conditions show the progress of the rollout, see `_with_conditions` |
    """
    if model.metadata.deletion_timestamp:
        return Decision(model.status)
    refusal = _refusal(model, settings)
    version = next_version(model, seen.training_job, now, is_refused=bool(refusal))
    if version is None:
        status = _waiting_for_source(model, seen, refusal, now)
        return Decision(status, events=state.events(model.status, status, warnings=WARNINGS))
    template = template_digest(model, version, settings)
    rollout = observe_rollout(version, seen, template=template, served=model.status.served)
    status = replaced(
        model.status,
        versions=_with(model.status.versions, version, rollout),
        url=url(model, settings),
        served=rollout.served,
        replicas=rollout.replicas,
    )
    conditions = Conditions(status, model.metadata.generation, now)
    status = _with_conditions(conditions, version, rollout, refusal)
    return Decision(
        status,
        apply=unlike(model, version, seen, settings),
        events=state.events(model.status, status, warnings=WARNINGS),
    )


def _refusal(model: Model, settings: Installation) -> str:
    """Why the artifact that the Model names may not be read, if so."""
    artifact = model.spec.source.artifact
    return settings.home(model.metadata.namespace).why_refused(artifact.uri) if artifact else ""


def _waiting_for_source(model: Model, seen: SeenModel, refusal: str, now: datetime) -> ModelStatus:
    conditions = Conditions(model.status, model.metadata.generation, now)
    if refusal:
        conditions = conditions.fact(LOADED, False, reason=ARTIFACT_REFUSED, message="there is nothing to load")
        return conditions.stalled(ARTIFACT_REFUSED, refusal)
    reference = model.spec.source.training_job_ref
    name = reference.name if reference else ""
    if seen.training_job_problem:
        reason, message = TRAINING_JOB_NOT_READY, f"TrainingJob {name} is not ready: {seen.training_job_problem}"
    elif seen.training_job is None:
        reason, place = TRAINING_JOB_NOT_FOUND, model.metadata.namespace
        message = f"TrainingJob {name} is not in namespace {place}: create it, or correct spec.source"
    else:
        reason, message = TRAINING_JOB_NOT_READY, f"TrainingJob {name} has no result yet"
    conditions = conditions.fact(LOADED, False, reason=reason, message="there is nothing to load yet")
    return conditions.progressing(reason, message)


def _with_conditions(
    conditions: Conditions[ModelStatus], version: VersionStatus, rollout: Rollout, refusal: str
) -> ModelStatus:
    """The status with its conditions.

    | answering pods | the rollout | Ready | reason |
    |---|---|---|---|
    | some | is over, and what the source names is not the namespace's to read | True | CandidateFailed, with why |
    | some | is over | True | Serving |
    | some | has failed | True | CandidateFailed, with why |
    | some | is in progress | True | RollingOut |
    | none | has failed | False, Stalled | LoadFailed, with why |
    | none | is held up | False, Reconciling | WaitingForPod, with the cluster's message |
    | none | is in progress | False, Reconciling | Loading |
    """
    candidate = f"version {version.version}"
    if rollout.served is None:
        conditions = conditions.fact(LOADED, False, reason=LOADING, message="no version answers")
        if rollout.failure:
            return conditions.stalled(LOAD_FAILED, f"{candidate} cannot be loaded: {rollout.failure}")
        if rollout.message:
            return conditions.progressing(WAITING_FOR_POD, rollout.message)
        return conditions.progressing(LOADING, f"{candidate} is being loaded")
    answers = f"version {rollout.served} answers"
    conditions = conditions.fact(LOADED, True, reason=SERVING, message=answers)
    if rollout.is_over and refusal:
        return conditions.ready(CANDIDATE_FAILED, f"{answers}; the artifact is refused: {refusal}")
    if rollout.is_over:
        return conditions.ready(SERVING, f"{answers} at {conditions.status.url}")
    if rollout.failure:
        is_served = rollout.served == version.version
        failure = rollout.failure if is_served else f"{candidate} cannot be loaded: {rollout.failure}"
        return conditions.ready(CANDIDATE_FAILED, f"{answers}; {failure}")
    held = f" but is waiting: {rollout.message}" if rollout.message else ""
    return conditions.ready(ROLLING_OUT, f"{answers}; {candidate} is being rolled out{held}")


def _with(versions: tuple[VersionStatus, ...], latest: VersionStatus, rollout: Rollout) -> tuple[VersionStatus, ...]:
    """The last ten versions; the latest one says why it cannot be served."""
    latest = replaced(latest, message=rollout.failure or None)
    earlier = (version for version in versions if version.version != latest.version)
    return (*earlier, latest)[-MOST_VERSIONS:]
