"""What examples of a revision are named by where their content must not be shown. Each modality says how."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from noria_trainers.modality.stored import StoredSplit


@dataclass(frozen=True)
class ExampleNames:
    """How to find an example without its content."""

    of: Callable[[StoredSplit, Sequence[int]], list[str]]
    """Names of the examples of a split at these places, counted from 0."""
    note: str
    """How its owner finds it by its name, as a sentence with code in backticks."""


def _digests(split: StoredSplit, places: Sequence[int]) -> list[str]:
    found = split.digests()[list(places)] if len(places) else ()
    return ["".join(f"{int(half):016x}" for half in each) for each in found]


def _numbers(split: StoredSplit, places: Sequence[int]) -> list[str]:
    return [str(place) for place in places]


BY_DIGEST = ExampleNames(
    _digests, "An example's name is what `b2sum -l 128 FILE` prints; of a converted image, for the PNG that it became."
)
"""For content that nobody can guess."""
BY_PLACE = ExampleNames(
    _numbers, "An example's name is its place, counted from 0, in the files of the revision's hold-out."
)
"""For content that a digest would confirm to whoever guesses it: a row, a few words."""
