"""What children need to know of the installation. Part of the operator's settings, see `noria.runtime.settings`."""

from dataclasses import dataclass, field
from typing import Any

from noria.contract import STORE_SECRET, Backbone
from noria.contract.place import Places


def setting(text: str, default: Any) -> Any:
    """A field that an environment variable sets; the text is its help."""
    return field(default=default, metadata={"text": text})


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Images, places and sizes that are the same for every object."""

    bucket: str = setting("Bucket of the object store for revisions, runs and the experience.", "noria")
    trainer_image: str = setting("Image of the steps: profile, choose, train, conclude.", "noria/trainer:0.1.0")
    server_image: str = setting("Image of Noria's own model server and of the puller.", "noria/server:0.1.0")
    tensorflow_serving_image: str = setting(
        "Image of Models with server.type TensorFlowServing.", "docker.io/tensorflow/serving:2.19.1"
    )
    image_pull_policy: str = setting("Always, IfNotPresent or Never, for all pods.", "IfNotPresent")
    image_pull_secrets: tuple[str, ...] = setting("Secrets that pods pull images with, by commas.", ())
    backbones: tuple[Backbone, ...] = setting('Pretrained weights as JSON: [{"name","uri","digest"}, ...].', ())
    gpu_trainer_image: str = setting("Image of trials with GPUs; without it the trainer image.", "")
    step_cpu: str = setting("CPU that profile, choose and conclude ask for.", "100m")
    step_memory: str = setting("Memory that profile, choose and conclude may use.", "2Gi")
    store_secret: str = setting("Secret with the object store's address, in the pods' namespaces.", STORE_SECRET)
    seed: int = setting("Seed of choice and training.", 0)
    exploration: float = setting("How often, 0 to 1, the last of a learned choice is one to learn from.", 0.0)
    landmark_seconds: float = setting("CPU time of a profile for quick scores that help to choose; 0: none.", 60.0)
    cluster_domain: str = setting("DNS domain of Services, for the URLs of Models.", "cluster.local")

    @property
    def places(self) -> Places:
        """Where everything lies in the bucket."""
        return Places(f"s3://{self.bucket}")
