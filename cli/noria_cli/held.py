"""What a Model or a TrainingJob has in the bucket: versions, cards, logs. Used by `card`, `download` and `logs`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from noria.api import Model, TrainingJob
from noria.api.model import VersionStatus
from noria.contract import Artifact, ExitCode
from noria.contract.place import CARD, OF_NAMESPACES, folder_of
from noria_cli.named import Named, named, read
from noria_store.error import StepError

if TYPE_CHECKING:
    from noria_cli.cluster.connection import Cluster

USUAL_BUCKET = "noria"


@dataclass(frozen=True)
class Held:
    """A model that was made: where it lies and where its card does."""

    name: str
    """Of the version, as a folder may be called."""
    artifact: Artifact
    card: str


def model_or_job(text: str) -> Named | str:
    """An argparse type: the name of a Model or a TrainingJob, or KIND/NAME."""
    return named(text) if "/" in text else text


def job_or_dataset(text: str) -> Named:
    """An argparse type: the name of a TrainingJob, or KIND/NAME."""
    return named(text) if "/" in text else Named(TrainingJob, text)


def held(cluster: "Cluster", wanted: Named | str, *, version: int | None = None) -> Held:
    """What the object serves, or its `version`; of a TrainingJob, its best. Raises StepError where there is none."""
    if isinstance(wanted, str):
        first = Named(Model, wanted)
        wanted = first if cluster.find(first.path(cluster.namespace)) else Named(TrainingJob, wanted)
    body = read(cluster, wanted)
    if wanted.kind is Model:
        return _of_model(Model.model_validate(body), version)
    if wanted.kind is TrainingJob and version is None:
        return _of_job(TrainingJob.model_validate(body))
    message = f"{wanted} has no versions: name a Model, or a TrainingJob without --version"
    raise StepError(ExitCode.BAD_ORDER, "BadArguments", message)


def versioned(model: Model, number: int) -> VersionStatus:
    """The version. Raises StepError where the Model has none of that number."""
    found = next((each for each in model.status.versions if each.version == number), None)
    if found is None:
        known = ", ".join(str(each.version) for each in model.status.versions) or "none yet"
        message = f"Model {model.metadata.name} has no version {number}: known are {known}"
        raise StepError(ExitCode.BAD_DATA, "NotFound", message)
    return found


def _of_model(model: Model, number: int | None) -> Held:
    number = number if number is not None else model.status.served
    if number is None:
        message = f"Model {model.metadata.name} serves nothing yet: see `noria why model/{model.metadata.name}`"
        raise StepError(ExitCode.UNAVAILABLE, "NotReady", message)
    found = versioned(model, number)
    return Held(str(number), found.artifact, folder_of(found.artifact.uri) + CARD)


def _of_job(job: TrainingJob) -> Held:
    best = job.status.best
    if best is None:
        message = f"TrainingJob {job.metadata.name} has no result yet: see `noria why trainingjob/{job.metadata.name}`"
        raise StepError(ExitCode.UNAVAILABLE, "NotReady", message)
    return Held(str(best.run), best.artifact, best.card_uri or folder_of(best.artifact.uri) + CARD)


def root_of(statuses: Iterable[Any]) -> str:
    """What is above the first place that a status names, such as `s3://noria`; by default the usual bucket."""
    folders = "|".join(OF_NAMESPACES)
    found = (re.search(rf"'([^']+?)/(?:{folders})/", str(status)) for status in statuses)
    return next((each[1] for each in found if each), f"s3://{USUAL_BUCKET}")
