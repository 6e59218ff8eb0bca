"""The Job that compares a Model's candidate with what serves. Used by `decisions.model.candidate`."""

import hashlib

from kubernetes.aio.client import V1Job

from noria.api import Model
from noria.api.model import VersionStatus
from noria.api.promotion import CandidateStatus
from noria.contract import Policy, ProvenVersion, ProveOrder, place, replaced
from noria.resources.installation import Installation
from noria.resources.model_job import model_job, model_job_name, place_of
from noria.resources.step_job import short_step

_PROVING = (Policy.NOT_WORSE, Policy.BETTER)


def prove_job_name(model: Model, candidate: CandidateStatus) -> str:
    """The name of the Job of this try."""
    return model_job_name(model, _part(candidate))


def prove_job(model: Model, candidate: CandidateStatus, order: ProveOrder, settings: Installation) -> V1Job:
    """The Job of this try to carry out the order."""
    order = replaced(order, report=place.report(order.destination, candidate.attempt))
    return model_job(model, _part(candidate), short_step(order, settings.trainer_image, settings), settings)


def prove_order(
    model: Model,
    *,
    candidate: ProvenVersion,
    served: ProvenVersion,
    anchor: ProvenVersion | None,
    settings: Installation,
) -> ProveOrder:
    """The prove step's order, with the report of the first try.

    Where a person decides, the proof is there to be read, and says what policy NotWorse would.
    """
    given = model.spec.promotion
    destination = place_of(model, candidate.version, settings)
    return ProveOrder(
        policy=given.policy if given.policy in _PROVING else Policy.NOT_WORSE,
        confidence_percent=given.confidence_percent,
        margin_percent=given.margin_percent,
        candidate=candidate,
        served=served,
        anchor=anchor,
        seed=settings.seed,
        destination=destination,
        report=place.report(destination),
    )


def proven_version(model: Model, version: VersionStatus, settings: Installation) -> ProvenVersion | None:
    """The version as an order names it; none if it is not known what it was trained on."""
    if not (version.dataset and version.revision and version.task and version.metric):
        return None
    return ProvenVersion(
        version=version.version,
        task=version.task,
        metric=version.metric,
        artifact=version.artifact,
        revision=place.revision(settings.places.dataset(model.metadata.namespace, version.dataset), version.revision),
    )


def rule_of(model: Model, order: ProveOrder) -> str:
    """Hash of what is compared, and by which rule."""
    text = f"{model.spec.promotion.policy} {order.to_json()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _part(candidate: CandidateStatus) -> str:
    return f"prove-{candidate.version}" + (f"-{candidate.attempt}" if candidate.attempt else "")
