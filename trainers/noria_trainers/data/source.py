"""The files of a source."""

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from noria.contract import Source
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


def find(source: Source, store: Store, scratch: Path) -> list[File]:
    """Every file of the source, sorted by name; hidden ones are ignored. Empty where there is nothing."""
    uri = source.uri.removeprefix("file://")
    if is_web(uri):
        name = PurePosixPath(unquote(urlsplit(uri).path)).name or "download"
        path = store.download(uri, scratch / f"download-{name}")
        return [File(name, str(path), path.stat().st_size)]
    size = None if uri.endswith("/") or not _has_key(uri) else store.size(uri)
    if size is not None:
        return [File(PurePosixPath(uri).name, uri, size)]
    folder = uri.rstrip("/") + "/"
    files = [File(key.removeprefix(folder), key, size) for key, size in store.list(uri)]
    if not is_s3(uri):
        files = _readable(_with_links(files, Path(uri), store))
    return sorted((file for file in files if not is_hidden(file.name)), key=lambda file: file.name)


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
        File(f"{name}/{key.removeprefix(f'{root / name}/')}", key, size)
        for name in found.folders
        for key, size in store.list(str(root / name))
        if leads_inside(Path(key), root)
    ]
    left_out = set(found.left_out)
    return [file for file in files if file.name not in left_out] + linked


def _readable(files: list[File]) -> list[File]:
    names, _ = member_name.of_system([file.name for file in files])
    return [replace(file, name=name) for file, name in zip(files, names, strict=True)]


def _has_key(uri: str) -> bool:
    return not is_s3(uri) or "/" in uri.removeprefix("s3://").rstrip("/")
