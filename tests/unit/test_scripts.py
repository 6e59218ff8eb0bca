"""The shell scripts' own words, where no cluster is needed to hear them."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_missing_program_is_named_though_a_function_has_its_name(tmp_path: Path) -> None:
    for name in ("bash", "dirname", "sort", "mkdir", "id"):
        found = next(Path(folder, name) for folder in os.get_exec_path() if Path(folder, name).exists())
        (tmp_path / name).symlink_to(found)
    script = "buildah() { command buildah; }; get_packages 'buildah:buildah sort:coreutils'"
    done = subprocess.run(
        ["bash", "-c", f"set -e; . localcluster/common.sh; . localcluster/programs.sh; PATH={tmp_path}; {script}"],
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
        text=True,
        capture_output=True,
    )
    assert done.returncode == 1
    assert done.stderr == "cluster: install buildah: this script can do so only on Debian and Ubuntu\n"
