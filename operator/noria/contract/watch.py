"""What is watched of a version after its promotion, and how that can end."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from noria.contract.environment import REST_PORT
from noria.contract.report import Report
from noria.contract.shape import Prose, Shape

READY_FILE = "ready"
"""Below a step's scratch folder. The watch makes it as soon as it knows how the version before has served: until then
that one should go on."""
SERVE_SECONDS = 900.0
"""How long the watch waits for the version to answer at all."""


class Watched(StrEnum):
    """How a watch ends."""

    KEPT = "Kept"
    """The version serves as well as the one before."""
    BREACHED = "Breached"
    """It fails more requests, or is slower: the one before must serve again."""
    INCONCLUSIVE = "WatchInconclusive"
    """It had too few requests, so it is kept."""


class WatchOrder(Shape):
    """Compare how a version serves with how the one before has served."""

    step: Literal["watch"] = "watch"
    model: str
    """Name of the model in the paths of requests."""
    version: int
    before: int
    """The version that it replaces."""
    host: str
    """A name with the address of every pod that answers."""
    port: int = REST_PORT
    metrics_path: str
    """Where the servers have their Prometheus text."""
    duration_seconds: float = Field(gt=0)
    """How long to watch, from the version's first answer on."""
    min_requests: int = Field(default=200, ge=1)
    """With fewer requests the watch is inconclusive."""
    destination: str
    """`s3://BUCKET/proofs/NS/MODEL/UID/VERSION/watch/`: how the version before has served."""
    report: str


class WatchReport(Report):
    """How a version serves after its promotion."""

    kind: Literal["watch"] = "watch"
    result: Watched
    reason: str = Field(max_length=40)
    """CamelCase, e.g. Errors, Refusals, Slower, Restarts, Down, TooFewRequests."""
    message: Prose
    """The figures of both versions."""
    requests: int = 0
    """Requests that the version has answered meanwhile."""
    requests_before: int = 0
    """Requests that the one before has answered, as far as its pods have counted them."""
