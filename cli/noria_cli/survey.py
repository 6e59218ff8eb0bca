"""What Noria depends on in a cluster, gathered once. Used by `doctor`, `check` and `check_work`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from noria.api import GROUP, KINDS
from noria.contract import STORE_SECRET, ExitCode
from noria.runtime.resource_type import DEFINITION, LEASE, NAMESPACE, POD, TYPES, ResourceType
from noria_cli.finding import Finding, warning
from noria_store.error import StepError

if TYPE_CHECKING:
    from noria_cli.cluster.connection import Cluster

Body = dict[str, Any]
DEPLOYMENT = TYPES["Deployment"]
NODE = ResourceType("", "v1", "nodes", "Node")
QUOTA = ResourceType("", "v1", "resourcequotas", "ResourceQuota")
LIMIT_RANGE = ResourceType("", "v1", "limitranges", "LimitRange")
CLAIM = ResourceType("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim")
API_SERVICE = ResourceType("apiregistration.k8s.io", "v1", "apiservices", "APIService")
METRICS = "v1beta1.metrics.k8s.io"
OURS = "app.kubernetes.io/name=noria"
ACCESS_REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@dataclass(frozen=True)
class Seen:
    """What there is; None where the user may not look, so that a check can say so."""

    namespace: str
    version: Body = field(default_factory=dict)
    """Of the API server: major, minor, gitVersion."""
    exists: bool = True
    """Whether there is a namespace of that name."""
    definitions: list[Body] | None = field(default_factory=list)
    operators: list[Body] | None = field(default_factory=list)
    """Deployments of the operator, of all releases."""
    leases: list[Body] | None = field(default_factory=list)
    operator_pods: list[Body] | None = field(default_factory=list)
    """Pods of the releases: the operator's, and those of the embedded store."""
    claims: list[Body] | None = field(default_factory=list)
    """Volumes of the releases."""
    secret: Body | None = None
    may_read_secret: bool = True
    pods: list[Body] | None = field(default_factory=list)
    """Of the namespace."""
    quotas: list[Body] | None = field(default_factory=list)
    limits: list[Body] | None = field(default_factory=list)
    nodes: list[Body] | None = field(default_factory=list)
    metrics: Body | None = None
    objects: list[Body] | None = field(default_factory=list)
    """Datasets, TrainingJobs and Models of the namespace."""
    may_create: bool = True
    """Whether the user may create TrainingJobs there."""


def survey(cluster: "Cluster") -> Seen:
    """Look at everything. Raises StepError only where the cluster cannot be reached at all."""
    version = cluster.request("GET", "/version")
    operators = _listed(cluster, DEPLOYMENT, None, OURS + ",app.kubernetes.io/component=operator")
    homes = sorted({each["metadata"]["namespace"] for each in operators or ()})
    secret, may_read_secret = _secret(cluster)
    return Seen(
        namespace=cluster.namespace,
        version=version,
        exists=_exists(cluster),
        definitions=_listed(cluster, DEFINITION),
        operators=operators,
        leases=_of_all(cluster, LEASE, homes),
        operator_pods=_of_all(cluster, POD, homes, OURS),
        claims=_of_all(cluster, CLAIM, homes, OURS),
        secret=secret,
        may_read_secret=may_read_secret,
        pods=_listed(cluster, POD, cluster.namespace),
        quotas=_listed(cluster, QUOTA, cluster.namespace),
        limits=_listed(cluster, LIMIT_RANGE, cluster.namespace),
        nodes=_listed(cluster, NODE),
        metrics=_found(cluster, API_SERVICE.path(None, METRICS)),
        objects=_objects(cluster),
        may_create=_may_create(cluster),
    )


def _listed(
    cluster: "Cluster", type: ResourceType, namespace: str | None = None, selector: str = ""
) -> list[Body] | None:
    """The objects of a type; None where the user may not list them, nothing where the cluster does not know it."""
    from noria_cli.cluster.connection import Missing

    selectors = {"labelSelector": selector} if selector else {}
    try:
        return list(cluster.items(type.path(namespace), **selectors))
    except Missing:
        return []
    except StepError as error:
        if error.exit_code != ExitCode.NOT_PERMITTED:
            raise
        return None


def _of_all(cluster: "Cluster", type: ResourceType, namespaces: list[str], selector: str = "") -> list[Body] | None:
    found: list[Body] = []
    for namespace in namespaces:
        some = _listed(cluster, type, namespace, selector)
        if some is None:
            return None
        found += some
    return found


def _found(cluster: "Cluster", path: str) -> Body | None:
    try:
        return cluster.find(path)
    except StepError as error:
        if error.exit_code != ExitCode.NOT_PERMITTED:
            raise
        return None


def _exists(cluster: "Cluster") -> bool:
    """Whether the namespace exists; who may not look is believed."""
    try:
        return cluster.find(NAMESPACE.path(None, cluster.namespace)) is not None
    except StepError as error:
        if error.exit_code != ExitCode.NOT_PERMITTED:
            raise
        return True


def _secret(cluster: "Cluster") -> tuple[Body | None, bool]:
    """The store's Secret, and whether the user may read it. What is in it goes to the store and nowhere else."""
    try:
        return cluster.find(f"/api/v1/namespaces/{cluster.namespace}/secrets/{STORE_SECRET}"), True
    except StepError as error:
        if error.exit_code != ExitCode.NOT_PERMITTED:
            raise
        return None, False


def _objects(cluster: "Cluster") -> list[Body] | None:
    found: list[Body] = []
    for kind in KINDS:
        some = _listed(cluster, TYPES[kind.kind], cluster.namespace)
        if some is None:
            return None
        found += [body | {"kind": kind.kind} for body in some]
    return found


def _may_create(cluster: "Cluster") -> bool:
    attributes = {"namespace": cluster.namespace, "verb": "create", "group": GROUP, "resource": "trainingjobs"}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    return bool(cluster.create(ACCESS_REVIEW, review)["status"]["allowed"])


def containers(pod: Body) -> Iterator[Body]:
    """The statuses of a pod's containers."""
    status = pod.get("status", {})
    for key in ("initContainerStatuses", "containerStatuses"):
        yield from status.get(key) or ()


def environment(deployment: Body) -> dict[str, str]:
    """The settings of an operator's container."""
    variables = deployment["spec"]["template"]["spec"]["containers"][0].get("env") or ()
    return {each["name"]: each.get("value", "") for each in variables}


def condition(found: Body, type: str) -> Body:
    """The condition of this type, empty where there is none."""
    conditions = found.get("status", {}).get("conditions") or ()
    return next((dict(each) for each in conditions if each["type"] == type), {})


def is_true(found: Body, type: str) -> bool:
    """Whether the condition is True."""
    return condition(found, type).get("status") == "True"


def waits(pod: Body) -> str:
    """Why a pod does not run, as far as it says."""
    for container in containers(pod):
        state = container.get("state") or {}
        waiting, ended = state.get("waiting") or {}, (container.get("lastState") or {}).get("terminated") or {}
        if waiting.get("reason") and waiting["reason"] not in ("ContainerCreating", "PodInitializing"):
            tail = f", after exit code {ended['exitCode']}" if "exitCode" in ended else ""
            return f"{waiting['reason']}{tail}"
    scheduled = condition(pod, "PodScheduled")
    return str(scheduled.get("message", "")) if scheduled.get("status") == "False" else ""


def unseen(check: str, what: str) -> Finding:
    """That something could not be looked at."""
    return warning(check, f"you may not read {what}, so this was not checked", "ask who may, or an administrator")
