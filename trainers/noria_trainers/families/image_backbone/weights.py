"""Pretrained weights that come with an order, by URI and digest."""

from collections.abc import Sequence
from pathlib import Path

from noria.contract import Artifact, Backbone, Configuration, ExitCode
from noria_store import verified
from noria_store.store import Store
from noria_trainers.families.image_backbone.space import BACKBONE


def fetch(
    configuration: Configuration, backbones: Sequence[Backbone], *, store: Store, scratch: Path
) -> dict[str, Path]:
    """The verified weights of the configuration's backbone by its name; none where it has none."""
    wanted = configuration.parameters.get(BACKBONE)
    return {each.name: _verified(each, store, scratch) for each in backbones if each.name == wanted}


def _verified(artifact: Artifact, store: Store, scratch: Path) -> Path:
    name = artifact.uri.rpartition("/")[2]
    path = scratch / "backbones" / artifact.digest[-12:] / name
    cure = "configure the right digest in the operator"
    return verified.download(artifact, path, store, cure=cure, exit_code=ExitCode.BAD_ORDER)
