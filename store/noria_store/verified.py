"""Artifacts verified by their digest, and unpacked only into their own folder."""

import hashlib
import io
import shutil
import tarfile
import uuid
from pathlib import Path, PurePosixPath

from noria.contract import Artifact, ExitCode, shown
from noria_store import bounded
from noria_store.error import StepError
from noria_store.store import Store
from noria_store.stream import CHUNK, Stream, chunks

MAX_BYTES = 16 << 30
MAX_FILES = 100_000
CHANGED = "the file was changed or truncated: upload it again, or correct the digest"


class Digested:
    """Passes a stream through and keeps the sha256 of what was read."""

    def __init__(self, stream: Stream) -> None:
        self._stream, self._sha256 = stream, hashlib.sha256()

    def read(self, size: int = CHUNK) -> bytes:
        """Up to `size` bytes of the stream."""
        data = self._stream.read(size)
        self._sha256.update(data)
        return data

    def digest(self) -> str:
        """The digest of the whole stream, `sha256:...`; reads what is left of it."""
        for _ in chunks(self):
            pass
        return f"sha256:{self._sha256.hexdigest()}"


def digest(path: Path) -> str:
    """The digest of a file, `sha256:...`."""
    with path.open("rb") as file:
        return Digested(file).digest()


def digest_of(data: bytes) -> str:
    """The digest of these bytes, `sha256:...`."""
    return Digested(io.BytesIO(data)).digest()


def download(
    artifact: Artifact, path: Path, store: Store, *, cure: str = CHANGED, exit_code: ExitCode = ExitCode.BAD_DATA
) -> Path:
    """Copy the artifact's file to `path`, verified and complete or not at all; the path.

    A different digest raises a StepError with this exit code, whose message ends with `cure`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with store.open(artifact.uri) as stream, part.open("wb") as file:
            digested = Digested(stream)
            file.writelines(chunks(digested))
            found = digested.digest()
        _verify(artifact, found, cure=cure, exit_code=exit_code)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def unpacked(artifact: Artifact, folder: Path, store: Store, *, cure: str = CHANGED) -> Path:
    """Make `folder` what the artifact holds, verified and complete, or remove it; the folder.

    The message about a wrong digest ends with `cure`. The archive is unpacked while it is read; a wrong digest explains
    every other fault, so it is reported first.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with store.open(artifact.uri) as stream:
            _unpack_verified(artifact, stream, folder, cure=cure)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _unpack_verified(artifact: Artifact, stream: Stream, folder: Path, *, cure: str) -> None:
    digested, fault = Digested(stream), None
    try:
        unpack(digested, folder)
    except StepError as error:
        if error.exit_code == ExitCode.UNAVAILABLE:
            raise
        fault = error
    _verify(artifact, digested.digest(), cure=cure, exit_code=ExitCode.BAD_DATA)
    if fault:
        raise fault


def _verify(artifact: Artifact, found: str, *, cure: str, exit_code: ExitCode) -> None:
    if found != artifact.digest:
        message = f"{shown(artifact.uri)} has the digest {found}, not {artifact.digest}: {cure}"
        raise StepError(exit_code, "DigestMismatch", message)


def unpack(stream: Stream, folder: Path, max_bytes: int = MAX_BYTES, max_files: int = MAX_FILES) -> None:
    """Write a tar's files below `folder`; raises StepError for anything but plain files and folders inside it.

    A compressed tar (gzip, bzip2, xz) is recognized. Owners, times and modes are ignored.
    """
    files = size = 0
    try:
        with bounded.open_tar(stream, "the artifact") as tar:
            for member in tar:
                files, size = files + 1, size + member.size
                if files > max_files or size > max_bytes:
                    raise _unsafe(f"contains more than {max_bytes} bytes or {max_files} files")
                _write(tar, member, folder / _inside(member))
    except StepError as error:
        if error.reason != bounded.UNSAFE:
            raise
        raise StepError(ExitCode.BAD_DATA, "UnsafeArtifact", error.message) from error
    except (*bounded.DAMAGED, OSError) as error:
        if not bounded.is_damage(error):
            raise
        message = f"the artifact is not a complete tar archive: {error}"
        raise StepError(ExitCode.BAD_DATA, "BadArtifact", message) from error


def _inside(member: tarfile.TarInfo) -> PurePosixPath:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\0" in member.name:
        raise _unsafe(f"contains {member.name!r}, which is outside its folder")
    if not (member.isreg() or member.isdir()):
        raise _unsafe(f"contains {member.name!r}, which is neither a file nor a folder")
    return path


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    try:
        if member.isdir():
            path.mkdir(parents=True, exist_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        source = tar.extractfile(member)
        if source is None:
            raise tarfile.ReadError(f"{member.name!r} has no content")
        with path.open("xb") as target:
            shutil.copyfileobj(source, target, CHUNK)
            if target.tell() != member.size:
                raise tarfile.ReadError(f"{member.name!r} is truncated")
    except (FileExistsError, NotADirectoryError) as error:
        raise _unsafe(f"contains {member.name!r} twice") from error


def _unsafe(what: str) -> StepError:
    return StepError(ExitCode.BAD_DATA, "UnsafeArtifact", f"the artifact {what}; pack the version's folder again")
