"""What children need to know about the installation. Part of the operator's settings, see `noria.runtime.settings`."""

from dataclasses import dataclass, field
from typing import Any

from noria.api.model import ServerType
from noria.contract import STORE_SECRET, Backbone, Home
from noria.contract.place import Places


def setting(text: str, default: Any) -> Any:
    """A field that is set by an environment variable; the text is its help."""
    return field(default=default, metadata={"text": text})


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Images, places and sizes that are the same for every object."""

    bucket: str = setting("Bucket of the object store for revisions, runs and the experience.", "noria")
    trainer_image: str = setting("Image of the steps: profile, choose, train, conclude.", "noria/trainer:0.1.0")
    server_image: str = setting("Image of Noria's own model server and of the puller.", "noria/server:0.1.0")
    tensorflow_serving_image: str = setting(
        "Image for Models with server.type TensorFlowServing.", "docker.io/tensorflow/serving:2.19.1"
    )
    default_server_type: ServerType = setting(
        "Server of Models without server.type: TensorFlowServing or Noria.", ServerType.TENSORFLOW_SERVING
    )
    image_pull_policy: str = setting("Pull policy of all pods: Always, IfNotPresent or Never.", "IfNotPresent")
    image_pull_secrets: tuple[str, ...] = setting("Comma-separated Secrets that pods use to pull images.", ())
    backbones: tuple[Backbone, ...] = setting('Pretrained weights as JSON: [{"name","uri","digest"}, ...].', ())
    gpu_trainer_image: str = setting("Trainer image for TrainingJobs with GPUs; if empty, the trainer image.", "")
    step_cpu: str = setting("CPU request of the profile, choose and conclude steps.", "250m")
    step_memory: str = setting("Memory request and limit of the profile, choose and conclude steps.", "2Gi")
    step_ephemeral_storage: str = setting(
        "Ephemeral storage limit of each step's pod; TrainingJobs may set another for their trials.", "20Gi"
    )
    step_seconds: int = setting(
        "Time limit in seconds of the pods of the profile, choose and conclude steps, counted from their start.", 21600
    )
    server_ephemeral_storage: str = setting(
        "Ephemeral storage limit of each serving pod; Models may set another.", "20Gi"
    )
    store_secret: str = setting(
        "Secret with the object store's address and credentials, in the pods' namespaces.", STORE_SECRET
    )
    seed: int = setting("Random seed of choice and training.", 0)
    exploration: float = setting(
        "Probability (0 to 1) that the last configuration of a learned choice is one about which little is known.", 0.0
    )
    landmark_seconds: float = setting(
        "CPU seconds that a profile run spends on quick scores, which help to choose; 0 for none.", 60.0
    )
    source_networks: tuple[str, ...] = setting(
        "Comma-separated networks, e.g. 10.20.0.0/16, that sources and artifacts may be in, besides the internet.",
        (),
    )
    cluster_domain: str = setting("DNS domain of Services, for the URLs of Models.", "cluster.local")

    @property
    def places(self) -> Places:
        """Where everything is stored in the bucket."""
        return Places(f"s3://{self.bucket}")

    def home(self, namespace: str) -> Home:
        """What objects of this namespace may read of the bucket."""
        return Home(bucket=self.bucket, namespace=namespace)
