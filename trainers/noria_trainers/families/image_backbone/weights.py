"""Pretrained weights that come with an order, by URI and digest."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from noria.contract import Artifact, Backbone, Configuration, ExitCode
from noria_store.error import StepError
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
    path = store.download(artifact.uri, scratch / "backbones" / artifact.digest[-12:] / name)
    with path.open("rb") as file:
        digest = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    if digest != artifact.digest:
        words = f"{artifact.uri} has the digest {digest}, not {artifact.digest}: give the operator the right one"
        raise StepError(ExitCode.BAD_ORDER, "DigestMismatch", words)
    return path
