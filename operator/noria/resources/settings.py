"""What children need to know of the installation. Made by `noria.controllers` of the operator's settings."""

from dataclasses import dataclass

from noria.contract import STORE_SECRET, Backbone


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Images, places and sizes that are the same for every object."""

    trainer_image: str
    """Runs the steps."""
    server_image: str
    """Noria's own model server, and the puller of every Model."""
    tensorflow_serving_image: str
    image_pull_policy: str = "IfNotPresent"
    image_pull_secrets: tuple[str, ...] = ()
    """Names of Secrets in the namespaces of the pods."""
    bucket: str = "noria"
    """Of the object store; revisions, runs and the experience lie in it."""
    store_secret: str = STORE_SECRET
    """Secret with the object store's address and credentials, in the namespaces of the pods."""
    backbones: tuple[Backbone, ...] = ()
    """Pretrained weights that configurations may start from."""
    seed: int = 0
    """Of choice and training."""
    exploration: float = 0.0
    """How often the last of a learned choice is one of which little is known."""
    landmark_seconds: float = 60.0
    """CPU time that a profile may spend on quick scores."""
    cluster_domain: str = "cluster.local"
    """Ends the DNS names of Services."""
    step_cpu: str = "100m"
    """What steps that train nothing ask for; they use what is free beyond it."""
    step_memory: str = "2Gi"
    """What those steps may use."""
    gpu_trainer_image: str | None = None
    """Runs trials with GPUs; without it `trainer_image` does."""
