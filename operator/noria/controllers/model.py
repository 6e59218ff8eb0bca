"""Models: what `decide_model` sees."""

from datetime import UTC, datetime
from typing import Any

from noria.api import Model, TrainingJob
from noria.controllers import child
from noria.controllers.stored import of_model
from noria.decisions.model import decide_model
from noria.decisions.seen import SeenModel
from noria.resources.installation import Installation
from noria.runtime.access import access_to_kind
from noria.runtime.cache import Cache, Key, Record
from noria.runtime.execute import Objections
from noria.runtime.feed import Watched
from noria.runtime.reconcile import Look
from noria.runtime.resource_type import DEPLOYMENT, TYPES
from noria.runtime.stored import parse, parse_referent, reader, referent, stored_status


def _references(body: dict[str, Any]) -> tuple[Key, ...]:
    return (*referent(TrainingJob, body, "source", "trainingJobRef"), *of_model(body))


ACCESS = access_to_kind(Model.kind)
WATCHED = Watched(TYPES[Model.kind], reader(Model, _references, is_mutual=True))


def look(cache: Cache, installation: Installation, record: Record, objections: Objections) -> Look:
    """Look at a Model, its TrainingJob and what serves it."""
    model = parse(Model, record)
    reference = model.spec.source.training_job_ref
    source = cache.get(Key(TrainingJob.kind, record.key.namespace, reference.name)) if reference else None
    training_job, problem = parse_referent(TrainingJob, source)
    deployments = cache.children(record.key, DEPLOYMENT.kind, uid=record.uid)
    pods, job_pods = child.serving_pods(cache, record), child.job_pods(cache, record)
    artifacts = {version.artifact.uri for version in model.status.versions}
    seen = SeenModel(
        training_job=training_job,
        training_job_problem=problem,
        deployment=deployments[0].content if deployments else None,
        children=child.applied(cache, record),
        pods=pods,
        jobs=child.jobs(cache, record),
        job_pods=job_pods,
        refusals=child.refusals(cache, record, objections),
        rejections=objections.rejections,
        holders=child.holders(cache, record, (*pods, *job_pods)),
        stored={uri: found for uri in artifacts if (found := child.stored(cache, record.key.namespace, uri))},
    )
    return Look(stored_status(record), decide_model(model, seen, installation, datetime.now(UTC)))
