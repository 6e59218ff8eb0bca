"""Compressed files and archives, read no further than is sane for their size. Used wherever one is unpacked.

A few kilobytes can unpack to any size. Real data hardly shrink to a hundredth, so whatever unpacks to more is refused
where it passes a size that does no harm.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from noria.contract import ExitCode
from noria_store.error import StepError
from noria_store.stream import CHUNK, Stream

HARMLESS_BYTES = 512 << 20
MOST_TIMES = 100
MOST_FILES = 2_000_000
"""Of a file, may be unpacked; that many times its size, if this is more; and members of an archive."""
MOST_DIRECTORY_BYTES = 256 << 20
"""Of a zip's list of members, which is read into memory; two million members take less."""
_ZIP_ENTRY = b"PK\1\2"
_HEADER_BYTES = 1 << 20
"""Of one tar header, which is read into memory."""
_LONG_HEADERS = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)
UNSAFE = "UnsafeArchive"
"""Reason of every refusal here."""
_PACKED = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ", lzma.open))
"""First bytes of compressed files, and what reads them."""
DAMAGED = (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError, UnicodeError)
"""What reading a damaged archive or compressed file raises; bzip2 raises an OSError without a number."""


def most_bytes(packed: int) -> int:
    """How much a file of `packed` bytes may unpack to."""
    return max(HARMLESS_BYTES, MOST_TIMES * packed)


def opener_of(head: bytes) -> Callable[..., Any] | None:
    """What reads a compressed file, by its first bytes; none for other files."""
    return next((opener for magic, opener in _PACKED if head.startswith(magic)), None)


def bounded(unpacked: BinaryIO, packed: int, name: str) -> BinaryIO:
    """The unpacked content of a file of `packed` bytes, which raises StepError where it is too much."""
    return io.BufferedReader(_Bounded(unpacked, packed, name), CHUNK)


class Zip(zipfile.ZipFile):
    """A zip whose list of members is not too long. Raises StepError where it is, before it is taken apart."""

    def __init__(self, path: Path, name: str) -> None:
        self._opened = _ZipFile(path, name)
        try:
            super().__init__(self._opened)
        except BaseException:
            self._opened.close()
            raise
        self._opened.is_checked = True

    def close(self) -> None:
        """Close the file too."""
        super().close()
        self._opened.close()


class _ZipFile(io.BufferedReader):
    """The file of a zip: until it `is_checked`, it is read for its list of members, in one piece."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(io.FileIO(path))
        self._name, self.is_checked = name, False

    def read(self, size: int | None = -1, /) -> bytes:
        if self.is_checked:
            return super().read(size)
        if size and size > MOST_DIRECTORY_BYTES:
            words = f"{self._name} has a list of members of {size >> 20:,} MiB: divide it"
            raise StepError(ExitCode.BAD_DATA, UNSAFE, words)
        data = super().read(size)
        if data.count(_ZIP_ENTRY) > MOST_FILES:
            raise too_many(self._name)
        return data


def check_zip(archive: zipfile.ZipFile, packed: int, name: str) -> None:
    """Raises StepError for a zip of `packed` bytes that says it holds too much; members hold no more than it says."""
    if sum(member.file_size for member in archive.infolist()) > most_bytes(packed):
        raise _too_much(name, packed)


def member_bytes(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The content of a zip's member, of which no more is unpacked than it says."""
    with archive.open(member) as content:
        return content.read(member.file_size)


@contextmanager
def open_tar(stream: Stream, name: str) -> Iterator[tarfile.TarFile]:
    """The members of a tar, plain or compressed, one after the other. Raises StepError where they are too much."""
    packed = _Counted(stream)
    opener = opener_of(packed.head)
    plain = _BoundedStream(cast(Stream, opener(cast(IO[bytes], packed))), packed, name) if opener else packed
    with tarfile.open(fileobj=cast(IO[bytes], plain), mode="r|", tarinfo=_named(name)) as archive:
        yield archive


def is_damage(error: BaseException) -> bool:
    """Whether the error says that an archive or compressed file is damaged, and nothing of the machine."""
    return isinstance(error, DAMAGED) or (isinstance(error, OSError) and error.errno is None)


class _Bounded(io.RawIOBase):
    """Unpacked content that is not more than the file's size allows."""

    def __init__(self, unpacked: BinaryIO, packed: int, name: str) -> None:
        self._unpacked, self._packed, self._name = unpacked, packed, name
        self._at, self._most = 0, most_bytes(packed)

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # no other buffer comes
        data = self._unpacked.read(min(len(buffer), CHUNK))
        buffer[: len(data)] = data
        self._at += len(data)
        if self._at > self._most:
            raise _too_much(self._name, self._packed)
        return len(data)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = self._unpacked.seek(offset, whence)
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        self._unpacked.close()
        super().close()


class _Counted:
    """A stream that knows its first bytes, and how many were read."""

    def __init__(self, stream: Stream) -> None:
        self._stream, self.count = stream, 0
        self.head = self._rest = _start(stream, len(_PACKED[-1][0]))

    def read(self, size: int = CHUNK) -> bytes:
        data, self._rest = (self._rest[:size], self._rest[size:]) if self._rest else (self._stream.read(size), b"")
        self.count += len(data)
        return data


def _start(stream: Stream, size: int) -> bytes:
    """The first bytes; a slow server may send them one by one."""
    head = b""
    while len(head) < size and (data := stream.read(size - len(head))):
        head += data
    return head


class _BoundedStream:
    """What a compressed stream unpacks to, not more than the bytes read of it so far allow."""

    def __init__(self, unpacked: Stream, packed: _Counted, name: str) -> None:
        self._unpacked, self._packed, self._name, self._count = unpacked, packed, name, 0

    def read(self, size: int = CHUNK) -> bytes:
        data = self._unpacked.read(size)
        self._count += len(data)
        if self._count > most_bytes(self._packed.count):
            raise _too_much(self._name, self._packed.count)
        return data


def _named(name: str) -> type[tarfile.TarInfo]:
    """Headers of a tar of this name, of which none is read into memory that is too large or would make a hole."""

    class Header(tarfile.TarInfo):
        def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
            if self.type in _LONG_HEADERS and self.size > _HEADER_BYTES:
                raise StepError(ExitCode.BAD_DATA, UNSAFE, f"{name} has a header of {self.size:,} bytes: pack it again")
            found: tarfile.TarInfo = super()._proc_member(tar)  # type: ignore[misc]  # the one place that sees all
            if found.issparse():
                words = f"{name} has the sparse file {found.name!r}: pack it without --sparse"
                raise StepError(ExitCode.BAD_DATA, UNSAFE, words)
            return found

    return Header


def _too_much(name: str, packed: int) -> StepError:
    words = f"{name} unpacks to more than {most_bytes(packed) >> 20:,} MiB, {MOST_TIMES} times its size or more"
    return StepError(ExitCode.BAD_DATA, UNSAFE, f"{words}: unpack it yourself, if that is meant")


def too_many(name: str) -> StepError:
    """The refusal of an archive with too many members."""
    return StepError(ExitCode.BAD_DATA, UNSAFE, f"{name} has more than {MOST_FILES:,} members: divide it")
