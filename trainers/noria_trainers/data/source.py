"""The files of a source."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from noria.contract import Source
from noria_store.error import StepError
from noria_store.store import Store
from noria_store.uri import is_s3, is_web
from noria_trainers.data import member_name
from noria_trainers.data.examples import digest
from noria_trainers.data.link import leads_inside, links

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True)
class File:
    """A file of a source; its name is relative to the source's folder."""

    name: str
    uri: str
    size: int
    mark: str = ""
    """What tells its content from what comes after; of a folder's link that of what it leads to."""


def find(source: Source, store: Store, scratch: Path) -> list[File]:
    """Every file of the source, sorted by name; hidden ones are ignored. Empty where there is nothing."""
    uri = source.uri.removeprefix("file://")
    if is_web(uri):
        name = PurePosixPath(unquote(urlsplit(uri).path)).name or "download"
        path = scratch / f"download-{name}"
        mark = store.copy(uri, path)
        return [File(name, str(path), path.stat().st_size, mark)]
    found = None if uri.endswith("/") or not _has_key(uri) else store.entry(uri)
    if found is not None:
        return [File(PurePosixPath(uri).name, *found)]
    folder = uri.rstrip("/") + "/"
    files = [File(each.key.removeprefix(folder), *each) for each in store.entries(uri)]
    if not is_s3(uri):
        files = _readable(_with_links(files, Path(uri), store))
    return sorted((file for file in files if not is_hidden(file.name)), key=lambda file: file.name)


def changed(source: Source, files: Sequence[File], store: Store, scratch: Path) -> list[str]:
    """Names of the source's files that were written, made or deleted since they were found."""
    if is_web(source.uri):
        with suppress(StepError):  # a URL may be good for one download
            return [file.name for file in files if store.web_mark(source.uri) != file.mark]
        return []
    before, after = ({file.name: file.mark for file in each} for each in (files, find(source, store, scratch)))
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def links_left_out(uri: str) -> tuple[str, ...]:
    """Links below a source's folder on this machine that `find` leaves out, by name."""
    path = Path(uri.removeprefix("file://"))
    return () if is_web(uri) or is_s3(uri) else tuple(name for name in links(path).left_out if not is_hidden(name))


def local(file: File, store: Store, scratch: Path) -> Path:
    """The file on this machine: itself, or a copy in scratch."""
    if not is_s3(file.uri):
        return Path(file.uri)
    name = f"{digest(file.uri.encode()).hex()}-{PurePosixPath(file.name).name}"  # keys may hold `..`
    return store.download(file.uri, scratch / "source" / name)


def is_hidden(name: str) -> bool:
    """Whether an operating system put the file there, not a person."""
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") or part == "__MACOSX" for part in parts) or parts[-1:] in (
        ("Thumbs.db",),
        ("desktop.ini",),
        ("_SUCCESS",),
    )


def _with_links(files: list[File], root: Path, store: Store) -> list[File]:
    """The files and those in linked folders, without any that is outside the root."""
    found = links(root)
    linked = [
        File(f"{name}/{each.key.removeprefix(f'{root / name}/')}", *each)
        for name in found.folders
        for each in store.entries(str(root / name))
        if leads_inside(Path(each.key), root)
    ]
    left_out = set(found.left_out)
    return [file for file in files if file.name not in left_out] + linked


def _readable(files: list[File]) -> list[File]:
    names, _ = member_name.of_system([file.name for file in files])
    return [replace(file, name=name) for file, name in zip(files, names, strict=True)]


def _has_key(uri: str) -> bool:
    return not is_s3(uri) or "/" in uri.removeprefix("s3://").rstrip("/")
