"""What to do next for a Model: which version, which children, whether it answers. Used by `controllers.model`."""

from datetime import datetime

from noria.api import Model
from noria.api.model import CANDIDATE_FAILED, WAITING_FOR_POD, ModelStatus
from noria.decision import Decision, Event
from noria.decisions import state
from noria.decisions.model.candidate import judge
from noria.decisions.model.child import unlike
from noria.decisions.model.condition import rolling_out, waiting_for_source
from noria.decisions.model.happened import happened
from noria.decisions.model.instruction import obey
from noria.decisions.model.rollout import observe_rollout
from noria.decisions.model.situation import Situation
from noria.decisions.model.standing import kept
from noria.decisions.model.verdict import verdict_events
from noria.decisions.model.version import take_in
from noria.decisions.model.watch import to_serve, watch, watch_events
from noria.decisions.notification import Sender, notified
from noria.decisions.seen import SeenModel
from noria.resources.deployment import template_digest
from noria.resources.installation import Installation
from noria.resources.service import url

WARNINGS = frozenset({WAITING_FOR_POD, CANDIDATE_FAILED})


def decide_model(model: Model, seen: SeenModel, settings: Installation, now: datetime) -> Decision[ModelStatus]:
    """Serve the version that was promoted last, and keep serving the one before until it answers.

    | state | action |
    |---|---|
    | being deleted | nothing: children are deleted with their owner |
    | an annotation asks for something | it is done once, see `obey` |
    | the source's artifact differs from the last version's | it becomes the next version, see `take_in` |
    | a version is the candidate | it is proven, and then promoted or not, see `judge` |
    | a promoted version replaces another | it is watched, and perhaps rolled back, see `watch` |
    | no version to serve, and the artifact is not the namespace's to read | Stalled, ArtifactRefused |
    | no version to serve, and no TrainingJob | Reconciling, TrainingJobNotFound |
    | no version to serve, and the TrainingJob has no result | Reconciling, TrainingJobNotReady |
    | a child is missing or differs from what it should be | it is applied |
    | a version wants approval, or there is a verdict | a server is notified, see `notified` |
    | then | the conditions show the progress of the rollout, see `rolling_out` |
    """
    if model.metadata.deletion_timestamp:
        return Decision(model.status)
    sender = Sender(
        model, seen.jobs, seen.job_pods, refusals=seen.refusals, rejections=seen.rejections, settings=settings, now=now
    )
    at = obey(Situation(model, seen, settings, now))
    refusal = _refusal(model, settings)
    judged = judge(at if refusal else take_in(at))
    watching = watch(judged.at)
    decision = _served(watching.at, refusal)
    decision = Decision(
        decision.status,
        create=(*judged.proof.create, *watching.create),
        apply=decision.apply,
        delete=(*judged.proof.delete, *watching.delete),
        events=_events(model.status, decision.status),
        requeue=judged.proof.requeue,
    ).until(watching.requeue)
    return notified(decision, happened(model.status, decision.status, sender), sender)


def _events(before: ModelStatus, after: ModelStatus) -> tuple[Event, ...]:
    conditions = state.events(before, after, warnings=WARNINGS)
    return (*verdict_events(before, after), *watch_events(before, after), *conditions)


def _served(at: Situation, refusal: str) -> Decision[ModelStatus]:
    """The rollout of the version to serve: its children, and what the status says of it."""
    version = to_serve(at.status)
    if version is None:
        return Decision(waiting_for_source(at, refusal))
    seen = at.seen.of_rollout()
    template = template_digest(at.model, version, at.settings)
    rollout = observe_rollout(version, seen, template=template, served=at.status.served)
    at = at.but_version(version.version, message=rollout.failure or None)
    at = at.but(url=url(at.model, at.settings), served=rollout.served, replicas=rollout.replicas)
    at = at.but(versions=kept(at.status))
    return Decision(
        rolling_out(at, version, rollout, refusal),
        apply=unlike(at.model, version, seen, at.settings),
    )


def _refusal(model: Model, settings: Installation) -> str:
    """Why the artifact that the Model names may not be read, if so."""
    artifact = model.spec.source.artifact
    return settings.home(model.metadata.namespace).why_refused(artifact.uri) if artifact else ""
