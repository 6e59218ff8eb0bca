"""What a person can do about the cluster's messages, where that is known."""

_CURES = (
    ("Insufficient ", "ask for less of it, or add nodes that have it"),
    ("node affinity/selector", "correct spec.podTemplate, or give a node such labels"),
    ("untolerated taint", "tolerate it in spec.podTemplate, or add nodes without it"),
    ("exceeded quota", "ask for less, or have the quota raised"),
    ("violates PodSecurity", "take out of spec.podTemplate what the namespace does not admit"),
    ("CreateContainerConfigError", "create what is missing, or correct its name"),
    ("ErrImageNeverPull", "bring the image to the nodes, or have it pulled"),
    ("ErrImagePull", "correct the image's name, or let the nodes pull it"),
    ("ImagePullBackOff", "correct the image's name, or let the nodes pull it"),
    ("InvalidImageName", "correct the image's name"),
)


def with_cure(message: str) -> str:
    """The message of scheduler, kubelet or API server, and what helps."""
    cure = next((cure for sign, cure in _CURES if sign in message), None)
    return f"{message.rstrip('.')}: {cure}" if cure else message
