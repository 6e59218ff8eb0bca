"""Lives of datasets, each run once for all tests, in two processes at a time."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from unit.frozen.plan import PLANS, PROCESSES, Plan

LIFE = Path(__file__).with_name("life.py")


@pytest.fixture(scope="session")
def life_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Path]]:
    """The folder with all that the steps of a plan left."""
    folders = {name: tmp_path_factory.mktemp("life") for name in PLANS}
    with ThreadPoolExecutor(len(PROCESSES)) as pool:
        ended = {names: pool.submit(live, {name: folders[name] for name in names}) for names in PROCESSES}

        def folder_of(name: str) -> Path:
            next(each for names, each in ended.items() if name in names).result()
            return folders[name]

        yield folder_of


def live(folders: dict[str, Path]) -> None:
    """Run plans in a process of their own."""
    plans = [given(PLANS[name], folder) for name, folder in folders.items()]
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    ended = subprocess.run(
        [sys.executable, str(LIFE)],
        input=json.dumps(plans),
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-4000:]


def given(plan: Plan, folder: Path) -> dict[str, Any]:
    """A plan as `life.py` reads it, its source made."""
    return asdict(plan) | {"source": str(plan.source(folder / plan.file)), "folder": str(folder)}
