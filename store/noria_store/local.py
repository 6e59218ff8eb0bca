"""Files as objects, for steps that run without a cluster. Used by `store`."""

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

from noria.contract import ExitCode
from noria_store.entry import Entry
from noria_store.error import StepError
from noria_store.stream import Guarded, Stream


class Local:
    """Objects are files, keys their paths. A file appears whole, by rename, or not at all."""

    @contextmanager
    def open(self, key: str) -> Iterator[Stream | None]:
        """The content, none where there is no such file."""
        file = _opened(key)
        with file or nullcontext():
            yield Guarded(file, lambda error: _unavailable(key, error)) if file else None

    def write(self, key: str, data: bytes) -> None:
        """Makes or replaces the file."""
        part = _part(key)
        part.write_bytes(data)
        part.replace(key)

    def write_once(self, key: str, data: bytes) -> bool:
        """Makes the file; False where it was there already."""
        part = _part(key)
        part.write_bytes(data)
        try:
            os.link(part, key)
        except FileExistsError:
            return False
        finally:
            part.unlink()
        return True

    def entry(self, key: str) -> Entry | None:
        """The file, none where there is no such file."""
        path = Path(key)
        return _entry(key, path) if path.is_file() else None

    def entries(self, key: str) -> Iterator[Entry]:
        """Every file below the folder, sorted by path."""
        try:
            paths = sorted((path.as_posix(), path) for path in Path(key).rglob("*") if path.is_file())
        except PermissionError as error:
            raise _refused(key) from error
        return (_entry(name, path) for name, path in paths)

    def children(self, key: str) -> Sequence[str]:
        """Names right below the folder, sorted; those of folders end with `/`. None where there is no folder."""
        try:
            return sorted(path.name + ("/" if path.is_dir() else "") for path in Path(key).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        except PermissionError as error:
            raise _refused(key) from error

    def upload(self, path: Path, key: str) -> None:
        """Copies one file to another."""
        part = _part(key)
        try:
            shutil.copyfile(path, part)
        except PermissionError as error:
            raise _refused(path.as_posix()) from error
        part.replace(key)

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes the files, and the folders that this leaves empty."""
        for key in keys:
            path = Path(key)
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if not folder.is_dir() or any(folder.iterdir()):
                    break
                folder.rmdir()


def _entry(key: str, path: Path) -> Entry:
    """By the file's number as well: another one may have been moved there."""
    found = path.stat()
    return Entry(key, found.st_size, f"{found.st_ino} {found.st_mtime_ns} {found.st_size}")


def _opened(key: str) -> BinaryIO | None:
    try:
        return Path(key).open("rb")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise _refused(key) from error


def _part(key: str) -> Path:
    path = Path(key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise _refused(key) from error
    return path.with_name(f".{path.name}.{uuid.uuid4().hex}")


def _refused(key: str) -> StepError:
    return StepError(
        ExitCode.NOT_PERMITTED, "AccessDenied", f"no permission to read or write {key}: check its permissions"
    )


def _unavailable(key: str, error: Exception) -> StepError:
    return StepError(ExitCode.UNAVAILABLE, "StoreUnavailable", f"{key} cannot be read: {error}")
