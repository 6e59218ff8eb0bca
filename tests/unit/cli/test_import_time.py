"""What answers at once imports nothing that takes seconds."""

import subprocess
import sys

import pytest

from noria.contract import Task

FRAMEWORKS = {"tensorflow", "keras"}
SLOW = {*FRAMEWORKS, "sklearn", "matplotlib", "pandas", "scipy"}
CLIENTS = {"kubernetes", "kopf", "aiohttp", "minio", "shtab", "httpx"}
"""Take half a second together, and the images of steps do without some of them."""


def imported(*arguments: str) -> set[str]:
    """Top-level packages that a Python with these arguments imports."""
    command = [sys.executable, "-X", "importtime", *arguments]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    names = (line.rpartition("|")[2].strip() for line in told.splitlines() if line.startswith("import time:"))
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("task", Task)
def test_a_space_is_shown_without(task: Task) -> None:
    found = imported("-m", "noria_cli.__main__", "space", "--task", task)
    assert "noria_trainers" in found
    assert not found & SLOW


@pytest.mark.parametrize("command", [(), ("status",)])
def test_help_is_shown_without(command: tuple[str, ...]) -> None:
    """All commands' arguments are known by then, whichever is named."""
    assert not imported("-m", "noria_cli.__main__", *command, "--help") & (SLOW | CLIENTS)


@pytest.mark.parametrize("step", ["profile", "choose"])
def test_steps_that_train_nothing_do_without_frameworks(step: str) -> None:
    assert not imported("-c", f"import noria_trainers.steps.{step}") & FRAMEWORKS
