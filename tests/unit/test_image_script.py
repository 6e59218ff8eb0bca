"""images/build.sh with a user's own builder and cluster: what it asks them for, and the chart values that it writes."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from cache_folder import CACHE

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (
    *("images", "localcluster", "tools", "requirements", "pyproject.toml"),
    *("operator", "store", "trainers", "serving", "cli"),
)
TOOL = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
case "$*" in
"image inspect --format {{.Id}} "*) echo sha256:0123456789abcdef ;;
"image inspect "*) echo 314000000 ;;
esac
"""
Build = Callable[..., tuple[int, str, list[str]]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the script reads and writes."""
    folder = tmp_path / "checkout"
    for name in SOURCES:
        path = ROOT / name
        copy = shutil.copytree if path.is_dir() else shutil.copy
        folder.mkdir(exist_ok=True)
        copy(path, folder / name)
    return folder


@pytest.fixture
def build(checkout: Path, tmp_path: Path) -> Build:
    """Runs it beside programs that only note what they are asked for; exit code, words, and the calls."""
    tools, calls = tmp_path / "tools", tmp_path / "calls"
    tools.mkdir()
    for name in ("docker", "kind"):
        (tools / name).write_text(TOOL)
        (tools / name).chmod(0o755)
    cache = tmp_path / "cache/noria"
    cache.mkdir(parents=True)
    for uv in CACHE.glob("uv-*"):
        (cache / uv.name).symlink_to(uv)

    def run(**settings: str) -> tuple[int, str, list[str]]:
        calls.write_text("")
        path = f"{tools}:/usr/local/bin:/usr/bin:/bin"
        environment = {"PATH": path, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(cache.parent), "CALLS": str(calls)}
        command = [str(checkout / "images/build.sh"), "--load"]
        done = subprocess.run(command, env={**environment, **settings}, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr, calls.read_text().splitlines()

    return run


def targets(calls: list[str]) -> list[str]:
    """What was built."""
    return [call.split(" --target ")[1].split()[0] for call in calls if call.startswith("docker build ")]


def test_kind_gets_the_images_loaded(build: Build, checkout: Path) -> None:
    code, said, calls = build(CONTEXT="kind-mine")
    assert code == 0, said
    assert targets(calls) == ["operator", "trainer", "server", "seaweedfs"]
    assert len([call for call in calls if call.startswith("kind load image-archive --name mine ")]) == 4
    assert not [call for call in calls if " push " in call]
    assert "images: operator: 314 MB" in said
    values = yaml.safe_load((checkout / "localcluster/values.yaml").read_text())
    assert values["images"]["trainer"] == "localhost/noria-trainer:0123456789ab"
    assert values["objectStore"]["embedded"]["image"] == "localhost/noria-seaweedfs:0123456789ab"
    assert targets(build(CONTEXT="kind-mine")[2]) == [], "what did not change is not built again"


def test_any_other_cluster_pulls_from_a_registry(build: Build, checkout: Path) -> None:
    code, said, calls = build(CONTEXT="cloud", REGISTRY="registry.example/me", GPU="yes")
    assert code == 0, said
    assert targets(calls) == ["operator", "trainer", "server", "seaweedfs", "trainer"]
    assert [call.partition("TENSORFLOW=")[2].split()[0] for call in calls if "TENSORFLOW" in call][-1] == "gpu"
    names = ("operator", "trainer", "server", "seaweedfs", "trainer-gpu")
    pushed = [f"docker push registry.example/me/noria-{name}:0123456789ab" for name in names]
    assert [call for call in calls if " push " in call] == pushed
    values = yaml.safe_load((checkout / "localcluster/values.yaml").read_text())
    assert values["images"]["trainerGPU"] == "registry.example/me/noria-trainer-gpu:0123456789ab"


def test_a_registry_that_is_missing_is_asked_for(build: Build) -> None:
    code, said, _ = build(CONTEXT="cloud")
    assert code == 1
    assert "set REGISTRY" in said.splitlines()[-1]
