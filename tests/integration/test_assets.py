"""Ready programs in KUBEBUILDER_ASSETS, as envtest has them, stand in for those that would be built."""

import subprocess
from pathlib import Path

import pytest

from operator_process import ROOT, ControlPlane

PORT = 16_790
SCRIPT = str(ROOT / "localcluster/control-plane")


@pytest.fixture
def assets(quiet_plane: ControlPlane, tmp_path: Path) -> Path:
    """A folder with etcd, kube-apiserver and kubectl."""
    folder = tmp_path / "assets"
    folder.mkdir()
    show = "source localcluster/env.sh; echo $CLUSTER_BIN $CLUSTER_TOOLS"
    shown = subprocess.run(["bash", "-ec", show], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    programs, tools = map(Path, shown.stdout.split())
    for program in (programs / "etcd", programs / "kube-apiserver", tools / "kubectl"):
        (folder / program.name).symlink_to(program)
    return folder


def test_prebuilt_programs_are_used_and_nothing_is_built(assets: Path, tmp_path: Path) -> None:
    environment = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(tmp_path),
        "KUBEBUILDER_ASSETS": str(assets),
        "CLUSTER_NAME": "assets",
        "CLUSTER_CONTROLLERS": "no",
        "CONTROL_PORT": str(PORT),
    }
    cache = tmp_path / ".cache/noria/cluster"
    try:
        up = subprocess.run(
            [SCRIPT, "up"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert up.returncode == 0, up.stdout
        processes = [line.split()[0] for line in (cache / "assets/processes").read_text().splitlines()]
        programs = [Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0] for pid in processes]
        assert programs == [str(assets / "etcd"), str(assets / "kube-apiserver")]
        assert sorted(path.name for path in cache.iterdir() if path.name[0] != ".") == ["assets"]
    finally:
        subprocess.run([SCRIPT, "down"], env=environment, check=True)
    assert not (cache / "assets").exists()
