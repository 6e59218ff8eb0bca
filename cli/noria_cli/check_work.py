"""The checks of `doctor` of what runs in a namespace: images, quotas, nodes, GPUs, objects. Pure; used by `check`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from kubernetes.utils.quantity import parse_quantity

from noria.api.condition import STALLED
from noria.resources.installation import Installation
from noria.resources.pod import GPU
from noria_cli.finding import Finding, fault, fine, warning
from noria_cli.survey import Body, Seen, condition, containers, is_true, unseen
from noria_trainers.wording import counted, listed

_USUAL = Installation()
STEP = {"requests.cpu": _USUAL.step_cpu, "requests.memory": _USUAL.step_memory, "pods": "1"}
"""What the pod of a step takes of a quota, unless settings say otherwise."""
BAD_IMAGE = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")
NO_SECRET = "CreateContainerConfigError"
PRESSURES = ("DiskPressure", "MemoryPressure", "PIDPressure")
Found = Iterator[Finding]


def images(seen: Seen, _: datetime) -> Found:
    """Images can be pulled, and what pods mount exists."""
    bad = 0
    for pod in [*(seen.operator_pods or ()), *(seen.pods or ())]:
        for container in containers(pod):
            waiting = (container.get("state") or {}).get("waiting") or {}
            name = f"{pod['metadata'].get('namespace', seen.namespace)}/{pod['metadata']['name']}"
            if waiting.get("reason") in BAD_IMAGE:
                bad += 1
                cure = "push it to where the nodes pull from, correct its name in the values, or set imagePullSecrets"
                yield fault("images", f"pod {name} cannot pull {container.get('image')}: {waiting['reason']}", cure)
            elif waiting.get("reason") == NO_SECRET:
                bad += 1
                yield fault(
                    "secrets", f"pod {name} cannot start: {waiting.get('message', NO_SECRET)}", "create what is missing"
                )
    if not bad and seen.pods is not None:
        yield fine("images", "no pod waits for an image")


def quota(seen: Seen, _: datetime) -> Found:
    """The namespace's quotas and limits leave room for a step."""
    bad = 0
    for each in seen.quotas or ():
        for resource, wanted in STEP.items():
            left = _left(each.get("status", {}), resource)
            if left is not None and left < parse_quantity(wanted):
                bad += 1
                cure = f"raise it (kubectl edit resourcequota {each['metadata']['name']}), or end what uses it"
                yield fault(
                    "quota",
                    f"quota {each['metadata']['name']} leaves {left:f} of {resource}, a step needs {wanted}",
                    cure,
                )
    memory = STEP["requests.memory"]
    for each in seen.limits or ():
        for item in each["spec"].get("limits", ()):
            most = (item.get("max") or {}).get("memory")
            if item.get("type") in ("Container", "Pod") and most and parse_quantity(most) < parse_quantity(memory):
                bad += 1
                cure = "raise it, or lower operator.settings.stepMemory and spec.resources.memory"
                message = f"limit range {each['metadata']['name']} admits {most} of memory, a step needs {memory}"
                yield fault("quota", message, cure)
    if not bad and seen.quotas is not None:
        yield fine("quota", f"leaves room in namespace {seen.namespace}" if seen.quotas else "there is none")


def nodes(seen: Seen, _: datetime) -> Found:
    """Nodes are ready and have disk."""
    if seen.nodes is None:
        yield unseen("nodes", "Nodes")
        return
    ready = [each for each in seen.nodes if is_true(each, "Ready") and not each["spec"].get("unschedulable")]
    if not ready:
        yield fault("nodes", "no node is ready for pods", "kubectl get nodes; start one, or uncordon it")
        return
    for each in seen.nodes:
        if pressed := [name for name in PRESSURES if is_true(each, name)]:
            cure = "free what is short there, or add a node"
            yield warning("nodes", f"node {each['metadata']['name']} has {', '.join(pressed)}", cure)
    yield fine("nodes", f"{counted(len(ready), 'node')} ready")


def gpus(seen: Seen, _: datetime) -> Found:
    """Where GPUs are asked for, nodes offer them."""
    if seen.nodes is None or seen.objects is None:
        return
    offers = [int(parse_quantity(each.get("status", {}).get("allocatable", {}).get(GPU, "0"))) for each in seen.nodes]
    largest = max(offers, default=0)
    asking = [f"{each['kind'].lower()}/{each['metadata']['name']}" for each in seen.objects if _gpus(each) > 0]
    most = max((_gpus(each) for each in seen.objects), default=0)
    if asking and most > largest:
        cure = "install the GPU operator or its device plugin, add nodes with GPUs, or ask for fewer in the spec"
        yield fault("GPUs", f"{listed(asking)} asks for {most} on one node, and none offers more than {largest}", cure)
    elif largest or asking:
        yield fine("GPUs", f"the nodes offer {sum(offers)}")
    else:
        yield fine("GPUs", "none, and none is asked for")


def metrics(seen: Seen, _: datetime) -> Found:
    """Autoscaling has pod metrics."""
    has_models = any(each["kind"] == "Model" for each in seen.objects or ())
    if has_models and (seen.metrics is None or not is_true(seen.metrics, "Available")):
        yield warning("metrics", "pod metrics are not available, so Models do not scale", "install metrics-server")


def objects(seen: Seen, _: datetime) -> Found:
    """Nothing in the namespace waits for a person."""
    if seen.objects is None:
        yield unseen("objects", "Datasets, TrainingJobs and Models")
        return
    stalled = [each for each in seen.objects if is_true(each, STALLED)]
    for each in stalled:
        key = f"{each['kind'].lower()}/{each['metadata']['name']}"
        told = condition(each, STALLED)
        yield warning("objects", f"{key} needs a person: {told.get('reason')}", f"noria why {key}")
    if not stalled:
        yield fine(
            "objects", f"{counted(len(seen.objects), 'object')} in namespace {seen.namespace}, none needs a person"
        )


def _left(status: Body, resource: str) -> Any:
    """What a quota leaves of a resource; None where it does not limit it. `cpu` is `requests.cpu`."""
    hard, used = status.get("hard") or {}, status.get("used") or {}
    for name in (resource, resource.removeprefix("requests.")):
        if name in hard:
            return parse_quantity(hard[name]) - parse_quantity(used.get(name, "0"))
    return None


def _gpus(found: Body) -> int:
    """GPUs that a pod of the object asks for."""
    part = {"TrainingJob": "resources", "Model": "server"}.get(found["kind"], "")
    return int((found["spec"].get(part) or {}).get("gpus") or 0)
