"""Where versions lie: folders of this machine or of an S3 bucket. Used by `server.assembly`."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from noria_serving.server.status import Code, ServingError
from noria_serving.server.version_policy import versions_among
from noria_store.error import StepError
from noria_store.store import Store
from noria_store.uri import is_s3


class Source:
    """Lists versions below base paths, and brings those of a bucket to this machine."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._store = Store.from_environment(environment=environment, anonymous=True)

    def versions(self, base: str) -> dict[int, str]:
        """Where each version below a base path lies. Raises OSError where the base path is missing or out of reach."""
        root = base.rstrip("/")
        names = self._listed(root) if is_s3(base) else [path.name for path in Path(base).iterdir()]
        return {number: f"{root}/{name}" for number, name in versions_among(names).items()}

    def _listed(self, base: str) -> list[str]:
        with _reached(base):
            below = self._store.children(base)
        if not below:
            raise FileNotFoundError(f"{base} not found")
        return [name.rstrip("/") for name in below if name.endswith("/")]

    def fetch(self, location: str) -> Path:
        """The folder of a version, brought here if need be. Raises ServingError."""
        if not is_s3(location):
            return Path(location)
        folder: Path | None = None
        try:
            folder = Path(tempfile.mkdtemp(prefix="noria-"))
            with _reached(location):
                for uri, _ in self._store.list(location):
                    self._store.download(uri, folder / _inside(uri.removeprefix(f"{location}/")))
        except OSError as error:
            if folder:
                shutil.rmtree(folder, ignore_errors=True)
            raise ServingError(Code.UNAVAILABLE, str(error)) from None
        return folder

    def discard(self, location: str, folder: Path) -> None:
        """Remove what `fetch` brought."""
        if is_s3(location):
            shutil.rmtree(folder, ignore_errors=True)


def _inside(name: str) -> str:
    if name.startswith("/") or ".." in name.split("/"):
        raise OSError(f"{name}: no name of a file in a folder")
    return name


@contextmanager
def _reached(location: str) -> Iterator[None]:
    """Whatever a store says becomes an OSError that names the location."""
    try:
        yield
    except StepError as error:
        raise OSError(f"{location}: {error}") from error
