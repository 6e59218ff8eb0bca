"""From a version's folder to a servable: a SavedModel, or TFLite where that is preferred. Used by `server.assembly`."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from noria_serving.server import lite
from noria_serving.server.metrics import Metrics
from noria_serving.server.servable import Engine, Servable
from noria_serving.server.session import SessionSettings, load_session
from noria_serving.server.status import ServingError


@dataclass(frozen=True)
class LoadSettings:
    """How models are loaded."""

    session: SessionSettings
    lite_interpreters: int = 0
    """How many of them run a TFLite model; 0 where SavedModels are served only."""
    checks_methods: bool = False
    """Whether a signature answers only requests of the kind that it was exported for."""


def load(path: Path, settings: LoadSettings, metrics: Metrics, location: str = "") -> Servable:
    """The model in a version's folder, counted under its location. Raises ServingError."""
    location = location or str(path)
    start = time.perf_counter()
    try:
        if settings.lite_interpreters and path.joinpath(lite.FILE).is_file():
            loaded: tuple[Engine, Mapping[str, SignatureDef]] = lite.load_lite(path, settings.lite_interpreters)
        else:
            loaded = load_session(path, settings.session)
    except ServingError:
        metrics.load_attempt_count.add(location, "fail")
        raise
    metrics.load_attempt_count.add(location, "success")
    metrics.load_latency.add(location, count=round((time.perf_counter() - start) * 1e6))
    return Servable(*loaded, metrics, checks_methods=settings.checks_methods)
