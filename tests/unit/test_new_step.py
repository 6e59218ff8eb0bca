"""A step is added by one row, one module, one Job builder and one stage: a patch adds one, and it works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATCH = ROOT / "tests/data/patches/new-step.patch"
PACKAGES = ("operator", "store", "trainers")

LIFE = """
from noria.contract import ORDER
from played_node import report_on
from unit.operator.world import World, profiled, training_job

def order_of(name):
    (container,) = world.jobs[name]["spec"]["template"]["spec"]["containers"]
    assert container["command"][-1] == container["name"] == world.jobs[name]["metadata"]["labels"]["noria.dev/step"]
    return ORDER.validate_json(next(each["value"] for each in container["env"] if each["name"] == "NORIA_ORDER"))

world = World(training_job(search={"trials": 2}), dataset=profiled())
world.settle()
steps = []
while world.reason != "Succeeded":
    name = next(name for name in world.jobs if "status" not in world.jobs[name])
    steps.append(order_of(name).step)
    world.ends(name.removeprefix("clothes-").rpartition("-")[0], report_on(order_of(name)))
    world.settle()
print(*steps)
print(world.condition("Rested"))
"""


@pytest.fixture(scope="module")
def patched(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of programs that import the patched copy of the source tree."""
    tree = tmp_path_factory.mktemp("patched")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["git", "apply", "-C1", str(PATCH)], cwd=tree, check=True)
    folders = [*(tree / package for package in PACKAGES), ROOT / "tests", ROOT / "tools"]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}


def run(environment: dict[str, str], *arguments: str) -> str:
    """The standard output of Python with these arguments."""
    done = subprocess.run([sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def test_a_patch_adds_a_step_in_one_row_one_module_one_job_builder_and_one_stage() -> None:
    touched = [line.split()[-1].removeprefix("b/") for line in PATCH.read_text().splitlines() if line[:5] == "diff "]
    assert touched == [
        "operator/noria/contract/nap.py",
        "operator/noria/contract/step.py",
        "operator/noria/decisions/training_job/__init__.py",
        "operator/noria/decisions/training_job/nap.py",
        "operator/noria/resources/nap_job.py",
        "trainers/noria_trainers/steps/nap.py",
    ]
    assert len(PATCH.read_text().splitlines()) <= 140


def test_the_operator_makes_follows_and_takes_in_the_added_step(patched: dict[str, str]) -> None:
    steps, rested = run(patched, "-c", LIFE).splitlines()
    assert steps == "choose nap train train conclude"
    assert rested == "('True', 'Rested', 'slept 0.0 s')"


def test_the_trainers_carry_out_the_added_step(patched: dict[str, str], tmp_path: Path) -> None:
    step = {
        "NORIA_ORDER": f'{{"step": "nap", "seconds": 0.25, "report": "{tmp_path}/stored.json"}}',
        "NORIA_REPORT_PATH": str(tmp_path / "termination-log"),
        "NORIA_SCRATCH": str(tmp_path / "scratch"),
        "NORIA_METRICS_PORT": "0",
    }
    assert "step: sleep for a while" in run(patched, "-m", "noria_trainers", "--help")
    run(patched | step, "-m", "noria_trainers", "nap")
    for report in ("termination-log", "stored.json"):
        assert (tmp_path / report).read_text() == '{"kind":"nap","seconds":0.25}'
