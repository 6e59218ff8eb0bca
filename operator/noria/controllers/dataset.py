"""Datasets: what `decide_dataset` sees."""

from datetime import UTC, datetime

from noria.api import Dataset
from noria.controllers import child
from noria.controllers.stored import manifest_uri, of_dataset
from noria.decisions.dataset import decide_dataset
from noria.decisions.seen import SeenDataset
from noria.resources.installation import Installation
from noria.runtime.access import access_to_kind
from noria.runtime.cache import Cache, Record
from noria.runtime.execute import Objections
from noria.runtime.feed import Watched
from noria.runtime.reconcile import Look
from noria.runtime.resource_type import TYPES
from noria.runtime.stored import parse, reader, stored_status

ACCESS = access_to_kind(Dataset.kind)
WATCHED = Watched(TYPES[Dataset.kind], reader(Dataset, of_dataset))


def look(cache: Cache, installation: Installation, record: Record, objections: Objections) -> Look:
    """Look at a Dataset and its profile Jobs."""
    pods = child.job_pods(cache, record)
    seen = SeenDataset(
        jobs=child.jobs(cache, record),
        pods=pods,
        refusals=child.refusals(cache, record, objections),
        rejections=objections.rejections,
        holders=child.holders(cache, record, pods),
        stored=child.stored(cache, record.key.namespace, manifest_uri(stored_status(record)) or ""),
    )
    decision = decide_dataset(parse(Dataset, record), seen, installation, datetime.now(UTC))
    return Look(stored_status(record), decision)
