"""What to do about messages of the cluster, where that is known."""

INSUFFICIENT = "Insufficient "
"""The scheduler's word where no node has enough left of a resource; the resource follows."""
_CURES = (
    ("node affinity/selector", "correct spec.podTemplate, or label a node to match"),
    ("untolerated taint", "tolerate it in spec.podTemplate, or add nodes without it"),
    ("usage per ", "request within it, or change the namespace's LimitRange"),
    ("exceeded quota", "request less, or raise the quota"),
    ("violates PodSecurity", "remove from spec.podTemplate what the namespace does not admit"),
    ("CreateContainerConfigError", "create what is missing, or correct its name"),
    ("ErrImageNeverPull", "load the image onto the nodes, or set imagePullPolicy to IfNotPresent"),
    ("ErrImagePull", "correct the image's name, or make sure that the nodes can pull it"),
    ("ImagePullBackOff", "correct the image's name, or make sure that the nodes can pull it"),
    ("low on resource: ephemeral-storage", "free disk on the node, or add nodes with more"),
    ("InvalidImageName", "correct the image's name"),
)


_WHEN_THEY_END = "this one starts when they end"
_TURNS = (_WHEN_THEY_END, "insufficient unused quota", "waiting in its Kueue queue")
"""What says that a pod waits for others to end: the scheduler's message with its cure, or Kueue's."""


def waits_its_turn(message: str) -> bool:
    """Whether a pod with this message and cure starts once others end: nobody has to act."""
    return any(sign in message for sign in _TURNS)


def with_cure(message: str, *, requests: str = "", holders: str = "") -> str:
    """The message of the scheduler, the kubelet or the API server, followed by what to do.

    `requests` names the field with the pod's requests, if the object has one; `holders` the pods that hold the nodes.
    """
    cure = next((cure for sign, cure in _CURES if sign in message), "")
    if INSUFFICIENT in message:
        cure = _room(requests, "" if _fits_nowhere(message) else holders)
    return f"{message.rstrip('.')}: {cure}" if cure else message


def _fits_nowhere(message: str) -> bool:
    """Whether no node has room even without its pods. Only newer schedulers (1.33) say so."""
    return "Preemption is not helpful" in message and "No preemption victims" not in message


def _room(requests: str, holders: str) -> str:
    """How a pod finds room."""
    wait = f"running pods hold it ({holders}), and {_WHEN_THEY_END}" if holders else ""
    change = f"request less of it in {requests}, or add nodes that have it" if requests else "add nodes that have it"
    return f"{wait}; to start sooner, {change}" if wait else change
