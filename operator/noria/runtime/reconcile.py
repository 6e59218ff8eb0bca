"""Reconciles one object: observe, decide, act."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from noria.api.kind import Status
from noria.api.notification import NOTIFICATION_LOST
from noria.contract import visible_in
from noria.decision import Decision, Event, EventType
from noria.runtime import metric
from noria.runtime.cache import Cache, Key, Record
from noria.runtime.error import Invalid, Refused
from noria.runtime.execute import Executor, Objections, merge_patch
from noria.runtime.invalid import invalid_status
from noria.runtime.queue import WorkQueue

RECONCILE_FAILED = "ReconcileFailed"
"""Reason of an event on any kind: the operator fails on the object and retries; the others go on."""
STATUS_REFUSED = "StatusRefused"
"""Reason of an event on any kind: the API server refuses the status, e.g. of an object that its schema refuses."""

log = structlog.stdlib.get_logger("noria.reconcile")


@dataclass(frozen=True)
class Look:
    """What a controller decides for an object."""

    before: dict[str, Any]
    """The status that was read, as it is stored."""
    decision: Decision[Status]
    ended_trials: tuple[str, ...] = ()
    """Results of trials that ended since, for the metric."""


Controller = Callable[[Record, Objections], Look]
"""Observes an object and its surroundings in the cache, and decides. Raises Invalid if the object cannot be parsed."""


@dataclass
class _Notes:
    """What is remembered about an object between reconciles; all of it can be lost."""

    objections: Objections
    held_since: float | None = None
    """When a status that only shows progress was first held back."""


class Reconciler:
    """Reconciles objects of all kinds."""

    def __init__(
        self,
        controllers: Mapping[str, Controller],
        executor: Executor,
        cache: Cache,
        queue: WorkQueue[Key],
        *,
        settle_seconds: float,
        progress_seconds: float,
    ) -> None:
        self._controllers = controllers
        self._executor = executor
        self._cache = cache
        self._queue = queue
        self._settle_seconds = settle_seconds
        self._progress_seconds = progress_seconds
        self._notes: dict[Key, _Notes] = {}

    async def run(self, key: Key) -> str:
        """Reconcile once and schedule the next time; returns the result. `worker` handles its errors."""
        record = self._cache.get(key)
        if record is None:
            self._notes.pop(key, None)
            self._queue.succeeded(key)
            return "gone"
        notes = self._notes.get(key)
        if notes is None or notes.objections.generation != record.generation:
            notes = self._notes[key] = _Notes(Objections(record.generation))
        try:
            look = self._controllers[key.kind](record, notes.objections)
        except Invalid as error:
            return await self._report_invalid(record, error)
        except Exception as error:
            message = f"the operator cannot handle this object ({type(error).__name__}); its log says more"
            await self._executor.write_events(record, (Event(EventType.WARNING, RECONCILE_FAILED, message),))
            raise
        await self._carry_out(record, look, notes)
        return "done"

    async def _carry_out(self, record: Record, look: Look, notes: _Notes) -> None:
        decision = look.decision
        await self._executor.check_deletions(record, decision)
        patch = merge_patch(look.before, visible_in(decision.status.to_dict()))
        written = bool(patch) and self._is_due(record.key, decision, notes)
        if written:
            await self._write_status(record, patch)
            for result in look.ended_trials:
                metric.TRIALS.labels(result=result).inc()
            lost = sum(event.reason == NOTIFICATION_LOST for event in decision.events)
            metric.LOST_NOTIFICATIONS.labels(kind=record.key.kind).inc(lost)
        known = notes.objections.messages()
        awaited = await self._executor.write_children(record, decision, notes.objections)
        if written:
            await self._executor.write_events(record, decision.events)
            if not awaited:  # the status that is there now may ask for the next step
                self._queue.add_after(record.key, self._settle_seconds)
        messages = notes.objections.messages()
        self._plan(record.key, decision, changed=messages != known, refused=bool(messages))

    async def _write_status(self, record: Record, patch: dict[str, Any]) -> None:
        """Write the status; where even that is refused, an event on the object says so."""
        try:
            await self._executor.write_status(record, patch)
        except Refused as error:
            metric.SET_ASIDE.labels(kind=record.key.kind).inc()
            message = f"the API server refuses the status: {error}"
            await self._executor.write_events(record, (Event(EventType.WARNING, STATUS_REFUSED, message),))
            raise

    def _is_due(self, key: Key, decision: Decision[Status], notes: _Notes) -> bool:
        """Whether to write the status this time; one that only shows progress is held back for some seconds."""
        now = asyncio.get_running_loop().time()
        if decision.can_wait:
            notes.held_since = notes.held_since or now
            left = notes.held_since + self._progress_seconds - now
            if left > 0:
                self._queue.add_after(key, left)
                return False
        notes.held_since = None
        return True

    def _plan(self, key: Key, decision: Decision[Status], *, changed: bool, refused: bool) -> None:
        """Schedule the next time: immediately if the decision has not seen the server's messages yet, else later."""
        if changed:
            self._queue.add(key)
        elif refused:
            self._queue.retry(key)
        else:
            self._queue.succeeded(key)
            if decision.requeue is not None:
                self._queue.add_after(key, decision.requeue)

    async def _report_invalid(self, record: Record, error: Invalid) -> str:
        """Report on the object what is wrong with it, and wait for it to change."""
        log.warning("invalid", error=str(error))
        before, after = invalid_status(record, str(error))
        patch = merge_patch(before, after)
        if patch:
            await self._write_status(record, patch)
        self._queue.succeeded(record.key)
        return "invalid"
