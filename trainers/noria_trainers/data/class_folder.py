"""Examples in folders: the sub folder's name is the label. Also in a zip or tar of such folders.

Used by `modality.class_file`.
"""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from noria.contract import ExitCode
from noria_store import bounded
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.data.source import ARCHIVES, File, is_hidden, local

LARGEST_BYTES = 64 << 20
"""Of one example; a larger file is not read."""


@dataclass(frozen=True)
class Member:
    """An example not yet read. `name` is its path below the source, `label` none where no folder gives one."""

    name: str
    label: str | None
    size: int
    read: Callable[[], bytes]
    held: bool = False
    """Whether it belongs to the source's hold-out."""


@contextmanager
def members(
    files: Sequence[File], store: Store, scratch: Path, suffixes: Sequence[str] = ()
) -> Iterator[tuple[int, Iterator[Member]]]:
    """How many members the folder or archive has, and each of them, in an order of its own. Those with other endings
    than `suffixes` say nothing of where the folders of classes are.

    The members of a tar must be read before the next one is asked for.
    """
    if len(files) == 1 and files[0].name.lower().endswith(ARCHIVES):
        with _archive(local(files[0], store, scratch), files[0].uri, suffixes) as opened:
            yield opened
        return
    labels = label_by_name([file.name for file in files], suffixes)
    yield len(files), (Member(file.name, labels[file.name], file.size, _reader(store, file.uri)) for file in files)


def label_by_name(names: Sequence[str], suffixes: Sequence[str] = ()) -> dict[str, str | None]:
    """Each name's label: its first folder, below the folders that all names with one of the suffixes share."""
    parts = {name: PurePosixPath(name).parts for name in names}
    examples = [each for name, each in parts.items() if name.lower().endswith(tuple(suffixes))] or [*parts.values()]
    shared = 0
    while all(len(each) > shared + 2 for each in examples) and len({each[shared] for each in examples}) == 1:
        shared += 1
    return {name: each[shared] if len(each) > shared + 1 else None for name, each in parts.items()}


def _reader(store: Store, uri: str) -> Callable[[], bytes]:
    return lambda: store.read(uri)


def _zip_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    return lambda: bounded.member_bytes(archive, info)


def _kept(data: bytes) -> Callable[[], bytes]:
    return lambda: data


@contextmanager
def _archive(path: Path, uri: str, suffixes: Sequence[str]) -> Iterator[tuple[int, Iterator[Member]]]:
    try:
        if path.name.lower().endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                bounded.check_zip(archive, path.stat().st_size, uri)
                yield _zip_members(archive, suffixes)
        else:
            yield _tar_members(path, uri, suffixes)
    except (*bounded.DAMAGED, OSError) as error:
        if not bounded.is_damage(error):
            raise
        message = f"{uri} is damaged or not an archive: {error}; upload it again"
        raise StepError(ExitCode.BAD_DATA, "BadArchive", message) from error


def _zip_members(archive: zipfile.ZipFile, suffixes: Sequence[str]) -> tuple[int, Iterator[Member]]:
    named = [(_posix(info.filename), info) for info in archive.infolist()]
    found = [(name, info) for name, info in named if not name.endswith("/") and not is_hidden(name)]
    labels = label_by_name([name for name, _ in found], suffixes)

    def each() -> Iterator[Member]:
        for name, info in found:
            yield Member(name, labels[name], info.file_size, _zip_reader(archive, info))

    return len(found), each()


def _posix(name: str) -> str:
    """Some programs for Windows write backslashes between folders, against the format."""
    return name if "/" in name else name.replace("\\", "/")


def _tar_members(path: Path, uri: str, suffixes: Sequence[str]) -> tuple[int, Iterator[Member]]:
    names = []
    with path.open("rb") as file, bounded.open_tar(file, uri) as archive:
        for number, info in enumerate(archive):
            if number >= bounded.MOST_FILES:
                raise bounded.too_many(uri)
            if info.isfile() and not is_hidden(info.name):
                names.append(info.name)
    labels = label_by_name(names, suffixes)

    def each() -> Iterator[Member]:
        with path.open("rb") as file, bounded.open_tar(file, uri) as stream:
            for info in stream:
                content = stream.extractfile(info) if info.name in labels and info.isfile() else None
                if content is not None:
                    data = content.read() if info.size <= LARGEST_BYTES else b""
                    yield Member(info.name, labels[info.name], info.size, _kept(data))

    return len(names), each()
