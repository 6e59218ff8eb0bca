"""What a Model's conditions say: of its source, of the rollout, and of what people decided by annotations."""

from noria.api.condition import BYTES_GONE, find_condition, without_conditions
from noria.api.model import (
    ARTIFACT_REFUSED,
    CANDIDATE_FAILED,
    LOAD_FAILED,
    LOADED,
    LOADING,
    NOT_IN_OBJECT_STORE,
    ROLLING_OUT,
    SERVING,
    TRAINING_JOB_NOT_FOUND,
    TRAINING_JOB_NOT_READY,
    WAITING_FOR_POD,
    ModelStatus,
    VersionStatus,
)
from noria.api.promotion import CHOSEN_BY_PERSON, DECISION_REFUSED, NOT_POSSIBLE, PINNED, SERVE
from noria.contract import replaced
from noria.decisions.model.rollout import Rollout
from noria.decisions.model.situation import Situation
from noria.decisions.state import Conditions


def waiting_for_source(at: Situation, refusal: str) -> ModelStatus:
    """The status while there is no version to serve."""
    conditions = _with_decisions(at)
    if refusal:
        conditions = conditions.fact(LOADED, False, reason=ARTIFACT_REFUSED, message="there is nothing to load")
        return conditions.stalled(ARTIFACT_REFUSED, refusal)
    reference = at.model.spec.source.training_job_ref
    name = reference.name if reference else ""
    if at.seen.training_job_problem:
        reason, message = TRAINING_JOB_NOT_READY, f"TrainingJob {name} is not ready: {at.seen.training_job_problem}"
    elif at.seen.training_job is None:
        reason, place = TRAINING_JOB_NOT_FOUND, at.model.metadata.namespace
        message = f"TrainingJob {name} is not in namespace {place}: create it, or correct spec.source"
    else:
        reason, message = TRAINING_JOB_NOT_READY, f"TrainingJob {name} has no result yet"
    conditions = conditions.fact(LOADED, False, reason=reason, message="there is nothing to load yet")
    return conditions.progressing(reason, message)


def rolling_out(at: Situation, version: VersionStatus, rollout: Rollout, refusal: str) -> ModelStatus:
    """The status with the conditions of this version's rollout.

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
    conditions = _with_decisions(at)
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


def _with_decisions(at: Situation) -> Conditions[ModelStatus]:
    """The conditions so far, with those of what people decided while they hold."""
    status = at.status
    refused = [f"{each.annotation}={each.value}: {each.refused}" for each in status.instructions if each.refused]
    lost = _lost(at)
    held = {PINNED: status.pinned is not None, DECISION_REFUSED: bool(refused), BYTES_GONE: bool(lost)}
    gone = (type for type, holds in held.items() if not holds)
    status = replaced(status, conditions=without_conditions(status.conditions, *gone))
    conditions = Conditions(status, at.model.metadata.generation, at.now)
    if held[PINNED]:
        by = next((f" by {each.by}" for each in status.instructions if each.annotation == SERVE), "")
        message = f"version {status.pinned} was chosen{by}: remove the annotation {SERVE} to serve what is promoted"
        conditions = conditions.fact(PINNED, True, reason=CHOSEN_BY_PERSON, message=message)
    if held[DECISION_REFUSED]:
        conditions = conditions.fact(DECISION_REFUSED, True, reason=NOT_POSSIBLE, message="; ".join(refused))
    if held[BYTES_GONE]:
        conditions = conditions.fact(BYTES_GONE, True, reason=NOT_IN_OBJECT_STORE, message=lost)
    return conditions


def _lost(at: Situation) -> str:
    """Which versions are gone from the object store and what to do about it; empty where none is, as far as known."""
    if not at.seen.stored:
        told = find_condition(at.status.conditions, BYTES_GONE)
        return told.message if told else ""
    gone = [version for version in at.status.versions if _is_gone(at, version)]
    if not gone:
        return ""
    named = ", ".join(f"{version.version} ({version.artifact.uri})" for version in gone)
    is_served = any(version.version == at.status.served for version in gone)
    effect = "; its pods go on answering, but no further one can start" if is_served else ""
    reference = at.model.spec.source.training_job_ref
    cure = f"train again with TrainingJob {reference.name}" if reference else "upload it to where spec.source has it"
    return f"gone from the object store: version {named}{effect}: {cure}"


def _is_gone(at: Situation, version: VersionStatus) -> bool:
    stored = at.seen.stored.get(version.artifact.uri)
    return stored is not None and stored.is_gone(version.created_at)
