"""Choices for all datasets, block by block."""

import numpy as np
from numpy.typing import NDArray

from choose.fold import BLOCKS, block_of_folds, block_of_groups, landmarkers, thinned
from choose.kept import Kept
from choose.public import Array, Columns, Public


def marks_of_blocks(public: Public, kept: Kept) -> list[list[int]]:
    """For each block the landmarkers that were picked without it; groups are in one block whole."""
    return [marks(public, kept, str(block), public.group % BLOCKS != block) for block in range(BLOCKS)]


def marks_of_all(public: Public, kept: Kept) -> list[int]:
    """The landmarkers picked by all datasets: those to ship."""
    return marks(public, kept, "all", np.ones(len(public.ids), bool))


def marks(public: Public, kept: Kept, name: str, rest: NDArray[np.bool_]) -> list[int]:
    """The landmarkers that these datasets pick."""
    found = [int(each) for each in kept.get(f"landmarkers-{name}", lambda: landmarkers(public, rest))["columns"]]
    print(f"landmarkers, {name}: {', '.join(public.names[each] for each in found)}", flush=True)
    return found


def sweep(public: Public, kept: Kept, stage: str, marks: list[list[int]]) -> dict[str, Columns]:
    """Columns chosen for all datasets, each left out alone."""
    found: dict[str, Columns] = {}
    for block in range(BLOCKS):
        part = kept.get(f"{stage}-{block}", lambda b=block: block_of_folds(public, b, marks[b]))  # type: ignore[misc]
        for name, chosen in part.items():
            whole = found.setdefault(name, np.zeros((len(public.ids), chosen.shape[1]), np.int64))
            whole[public.group % BLOCKS == block] = chosen
        print(f"{stage}: block {block + 1} of {BLOCKS}", flush=True)
    return found


def apart(public: Public, kept: Kept, alone: Columns, marks: list[list[int]]) -> Columns:
    """Columns chosen with the dataset's group left out; `alone` holds those for which that is the dataset alone."""
    found = alone.copy()
    for block in range(BLOCKS):
        part = kept.get(f"groups-{block}", lambda b=block: block_of_groups(public, b, marks[b]))  # type: ignore[misc]
        found[part["datasets"].astype(int)] = part["chosen"]
        print(f"groups: block {block + 1} of {BLOCKS}", flush=True)
    return found


def with_few_results(public: Public, kept: Kept, marks: list[list[int]], results: int) -> Array:
    """Regret at 5 of each dataset where the known ones have so many results only."""
    return kept.get(f"thinned-{results}", lambda: {"regret": thinned(public, marks, results)})["regret"]
