"""A configured model and its versions, as the catalog keeps them and as requests see them."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from noria_serving.server.config import ModelConfig
from noria_serving.server.servable import Servable
from noria_serving.server.status import ServingError
from noria_serving.server.version_policy import Phase

STATES = {Phase.NEW: 10, Phase.LOADING: 20, Phase.READY: 30, Phase.UNLOADING: 40, Phase.FAILED: 50, Phase.GONE: 50}
"""ModelVersionStatus.State of each phase."""


@dataclass
class Version:
    """A version that is, was or shall be loaded. Written by the catalog's thread alone."""

    number: int
    path: str
    phase: Phase = Phase.NEW
    error: ServingError | None = None
    servable: Servable | None = None
    unwanted: threading.Event = field(default_factory=threading.Event)


@dataclass
class Model:
    """A configured model: its versions and those that it should have."""

    config: ModelConfig
    wanted: Mapping[int, str] = field(default_factory=dict)
    versions: dict[int, Version] = field(default_factory=dict)


@dataclass(frozen=True)
class Ready:
    """What requests see of a model: immutable, replaced as a whole."""

    latest: int
    versions: Mapping[int, Servable]


def enlist(model: Model) -> None:
    """Make a version of each wanted one that is not there, or not any more."""
    for number, path in model.wanted.items():
        version = model.versions.get(number)
        if version is None or version.phase is Phase.GONE:
            model.versions[number] = Version(number, path)
        elif version.phase is Phase.LOADING:
            version.unwanted.clear()
