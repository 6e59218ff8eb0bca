"""What to do about messages of the cluster, where that is known."""

_CURES = (
    ("Insufficient ", "request less of it, or add nodes that have it"),
    ("node affinity/selector", "correct spec.podTemplate, or label a node to match"),
    ("untolerated taint", "tolerate it in spec.podTemplate, or add nodes without it"),
    ("exceeded quota", "request less, or raise the quota"),
    ("violates PodSecurity", "remove from spec.podTemplate what the namespace does not admit"),
    ("CreateContainerConfigError", "create what is missing, or correct its name"),
    ("ErrImageNeverPull", "load the image onto the nodes, or set imagePullPolicy to IfNotPresent"),
    ("ErrImagePull", "correct the image's name, or make sure that the nodes can pull it"),
    ("ImagePullBackOff", "correct the image's name, or make sure that the nodes can pull it"),
    ("InvalidImageName", "correct the image's name"),
)


def with_cure(message: str) -> str:
    """The message of the scheduler, the kubelet or the API server, followed by what to do."""
    cure = next((cure for sign, cure in _CURES if sign in message), None)
    return f"{message.rstrip('.')}: {cure}" if cure else message
