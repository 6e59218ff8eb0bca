"""The files of a source and the format they lie in. Called by the profile and by `noria-trainer upload`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from noria.contract import ExitCode, Format, Source, Task
from noria_store import web
from noria_store.error import StepError
from noria_store.store import Store, is_s3
from noria_trainers.data.examples import digest

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
IMAGES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff")
TEXTS = (".txt",)
TABLES: dict[Format, tuple[str, ...]] = {
    Format.CSV: (".csv", ".tsv", ".csv.gz", ".tsv.gz"),
    Format.PARQUET: (".parquet", ".pq"),
    Format.JSON_LINES: (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz"),
}


@dataclass(frozen=True)
class File:
    """A file of a source; its name is relative to the source's folder."""

    name: str
    uri: str
    size: int


def find(source: Source, store: Store, scratch: Path) -> list[File]:
    """Every file of the source, sorted by name; hidden ones are passed over. Empty where there is nothing."""
    uri = source.uri.removeprefix("file://")
    if urlsplit(uri).scheme in ("https", "http"):
        name = PurePosixPath(unquote(urlsplit(uri).path)).name or "download"
        path = web.download(uri, scratch / f"download-{name}")
        return [File(name, str(path), path.stat().st_size)]
    if "://" in uri and not is_s3(uri):
        raise StepError(ExitCode.BAD_ORDER, "UnknownScheme", f"{uri}: sources are s3://, https:// or a local path")
    size = None if uri.endswith("/") or not _has_key(uri) else store.size(uri)
    if size is not None:
        return [File(PurePosixPath(uri).name, uri, size)]
    folder = uri.rstrip("/") + "/"
    files = [File(found.removeprefix(folder), found, size) for found, size in store.list(folder)]
    return sorted((file for file in files if not is_hidden(file.name)), key=lambda file: file.name)


def local(file: File, store: Store, scratch: Path) -> Path:
    """The file on this machine: itself, or a copy in scratch."""
    if not is_s3(file.uri):
        return Path(file.uri)
    name = f"{digest(file.uri.encode()).hex()}-{PurePosixPath(file.name).name}"  # keys may hold `..`
    return store.download(file.uri, scratch / "source" / name)


def infer_format(source: Source, task: Task, files: Sequence[File]) -> Format:
    """The format that the order names or the files' names tell; images lie in folders or archives only."""
    if task is Task.IMAGE_CLASSIFICATION:
        if source.format not in (None, Format.IMAGE_FOLDER):
            raise StepError(ExitCode.BAD_ORDER, "BadFormat", f"images are read from folders, not from {source.format}")
        return Format.IMAGE_FOLDER
    if source.format is not None:
        return source.format
    counts = Counter(found for file in files if (found := _table_format(file.name)))
    if counts:
        return counts.most_common(1)[0][0]
    if task is Task.TEXT_CLASSIFICATION:
        return Format.IMAGE_FOLDER
    known = ", ".join(suffix for suffixes in TABLES.values() for suffix in suffixes)
    words = f"{source.uri}: the name does not tell the format; set source.format, or end it with one of {known}"
    raise StepError(ExitCode.BAD_ORDER, "UnknownFormat", words)


def is_hidden(name: str) -> bool:
    """Whether an operating system put the file there, not a person."""
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") or part == "__MACOSX" for part in parts) or parts[-1:] in (
        ("Thumbs.db",),
        ("desktop.ini",),
        ("_SUCCESS",),
    )


def _table_format(name: str) -> Format | None:
    return next((found for found, suffixes in TABLES.items() if name.lower().endswith(suffixes)), None)


def _has_key(uri: str) -> bool:
    return not is_s3(uri) or "/" in uri.removeprefix("s3://").rstrip("/")
