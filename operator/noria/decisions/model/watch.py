"""What follows a promotion: a watch of the version beside the one before, and a way back. Used by `decisions.model`."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from noria.api.condition import cut
from noria.api.model import ModelStatus, VersionStatus
from noria.api.promotion import FIRST_VERSION, ROLLED_BACK, SOURCE_ARTIFACT, WatchState, WatchStatus
from noria.contract import Watched, WatchReport, replaced
from noria.decision import Event, EventType, Reference
from noria.decisions.follow import answer, follow, references
from noria.decisions.model import wording
from noria.decisions.model.child import is_watched
from noria.decisions.model.situation import Situation
from noria.decisions.model.standing import promoted, target
from noria.decisions.model.verdict import reject, why_not_rejected
from noria.decisions.seen import JobState
from noria.decisions.step import Failure, SeenStep, StepState, remaining
from noria.decisions.time import from_text, to_text
from noria.resources.manifest import Child
from noria.resources.watch_job import most_seconds, watch_job, watch_job_name

HOLD_SECONDS = 60.0
"""How long the version before goes on for the watch to find out how it has served."""
_UNDER_WAY = (WatchState.STARTING, WatchState.WATCHING)


@dataclass(frozen=True)
class Watching:
    """What was decided about a watch, and what it needs."""

    at: Situation
    create: tuple[Child, ...] = ()
    delete: tuple[Reference, ...] = ()
    requeue: float | None = None


def watch(at: Situation) -> Watching:
    """Watch the version that was promoted last, and go back to the one before where it breaches.

    | state | action |
    |---|---|
    | a version is about to replace another one, see `_due` | a watch begins: the one before goes on for the moment |
    | the watched version is not the one to serve any more, or pinned | the watch ends, WatchInconclusive |
    | its Job says Breached, and there is a version to go back to | the version is rejected, RolledBack |
    | its Job says Breached, and there is none | Breached |
    | its Job says Kept or WatchInconclusive | so it is |
    | its Job failed, or has not ended when it should have | WatchInconclusive, with why |
    | its pod is ready, the minute is over, or the version before answers no longer | the version is rolled out |
    | otherwise | see `follow` |

    Jobs of other watches are deleted; the last one's stays until the next.
    """
    at = at.but(watch=_due(at) or at.status.watch)
    found = at.status.watch
    if found is None or found.state not in _UNDER_WAY:
        return Watching(at, delete=_needless(at))
    if not _is_wanted(at, found):
        ended = _ended(at, found, WatchState.INCONCLUSIVE, wording.watch_ended(found.version))
        return Watching(ended, delete=_needless(ended))
    step = at.observe(watch_job_name(at.model, found))
    outcome = answer(step, WatchReport, otherwise="the watch step reported no result")
    match step.failure if step.state is StepState.HOPELESS else outcome:
        case WatchReport() as report:
            at = _reported(at, found, report)
        case Failure() as failure:
            at = _ended(at, found, WatchState.INCONCLUSIVE, wording.unwatched(found.version, failure.message))
        case _:
            return _under_way(at, found, step)
    return Watching(at, delete=_needless(at))


def to_serve(status: ModelStatus) -> VersionStatus | None:
    """The version that the Deployment runs: the target, unless a watch has yet to learn how the one before serves.

    One that is rejected is not served even that long.
    """
    wanted, found = target(status), status.watch
    if wanted is None or found is None or found.state is not WatchState.STARTING or found.version != wanted.version:
        return wanted
    return next((version for version in promoted(status) if version.version == found.before), wanted)


def watch_events(before: ModelStatus, after: ModelStatus) -> Iterator[Event]:
    """One event for the end of a watch; a rollback is told by its verdict."""
    was, is_ = before.watch, after.watch
    if is_ is None or is_.state in _UNDER_WAY or is_ == was:
        return
    version = next((version for version in after.versions if version.version == is_.version), None)
    if version and version.verdict and version.verdict.reason == ROLLED_BACK:
        return
    is_bad = is_.state is WatchState.BREACHED
    yield Event(EventType.WARNING if is_bad else EventType.NORMAL, str(is_.state), is_.message)


def _due(at: Situation) -> WatchStatus | None:
    """The watch that the promotion of the target asks for, if it has not begun.

    | the target | a watch? |
    |---|---|
    | is pinned by a person, the first version, or an artifact in the spec | no |
    | answers already, or nothing answers | no |
    | was promoted before what answers: a way back | no |
    | was watched since it was promoted | no |
    | otherwise | yes, if the spec wants one |
    """
    version, before, known = target(at.status), at.version(at.status.served), at.status.watch
    if version is None or before is None or version.version == before.version or at.status.pinned is not None:
        return None
    if version.verdict is None or version.verdict.reason in (FIRST_VERSION, SOURCE_ARTIFACT):
        return None
    promoted_at = version.promoted_at or ""
    if promoted_at <= (before.promoted_at or "") or not is_watched(at.model):
        return None
    if known and (known.version, known.promoted_at) == (version.version, promoted_at):
        return None
    message = f"version {before.version} goes on until it is known how it has served"
    since = to_text(at.now)
    return WatchStatus(
        version=version.version, before=before.version, promoted_at=promoted_at, since=since, message=message
    )


def _is_wanted(at: Situation, found: WatchStatus) -> bool:
    version = target(at.status)
    is_same = version is not None and (version.version, version.promoted_at) == (found.version, found.promoted_at)
    return is_same and at.status.pinned is None


def _reported(at: Situation, found: WatchStatus, report: WatchReport) -> Situation:
    if report.result is not Watched.BREACHED:
        return _ended(at, found, WatchState(str(report.result)), report.message)
    refused = why_not_rejected(at.status, found.version)
    if refused:
        return _ended(at, found, WatchState.BREACHED, f"{report.message}; {refused}")
    at = _ended(at, found, WatchState.BREACHED, report.message)
    message = wording.rolled_back(at.model, found.version, report.message)
    return reject(at, found.version, reason=ROLLED_BACK, message=message)


def _under_way(at: Situation, found: WatchStatus, step: SeenStep) -> Watching:
    """What to do for the Job of a watch that has not ended."""
    since = from_text(found.since)
    left = remaining(since, most_seconds(at.model) + HOLD_SECONDS, at.now)
    if not left:
        why = step.message or "its Job did not end in time"
        at = _ended(at, found, WatchState.INCONCLUSIVE, wording.unwatched(found.version, why))
        return Watching(at, delete=_needless(at))
    hold = remaining(since, HOLD_SECONDS, at.now) if found.state is WatchState.STARTING else 0.0
    if found.state is WatchState.STARTING and (not hold or _has_begun(at, found)):
        message = wording.watching(found.version, found.before, at.model.spec.promotion.watch.duration)
        at, hold = at.but(watch=replaced(found, state=WatchState.WATCHING, message=message)), 0.0
    followed = follow(step, partial(watch_job, at.model, found, at.settings))
    waits = (hold, left, followed.requeue)
    delete = (*followed.delete, *_needless(at))
    return Watching(at, followed.create, delete, min(wait for wait in waits if wait))


def _has_begun(at: Situation, found: WatchStatus) -> bool:
    """Whether the version before is needed no longer: its counters are read, or it answers no more."""
    name = watch_job_name(at.model, found)
    return at.status.served != found.before or any(pod.ready for pod in at.seen.job_pods if pod.job == name)


def _ended(at: Situation, found: WatchStatus, state: WatchState, message: str) -> Situation:
    return at.but(watch=replaced(found, state=state, message=cut(message)))


def _needless(at: Situation) -> tuple[Reference, ...]:
    """Jobs of watches that nobody waits for."""
    found = at.status.watch
    last = watch_job_name(at.model, found) if found else ""
    is_pending = found is not None and found.state in _UNDER_WAY
    jobs = (job for job in at.seen.jobs if job.step == "watch")
    return references(job for job in jobs if job.name != last or (job.state is JobState.ACTIVE and not is_pending))
