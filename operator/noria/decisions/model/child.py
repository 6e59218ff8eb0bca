"""Which children of a Model are missing or differ from what they should be."""

from noria.api import Model
from noria.api.model import VersionStatus
from noria.decisions.seen import SeenModel
from noria.resources.autoscaler import autoscaler
from noria.resources.deployment import deployment
from noria.resources.disruption_budget import disruption_budget
from noria.resources.installation import Installation
from noria.resources.manifest import Child, signed
from noria.resources.service import service


def unlike(model: Model, version: VersionStatus, seen: SeenModel, settings: Installation) -> tuple[Child, ...]:
    """The children to apply: those whose digest differs from the one that was applied last."""
    applied = {child.kind: child.applied for child in seen.children}
    if seen.deployment:
        applied["Deployment"] = seen.deployment.applied
    wanted = (
        signed(service(model)),
        signed(deployment(model, version, settings)),
        signed(autoscaler(model)),
        signed(disruption_budget(model)),
    )
    return tuple(child for child, digest in wanted if applied.get(child.kind) != digest)
