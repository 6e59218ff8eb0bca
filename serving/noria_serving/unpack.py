"""Unpacks a tar that nobody vouches for: plain files and folders inside one folder, within a size. For the puller."""

import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import IO, cast

from noria.contract import ExitCode
from noria_serving.artifact import PullError, Stream

MAX_BYTES = 64 << 30
MAX_FILES = 100_000


def unpack(stream: Stream, folder: Path, max_bytes: int = MAX_BYTES, max_files: int = MAX_FILES) -> None:
    """Write the tar's files below `folder`; raises PullError for anything but plain files and folders inside it.

    A compressed tar (gzip, bzip2, xz) is recognized. Owners, times and modes are not taken over.
    """
    files = size = 0
    try:
        with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|*") as tar:
            for member in tar:
                files, size = files + 1, size + member.size
                if files > max_files or size > max_bytes:
                    raise _unsafe(f"holds more than {max_bytes} bytes or {max_files} files")
                _write(tar, member, folder / _inside(member))
    except (tarfile.TarError, EOFError, UnicodeError) as error:
        raise PullError(ExitCode.BAD_DATA, "BadArtifact", f"the artifact is not a whole tar: {error}") from error


def _inside(member: tarfile.TarInfo) -> PurePosixPath:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\0" in member.name:
        raise _unsafe(f"holds {member.name!r}, which is outside its folder")
    if not (member.isreg() or member.isdir()):
        raise _unsafe(f"holds {member.name!r}, which is neither a file nor a folder")
    return path


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    try:
        if member.isdir():
            path.mkdir(parents=True, exist_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        source = tar.extractfile(member)
        assert source is not None  # a plain file always has content
        with path.open("xb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
            if target.tell() != member.size:
                raise tarfile.ReadError(f"{member.name!r} is cut off")
    except (FileExistsError, NotADirectoryError) as error:
        raise _unsafe(f"holds {member.name!r} twice") from error


def _unsafe(what: str) -> PullError:
    return PullError(ExitCode.BAD_DATA, "UnsafeArtifact", f"the artifact {what}; pack the version's folder again")
