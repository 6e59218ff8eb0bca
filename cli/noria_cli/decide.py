"""A person's decision about a Model, by its annotations and in the person's own name. Used by `promote`, `reject` and
`rollback`.
"""

import argparse
import time
from datetime import datetime
from typing import TYPE_CHECKING

from noria.api import Model
from noria.api.condition import READY, find_condition
from noria.api.model import CANDIDATE_FAILED, LOAD_FAILED
from noria.api.promotion import DECIDED_BY, REJECT, SERVE, InstructionStatus
from noria.contract import ExitCode
from noria_cli import status
from noria_cli.age import present
from noria_cli.cluster.option import add_cluster
from noria_cli.code import NOT_READY
from noria_cli.held import versioned
from noria_cli.named import Named, read
from noria_cli.output import tell
from noria_store.error import StepError

if TYPE_CHECKING:
    from noria_cli.cluster.connection import Cluster

OBEY_SECONDS = 30.0
"""How long the operator may take to obey or refuse."""
PAUSE_SECONDS = 0.5
SERVE_SECONDS = 900.0
"""How long a rollout is waited for."""
WHO_AM_I = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


def add_arguments(parser: argparse.ArgumentParser, *, version: str, nargs: str | None = None) -> None:
    """The Model, the version, and whether to go on until it serves."""
    parser.add_argument("model", metavar="MODEL", help="name of the Model")
    parser.add_argument("version", type=int, nargs=nargs, metavar="VERSION", help=version)
    parser.add_argument("-w", "--watch", action="store_true", help="go on until the decision is rolled out")
    add_cluster(parser)


def decide(arguments: argparse.Namespace, annotation: str, version: int, done: str) -> int:
    """Set the annotation, wait until the operator obeys it, and say so; the exit code."""
    from noria_cli.cluster.connection import connect

    cluster, wanted = connect(arguments), Named(Model, arguments.model)
    model = model_of(cluster, wanted)
    versioned(model, version)
    value = value_of(model.metadata.annotations.get(annotation), version, present())
    annotate(cluster, wanted, {annotation: value})
    found = _obeyed(cluster, wanted, annotation, value)
    if found is None:
        tell(f"asked; the operator has not answered within {OBEY_SECONDS:.0f} s: see `noria doctor`")
        return NOT_READY
    if found.refused:
        raise StepError(ExitCode.BAD_ORDER, "DecisionRefused", f"{wanted}: {found.refused}")
    tell(f"{wanted}: version {version} {done} by {found.by}")
    if not arguments.watch:
        return ExitCode.DONE
    if annotation != REJECT:
        _wait_until_served(cluster, wanted, version)
    return watched(cluster, wanted)


def _wait_until_served(cluster: "Cluster", wanted: Named, version: int) -> None:
    """Return once the version answers, or cannot."""
    end = time.monotonic() + SERVE_SECONDS
    while time.monotonic() < end:
        model = status.patiently(lambda: model_of(cluster, wanted))
        ready = find_condition(model.status.conditions, READY)
        if model.status.served == version or (ready and ready.reason in (CANDIDATE_FAILED, LOAD_FAILED)):
            return
        time.sleep(PAUSE_SECONDS)


def watched(cluster: "Cluster", wanted: Named) -> int:
    """Go on until nothing more happens by itself; the exit code."""
    return status.code(status.watch(cluster, wanted))


def model_of(cluster: "Cluster", wanted: Named) -> Model:
    """The Model as it is."""
    return Model.model_validate(read(cluster, wanted))


def value_of(before: str | None, version: int, now: datetime) -> str:
    """The annotation's value: each is obeyed once, so that the same decision again has another one."""
    plain = str(version)
    has_it = before is not None and before.partition("@")[0] == plain
    return f"{plain}@{now:%Y-%m-%dT%H:%M:%S.%fZ}" if has_it else plain


def annotate(cluster: "Cluster", wanted: Named, annotations: dict[str, str | None]) -> None:
    """Set annotations of decisions in the user's own name; None removes one."""
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    user = cluster.create(WHO_AM_I, review)["status"]["userInfo"]["username"]
    metadata = {"annotations": {**annotations, DECIDED_BY: user}}
    cluster.merge(wanted.path(cluster.namespace), {"metadata": metadata})


def _obeyed(cluster: "Cluster", wanted: Named, annotation: str, value: str) -> InstructionStatus | None:
    """What the operator says of the annotation; none if it says nothing in time."""
    end = time.monotonic() + OBEY_SECONDS
    while True:
        instructions = status.patiently(lambda: model_of(cluster, wanted)).status.instructions
        found = next((each for each in instructions if (each.annotation, each.value) == (annotation, value)), None)
        if found or time.monotonic() > end:
            return found
        time.sleep(PAUSE_SECONDS)


def unpin(cluster: "Cluster", wanted: Named) -> None:
    """Serve what is promoted again."""
    annotate(cluster, wanted, {SERVE: None})
