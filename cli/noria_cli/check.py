"""The checks of `doctor`: what is wrong, and what to do about it. Pure; used by `doctor`."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from noria.api import GROUP, KINDS, VERSION
from noria.contract import STORE_SECRET, STORE_VARIABLES
from noria_cli import check_work
from noria_cli.age import moment, span
from noria_cli.finding import Finding, fault, fine, warning
from noria_cli.survey import Body, Seen, environment, is_true, unseen, waits

OLDEST = (1, 31)
"""Minor version of Kubernetes that Noria needs."""
LEASE_SECONDS = 60.0
"""A Lease that nobody has renewed for so long has no leader."""
Found = Iterator[Finding]


def findings(seen: Seen, now: datetime) -> list[Finding]:
    """What all checks find, in the order in which things depend on each other."""
    return [each for check in CHECKS for each in check(seen, now)]


def version(seen: Seen, _: datetime) -> Found:
    """Kubernetes is recent enough, and the namespace exists."""
    told = str(seen.version.get("gitVersion", "of unknown version"))
    number = (_number(seen.version.get("major")), _number(seen.version.get("minor")))
    if number < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        yield fault("cluster", f"Kubernetes is {told}", f"upgrade it to {wanted} or newer, or use another cluster")
    else:
        yield fine("cluster", f"answers; Kubernetes {told}")
    if not seen.exists:
        cure = f"kubectl create namespace {seen.namespace}, or name another one with --namespace"
        yield fault("namespace", f"there is no namespace {seen.namespace}", cure)
    elif not seen.may_create:
        cure = "ask for the ClusterRole edit there"
        yield warning("namespace", f"you may not create TrainingJobs in namespace {seen.namespace}", cure)


def kinds(seen: Seen, _: datetime) -> Found:
    """The CRDs are there, served, and of this version."""
    if seen.definitions is None:
        yield unseen("kinds", "CustomResourceDefinitions")
        return
    there = {each["metadata"]["name"]: each for each in seen.definitions}
    names = [f"{kind.plural}.{GROUP}" for kind in KINDS]
    if missing := [name for name in names if name not in there]:
        yield fault(
            "kinds",
            f"the cluster does not know {', '.join(missing)}",
            "install Noria: helm install, see docs/install.md",
        )
        return
    if idle := [name for name in names if not is_true(there[name], "Established")]:
        yield fault("kinds", f"{', '.join(idle)} is not served", f"kubectl describe crd {idle[0]}, which says why")
        return
    if old := [kind.kind for kind in KINDS if _unknown_fields(kind, there[f"{kind.plural}.{GROUP}"])]:
        cure = "upgrade the release with helm upgrade, which upgrades the CRDs as well"
        yield warning("kinds", f"the CRDs of {', '.join(old)} are older than this command", cure)
        return
    yield fine("kinds", "Datasets, TrainingJobs and Models are known")


def operator(seen: Seen, now: datetime) -> Found:
    """An operator runs, leads, and works in the namespace."""
    if seen.operators is None:
        yield unseen("operator", "Deployments of all namespaces")
        return
    if not seen.operators:
        yield fault("operator", "no operator is installed", "install Noria: helm install, see docs/install.md")
        return
    here = [each for each in seen.operators if _watches(each, seen.namespace)]
    if not here:
        cure = f"add {seen.namespace} to the release's value watchNamespaces with helm upgrade"
        yield fault("operator", f"no operator works in namespace {seen.namespace}", cure)
        return
    for each in here:
        yield from _running(each, seen, now)


def _running(deployment: Body, seen: Seen, now: datetime) -> Found:
    metadata, status = deployment["metadata"], deployment.get("status", {})
    name = f"{metadata['namespace']}/{metadata['name']}"
    if not deployment["spec"].get("replicas", 1):
        cure = f"kubectl -n {metadata['namespace']} scale deployment {metadata['name']} --replicas=1"
        yield fault("operator", f"{name} is scaled to 0", cure)
        return
    if not status.get("availableReplicas"):
        why = next((told for pod in seen.operator_pods or () if (told := waits(pod))), "no pod of it is ready")
        cure = f"kubectl -n {metadata['namespace']} logs deployment/{metadata['name']}; correct what it says"
        yield fault("operator", f"{name} does not run: {why}", cure)
        return
    lease = environment(deployment).get("NORIA_LEASE_NAME", "noria-operator")
    led = next((each for each in seen.leases or () if each["metadata"]["name"] == lease), None)
    renewed = moment(led["spec"].get("renewTime")) if led else None
    if seen.leases is not None and (renewed is None or (now - renewed).total_seconds() > LEASE_SECONDS):
        ago = f"its Lease was renewed {span((now - renewed).total_seconds())} ago" if renewed else "it holds no Lease"
        cure = f"kubectl -n {metadata['namespace']} rollout restart deployment {metadata['name']}"
        yield fault("operator", f"{name} does not lead: {ago}", cure)
        return
    yield fine("operator", f"{name} runs and leads")


def store(seen: Seen, _: datetime) -> Found:
    """The namespace's Secret says where the bucket is; the embedded store, if there is one, runs."""
    for claim in seen.claims or ():
        if claim.get("status", {}).get("phase") != "Bound":
            cure = "set objectStore.embedded.persistence.storageClass to a StorageClass of the cluster"
            yield fault("store", f"volume {claim['metadata']['name']} of the embedded store is not bound", cure)
    for pod in seen.operator_pods or ():
        is_store = pod["metadata"].get("labels", {}).get("app.kubernetes.io/component") == "object-store"
        if is_store and not is_true(pod, "Ready"):
            cure = f"kubectl -n {pod['metadata']['namespace']} describe pod {pod['metadata']['name']}, which says why"
            yield fault("store", f"the embedded store does not run: {waits(pod) or 'its pod is not ready'}", cure)
    if not seen.may_read_secret:
        yield unseen("store", f"the Secret {STORE_SECRET}")
    elif seen.secret is None:
        cure = (
            f"add {seen.namespace} to the value objectStore.namespaces with helm upgrade, or create it: docs/install.md"
        )
        yield fault("store", f"namespace {seen.namespace} has no Secret {STORE_SECRET}", cure)
    else:
        yield from _of_secret(seen.secret)


def _of_secret(secret: Body) -> Found:
    data: Mapping[str, str] = secret.get("data") or {}
    keys = STORE_VARIABLES[:2]
    if missing := [key for key in keys if not data.get(key)]:
        has_none = len(missing) == len(keys)
        message = f"the Secret {STORE_SECRET} lacks {' and '.join(missing)}"
        if has_none:
            yield warning("store", message, "fine where pods have an identity of their own; else add both")
        else:
            yield fault("store", message, f"add it: kubectl edit secret {STORE_SECRET}")
        return
    yield fine("store", f"the Secret {STORE_SECRET} has keys")


def _number(text: Any) -> int:
    digits = "".join(each for each in str(text or "") if each.isdigit())
    return int(digits) if digits else 0


def _unknown_fields(kind: Any, definition: Body) -> bool:
    """Whether the kind's spec has a field that the definition does not know."""
    versions = {each["name"]: each for each in definition["spec"].get("versions", ())}
    schema = versions.get(VERSION, {}).get("schema", {}).get("openAPIV3Schema", {})
    known = schema.get("properties", {}).get("spec", {}).get("properties", {})
    spec = kind.model_fields["spec"].annotation
    return any((each.alias or name) not in known for name, each in spec.model_fields.items())


def _watches(deployment: Body, namespace: str) -> bool:
    named = environment(deployment).get("NORIA_WATCH_NAMESPACES", "")
    return not named or namespace in [each.strip() for each in named.split(",")]


CHECKS: tuple[Callable[[Seen, datetime], Found], ...] = (
    version,
    kinds,
    operator,
    store,
    check_work.images,
    check_work.quota,
    check_work.nodes,
    check_work.gpus,
    check_work.metrics,
    check_work.objects,
)
