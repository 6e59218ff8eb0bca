"""A trial's artifact as a folder again, its digest verified. Called by `steps.conclude` and `noria_cli.run`."""

import hashlib
import shutil
import tarfile
from pathlib import Path

from noria.contract import Artifact, ExitCode
from noria_store.error import StepError
from noria_store.store import Store


def unpack(artifact: Artifact, folder: Path, store: Store) -> Path:
    """Make `folder` the version that the artifact holds: saved_model.pb, variables/, assets/; the folder."""
    packed = store.download(artifact.uri, folder.with_suffix(".tar"))
    with packed.open("rb") as file:
        digest = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    if digest != artifact.digest:
        words = f"{artifact.uri} has the digest {digest}, not {artifact.digest}: it was changed after training"
        raise StepError(ExitCode.BAD_DATA, "DigestMismatch", words)
    shutil.rmtree(folder, ignore_errors=True)
    with tarfile.open(packed) as tar:
        tar.extraction_filter = getattr(tarfile, "data_filter", None)  # where Python has it, from 3.11.4
        tar.extractall(folder)
    packed.unlink()
    return folder
