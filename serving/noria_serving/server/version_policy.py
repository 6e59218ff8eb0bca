"""Which versions should be served and what to do next to get there. Pure.

Source: FileSystemStoragePathSource and AvailabilityPreservingPolicy of TensorFlow Serving.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

_INTEGER = re.compile(r"\d+", re.ASCII)
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Latest:
    """The `count` highest versions."""

    count: int = 1


@dataclass(frozen=True)
class All:
    """Every version."""


@dataclass(frozen=True)
class Specific:
    """These versions, where they are there."""

    versions: tuple[int, ...]


Policy = Latest | All | Specific
LATEST = Latest()
"""The policy of a model that names none."""


def versions_among(names: Iterable[str]) -> dict[int, str]:
    """The folder names that are version numbers, by number. Of two names of one number the last in order counts."""
    return {int(name): name for name in sorted(names) if _INTEGER.fullmatch(name) and int(name) <= _LARGEST}


def aspired(policy: Policy, available: Collection[int]) -> set[int]:
    """The versions that should be served, of those that are there."""
    match policy:
        case All():
            return set(available)
        case Specific(versions):
            return set(versions) & set(available)
        case Latest(count):
            return set(sorted(available)[-count:])


class Phase(Enum):
    """Where a version is in its life."""

    NEW = auto()
    LOADING = auto()
    READY = auto()
    UNLOADING = auto()
    FAILED = auto()
    GONE = auto()


@dataclass(frozen=True)
class Load:
    """Load this version next."""

    version: int


@dataclass(frozen=True)
class Unload:
    """Unload this version next."""

    version: int


def next_step(phases: Mapping[int, Phase], wanted: Collection[int]) -> Load | Unload | None:
    """What to do next for one model, so that some version stays available.

    | unaspired ready | aspired                          | step                       |
    |-----------------|----------------------------------|----------------------------|
    | some            | none, or one of them is ready    | unload the lowest unaspired |
    | more than one   | any                              | unload the lowest unaspired |
    | one             | some, none of them ready         | keep it                    |
    | any             | some are new                     | load the highest of them   |
    """
    ready = {version for version, phase in phases.items() if phase is Phase.READY}
    superfluous = ready.difference(wanted)
    if superfluous and (not wanted or ready.intersection(wanted) or len(superfluous) > 1):
        return Unload(min(superfluous))
    new = [version for version in wanted if phases.get(version) is Phase.NEW]
    return Load(max(new)) if new else None
