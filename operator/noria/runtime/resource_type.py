"""The types of objects that the operator watches and writes, and their addresses on the API server."""

from dataclasses import dataclass

from noria.api import GROUP, KINDS, VERSION


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type that the API server knows."""

    group: str
    version: str
    plural: str
    kind: str

    @property
    def api_version(self) -> str:
        """As in an object's `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str | None, name: str | None = None, subresource: str | None = None) -> str:
        """The path of an object, of a namespace's objects, or (without a namespace) of all objects."""
        parts = ["/apis", self.group, self.version] if self.group else ["/api", self.version]
        parts += ["namespaces", namespace] if namespace else []
        return "/".join([*parts, self.plural, *([name] if name else []), *([subresource] if subresource else [])])


JOB = ResourceType("batch", "v1", "jobs", "Job")
POD = ResourceType("", "v1", "pods", "Pod")
SERVICE = ResourceType("", "v1", "services", "Service")
EVENT = ResourceType("", "v1", "events", "Event")
DEPLOYMENT = ResourceType("apps", "v1", "deployments", "Deployment")
AUTOSCALER = ResourceType("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler")
DISRUPTION_BUDGET = ResourceType("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget")
WORKLOAD = ResourceType("kueue.x-k8s.io", "v1beta1", "workloads", "Workload")
LEASE = ResourceType("coordination.k8s.io", "v1", "leases", "Lease")
DEFINITION = ResourceType("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition")
NAMESPACE = ResourceType("", "v1", "namespaces", "Namespace")

OURS = tuple(ResourceType(GROUP, VERSION, kind.plural, kind.kind) for kind in KINDS)
TYPES = {
    one.kind: one for one in (*OURS, JOB, POD, SERVICE, EVENT, DEPLOYMENT, AUTOSCALER, DISRUPTION_BUDGET, WORKLOAD)
}
"""By kind: what the operator watches and writes as objects; kinds are unique among them."""
