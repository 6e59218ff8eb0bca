"""The Job that watches a version after its promotion. Used by `decisions.model.watch`."""

from kubernetes.aio.client import V1Job, V1Probe

from noria.api import Model
from noria.api.duration import seconds
from noria.api.promotion import WatchStatus
from noria.contract import READY_FILE, SCRATCH_PATH, SERVE_SECONDS, WatchOrder, place
from noria.resources import pod
from noria.resources.installation import Installation
from noria.resources.model_job import model_job, model_job_name, place_of
from noria.resources.server import METRICS_PATH
from noria.resources.service import pods_host
from noria.resources.step_job import StepSpec

RETRIES = 3
SPARE_SECONDS = 600
"""Beyond what a watch may last: until its pod has started, and until it ends."""
_CPU, _MEMORY = "50m", "256Mi"
"""It reads some pages in a minute."""


def watch_job_name(model: Model, watch: WatchStatus) -> str:
    """The name of the Job of this watch."""
    return model_job_name(model, _part(watch))


def watch_job(model: Model, watch: WatchStatus, settings: Installation) -> V1Job:
    """The Job of this watch. Its pod is ready as soon as it knows how the version before has served."""
    storage = settings.step_ephemeral_storage
    step = StepSpec(
        order=watch_order(model, watch, settings),
        image=settings.trainer_image,
        resources=pod.resources(cpu=_CPU, memory=_MEMORY, storage=storage),
        deadline=most_seconds(model),
        retries=RETRIES,
        readiness=_has_begun(),
    )
    return model_job(model, _part(watch), step, settings)


def watch_order(model: Model, watch: WatchStatus, settings: Installation) -> WatchOrder:
    """The watch step's order. Each promotion of a version has a folder of its own."""
    given = model.spec.promotion.watch
    destination = place.watch(place_of(model, watch.version, settings), _moment(watch))
    return WatchOrder(
        model=model.metadata.name,
        version=watch.version,
        before=watch.before,
        host=pods_host(model, settings),
        metrics_path=METRICS_PATH,
        duration_seconds=seconds(given.duration),
        min_requests=given.min_requests,
        destination=destination,
        report=place.report(destination),
    )


def most_seconds(model: Model) -> int:
    """How long a watch may last."""
    return int(seconds(model.spec.promotion.watch.duration) + SERVE_SECONDS) + SPARE_SECONDS


def _has_begun() -> V1Probe:
    """Whether the step has made its file."""
    command = ["test", "-f", f"{SCRATCH_PATH}/{READY_FILE}"]
    return V1Probe.model_validate({"exec": {"command": command}, "periodSeconds": 2})  # its name is a builtin's


def _part(watch: WatchStatus) -> str:
    return f"watch-{watch.version}-{_moment(watch)}"


def _moment(watch: WatchStatus) -> str:
    """The promotion's, in digits: a version may be promoted more than once."""
    return "".join(filter(str.isdecimal, watch.promoted_at))
