"""What decisions know of the installation, out of the operator's settings."""

from pydantic import TypeAdapter

from noria.contract import Backbone
from noria.resources.settings import Settings as Installation
from noria.runtime.settings import Settings

_BACKBONES: TypeAdapter[tuple[Backbone, ...]] = TypeAdapter(tuple[Backbone, ...])


def installation(settings: Settings) -> Installation:
    """The settings that decisions take; ValueError where the backbones are no JSON of backbones."""
    return Installation(
        trainer_image=settings.trainer_image,
        gpu_trainer_image=settings.gpu_trainer_image or None,
        server_image=settings.server_image,
        tensorflow_serving_image=settings.tensorflow_serving_image,
        image_pull_policy=settings.image_pull_policy,
        image_pull_secrets=settings.image_pull_secrets,
        bucket=settings.bucket,
        store_secret=settings.store_secret,
        backbones=_BACKBONES.validate_json(settings.backbones),
        seed=settings.seed,
        exploration=settings.exploration,
        landmark_seconds=settings.landmark_seconds,
        cluster_domain=settings.cluster_domain,
        step_cpu=settings.step_cpu,
        step_memory=settings.step_memory,
    )
