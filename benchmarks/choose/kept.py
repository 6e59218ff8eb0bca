"""Results by name in a folder, worked out once: a run that was cut short goes on where it stopped."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from choose.public import Array


class Kept:
    """Arrays by name in a folder, worked out once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, name: str, make: Callable[[], dict[str, Array]]) -> dict[str, Array]:
        path = self._folder / f"{name}.npz"
        if not path.exists():
            part = path.with_suffix(".part.npz")
            np.savez(part, allow_pickle=False, **make())
            part.rename(path)
        with np.load(path) as held:
            return dict(held)
