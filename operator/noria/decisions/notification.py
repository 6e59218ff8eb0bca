"""Notifications of one object: what happened is kept in its status until a Job has sent it, or it is lost.

Used by `decisions.dataset` and `decisions.model`. Nothing waits for one: an object goes on whatever becomes of it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from noria.api import Dataset, Model
from noria.api.condition import cut
from noria.api.notification import MOST_PENDING, NOTIFICATION_LOST, NotificationStatus, NotifyingStatus
from noria.contract import NotificationType, NotifyReport, replaced
from noria.decision import Decision, Event, EventType, Reference
from noria.decisions.follow import answer, follow, references
from noria.decisions.seen import SeenJob, SeenPod
from noria.decisions.step import Failure, SeenStep, StepState, observe, remaining
from noria.decisions.time import from_text, to_text
from noria.resources import pod
from noria.resources.installation import Installation
from noria.resources.manifest import Child
from noria.resources.notify_job import notify_job, notify_job_name

MOST_JOBS = 3
"""That send notifications of one object at the same time."""
MOST_SECONDS = 3600.0
"""After which a notification is lost, whatever keeps it."""
S = TypeVar("S", bound=NotifyingStatus)


@dataclass(frozen=True)
class Sender:
    """The object that notifies, and what is seen of its Jobs."""

    object: Dataset | Model
    jobs: Iterable[SeenJob]
    pods: Iterable[SeenPod]
    refusals: Mapping[str, str]
    rejections: Mapping[str, str]
    settings: Installation
    now: datetime

    def observe(self, notification: NotificationStatus) -> SeenStep:
        """The state of the Job that sends it."""
        return observe(
            notify_job_name(self.object, notification.id),
            jobs=self.jobs,
            pods=self.pods,
            refusals=self.refusals,
            rejections=self.rejections,
            now=self.now,
            placement=pod.placement_digest(self.settings),
        )

    def notification(
        self, type: NotificationType, *, reason: str, message: str, key: str, version: int | None = None
    ) -> NotificationStatus:
        """What has happened now; the key tells it from others of its type."""
        named = "/".join([self.object.metadata.uid, type, key])
        return NotificationStatus(
            id=hashlib.sha256(named.encode()).hexdigest()[:32],
            type=type,
            version=version,
            reason=reason,
            message=cut(message),
            at=to_text(self.now),
        )


@dataclass(frozen=True)
class _Followed:
    """What becomes of one notification."""

    is_pending: bool = True
    lost: str = ""
    """Why it is lost, if so."""
    create: tuple[Child, ...] = ()
    delete: tuple[Reference, ...] = ()
    requeue: float | None = None


def notified(decision: Decision[S], happened: Iterable[NotificationStatus], sender: Sender) -> Decision[S]:
    """The decision, and what it takes to send what has happened.

    | state | action |
    |---|---|
    | the spec names no server | whatever is pending is dropped |
    | something happened | it is pending from this status on, or lost if ten are |
    | its Job is done | it is sent |
    | its Job failed, or an hour is over | it is lost: an event says why |
    | three Jobs are under way | it waits |
    | otherwise | see `follow` |

    Jobs of what is not pending are deleted.
    """
    to = sender.object.spec.notify
    before = decision.status.notifications if to else ()
    known = {each.id for each in before}
    arrived = [each for each in happened if each.id not in known] if to else []
    room = MOST_PENDING - len(before)
    all_pending = [*before, *arrived[:room]]
    followed = {each.id: _follow(each, sender, number) for number, each in enumerate(all_pending)}
    pending = tuple(each for each in all_pending if followed[each.id].is_pending)
    lost = [(each, followed[each.id].lost) for each in all_pending if followed[each.id].lost]
    lost += [(each, f"{MOST_PENDING} others wait to be sent") for each in arrived[room:]]
    found = replace(
        decision,
        status=replaced(decision.status, notifications=pending),
        create=(*decision.create, *(child for each in followed.values() for child in each.create)),
        delete=(*decision.delete, *(child for each in followed.values() for child in each.delete)),
        events=(*decision.events, *(_lost_event(each, why) for each, why in lost)),
    )
    found = replace(found, delete=(*found.delete, *_needless(pending, sender)))
    waits = [each.requeue for each in followed.values() if each.requeue is not None]
    return found.until(min(waits, default=None))


def notify_jobs(jobs: Iterable[SeenJob]) -> tuple[SeenJob, ...]:
    """Those that send notifications."""
    return tuple(job for job in jobs if job.step == "notify")


def _follow(notification: NotificationStatus, sender: Sender, number: int) -> _Followed:
    to = sender.object.spec.notify
    left = remaining(from_text(notification.at), MOST_SECONDS, sender.now)
    step = sender.observe(notification)
    outcome = answer(step, NotifyReport, otherwise="the notify step reported nothing")
    match step.failure if step.state is StepState.HOPELESS else outcome:
        case NotifyReport():
            return _Followed(is_pending=False)
        case Failure() as failure:
            return _Followed(is_pending=False, lost=failure.message)
    if not left or to is None:
        return _Followed(is_pending=False, lost=step.message or "it was not sent within an hour")
    if number >= MOST_JOBS:
        return _Followed(requeue=left)
    followed = follow(step, partial(notify_job, sender.object, notification, to, sender.settings))
    waits = (left, followed.requeue)
    return _Followed(create=followed.create, delete=followed.delete, requeue=min(wait for wait in waits if wait))


def _lost_event(notification: NotificationStatus, why: str) -> Event:
    message = f"the server in spec.notify was not told {notification.type}: {why}"
    return Event(EventType.WARNING, NOTIFICATION_LOST, cut(message))


def _needless(pending: Iterable[NotificationStatus], sender: Sender) -> tuple[Reference, ...]:
    names = {notify_job_name(sender.object, each.id) for each in pending}
    return references(job for job in notify_jobs(sender.jobs) if job.name not in names)
