"""The members of a zip or tar. Used by `class_folder`."""

import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from noria.contract import ExitCode
from noria_store import bounded
from noria_store.error import StepError
from noria_trainers.data import member_name
from noria_trainers.data.listing import LARGEST_BYTES, Labels, Listing, Member, is_note
from noria_trainers.data.source import is_hidden

_MOST_NOTES = 8
"""Of a tar, are kept in memory."""


@contextmanager
def listing(path: Path, uri: str) -> Iterator[Listing]:
    """What the archive holds. Raises StepError where it is damaged or holds too much, also while it is read."""
    try:
        if path.name.lower().endswith(".zip"):
            with bounded.Zip(path, uri) as archive:
                bounded.check_zip(archive, path.stat().st_size, uri)
                yield _zip(archive)
        else:
            yield _tar(path, uri)
    except (*bounded.DAMAGED, OSError) as error:
        if not bounded.is_damage(error):
            raise
        message = f"{uri} is damaged or not an archive: {error}; upload it again"
        raise StepError(ExitCode.BAD_DATA, "BadArchive", message) from error


class _Sorted:
    """Names of an archive's members by what is done with them."""

    def __init__(self) -> None:
        self.files, self.folders, self.outside, self.links = list[str](), list[str](), list[str](), list[str]()
        self.notes = dict[str, Callable[[], bytes]]()

    def add(self, name: str, *, is_folder: bool = False, is_link: bool = False) -> bool:
        """Takes a name; True where it is an example's."""
        if ".." in PurePosixPath(name).parts:
            self.outside += [] if is_folder else [name]
        elif is_hidden(name):
            pass
        elif is_folder:
            self.folders.append(name)
        elif is_link:
            self.links.append(name)
        else:
            self.files.append(name)
            return True
        return False

    def listing(self, members: Callable[[Labels], Iterator[Member]], encoding: str = "") -> Listing:
        held = {folder for name in (*self.files, *self.outside, *self.links) for folder in PurePosixPath(name).parents}
        above = {parent for name in self.folders for parent in PurePosixPath(name).parents}
        empty = [name for name in self.folders if PurePosixPath(name) not in held | above]
        return Listing(self.files, members, self.notes, empty, self.outside, self.links, encoding)


def _zip(archive: zipfile.ZipFile) -> Listing:
    names, encoding = member_name.of_zip(archive.infolist())
    found, chosen = _Sorted(), list[tuple[str, zipfile.ZipInfo]]()
    for name, info in zip(names, archive.infolist(), strict=True):
        is_link = stat.S_ISLNK(info.external_attr >> 16)
        if found.add(name, is_folder=name.endswith("/"), is_link=is_link):
            chosen.append((name, info))
            if is_note(name, info.file_size):
                found.notes[name] = _reader(archive, info)

    def members(labels: Labels) -> Iterator[Member]:
        for name, info in chosen:
            yield Member(name, labels[name], info.file_size, _reader(archive, info))

    return found.listing(members, encoding)


def _tar(path: Path, uri: str) -> Listing:
    infos, kept = list[tarfile.TarInfo](), dict[str, bytes]()
    with path.open("rb") as file, bounded.open_tar(file, uri) as archive:
        for number, info in enumerate(archive):
            if number >= bounded.MOST_FILES:
                raise bounded.too_many(uri)
            if info.isfile() or info.isdir() or info.issym() or info.islnk():
                infos.append(info)
            if info.isfile() and len(kept) < _MOST_NOTES and is_note(info.name, info.size):
                content = archive.extractfile(info)
                kept[info.name] = content.read() if content else b""
    names, encoding = member_name.of_system([info.name for info in infos])
    found, chosen = _Sorted(), dict[str, str]()
    for name, info in zip(names, infos, strict=True):
        if found.add(name, is_folder=info.isdir(), is_link=info.issym() or info.islnk()):
            chosen[info.name] = name
            if info.name in kept:
                found.notes[name] = _kept(kept[info.name])

    def members(labels: Labels) -> Iterator[Member]:
        with path.open("rb") as file, bounded.open_tar(file, uri) as stream:
            for info in stream:
                name = chosen.get(info.name) if info.isfile() else None
                content = stream.extractfile(info) if name is not None else None
                if name is not None and content is not None:
                    data = content.read() if info.size <= LARGEST_BYTES else b""
                    yield Member(name, labels[name], info.size, _kept(data))

    return found.listing(members, encoding)


def _reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    return lambda: bounded.member_bytes(archive, info)


def _kept(data: bytes) -> Callable[[], bytes]:
    return lambda: data
