"""Which children of a Model are missing or differ from what they should be."""

from noria.api import Model
from noria.api.duration import seconds
from noria.api.model import VersionStatus
from noria.decisions.seen import SeenModel
from noria.resources.autoscaler import autoscaler
from noria.resources.deployment import deployment
from noria.resources.disruption_budget import disruption_budget
from noria.resources.installation import Installation
from noria.resources.manifest import Child, signed
from noria.resources.service import pods_service, service


def unlike(model: Model, version: VersionStatus, seen: SeenModel, settings: Installation) -> tuple[Child, ...]:
    """The children to apply: those whose digest differs from the one that was applied last."""
    applied = {(child.kind, child.name): child.applied for child in seen.children}
    if seen.deployment:
        applied["Deployment", seen.deployment.name] = seen.deployment.applied
    wanted = (
        signed(service(model)),
        *((signed(pods_service(model)),) if is_watched(model) else ()),
        signed(deployment(model, version, settings)),
        signed(autoscaler(model)),
        signed(disruption_budget(model)),
    )
    return tuple(child for child, digest in wanted if applied.get((child.kind, child.metadata.name)) != digest)


def is_watched(model: Model) -> bool:
    """Whether the Model's promotions are watched; an artifact in the spec is a person's choice."""
    has_job = model.spec.source.training_job_ref is not None
    return has_job and seconds(model.spec.promotion.watch.duration) > 0
