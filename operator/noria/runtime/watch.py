"""The watch streams, from kopf: it lists, watches, reconnects and authenticates, and calls one function per event.

Nothing else of kopf is used, and it writes nothing: no handlers with state, no finalizers, no annotations, no peering.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import kopf

from noria.runtime.access import READ, Access
from noria.runtime.cache import Key
from noria.runtime.client import PAGE
from noria.runtime.feed import Feed, Watched
from noria.runtime.resource_type import DEFINITION, NAMESPACE
from noria.runtime.session import login
from noria.runtime.settings import OperatorSettings

ACCESS = (Access(DEFINITION, READ), Access(NAMESPACE, READ))
"""What kopf reads in the whole cluster: which kinds and namespaces exist."""

CleanUp = Callable[[], Awaitable[None]]


async def watch(
    watched: Iterable[Watched], feed: Feed, settings: OperatorSettings, *, stop: asyncio.Event, clean_up: CleanUp
) -> None:
    """Deliver all events of the watched types to the feed until `stop` or SIGTERM, then call `clean_up`.

    Raises if a stream is not permitted.
    """
    watched = tuple(watched)
    await kopf.operator(
        registry=_registry(watched, feed, clean_up),
        settings=_kopf_settings(watched),
        clusterwide=not settings.watch_namespaces,
        namespaces=settings.watch_namespaces,
        standalone=True,
        stop_flag=stop,
    )


def _registry(watched: Iterable[Watched], feed: Feed, clean_up: CleanUp) -> kopf.OperatorRegistry:
    async def on_cleanup(**_: Any) -> None:
        await clean_up()

    registry = kopf.OperatorRegistry()
    kopf.on.cleanup(registry=registry)(on_cleanup)
    kopf.on.login(registry=registry, errors=kopf.ErrorsMode.PERMANENT)(login(_credentials))
    for one in watched:
        version = None if one.optional else one.type.version  # none: the one that the cluster prefers
        subscribe = kopf.on.event(
            group=one.type.group, version=version, plural=one.type.plural, id=one.type.plural, registry=registry
        )
        subscribe(_handler(one, feed))
    return registry


def _credentials(**arguments: Any) -> kopf.ConnectionInfo | None:
    return kopf.login_with_kubeconfig(**arguments) or kopf.login_with_service_account(**arguments)


def _handler(one: Watched, feed: Feed) -> Callable[..., Awaitable[None]]:
    async def on_event(event: Any, **_: Any) -> None:
        body = event["object"]
        if event["type"] == "DELETED":
            metadata = body["metadata"]
            feed.drop(Key(one.type.kind, metadata["namespace"], metadata["name"]), uid=metadata["uid"])
        elif record := one.record(body):
            feed.take(record)

    return on_event


def _kopf_settings(watched: Iterable[Watched]) -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.persistence.diffbase_storage = _NoDifferences()
    settings.persistence.progress_storage = _NoProgress()
    settings.queueing.idle_timeout = 0.5  # a worker per object: gone soon after its events
    settings.queueing.exit_timeout = 0.5
    settings.watching.chunk_size = PAGE
    settings.process.ultimate_exiting_timeout = 20
    for one in watched:
        selector = (one.type.group, one.type.version, one.type.plural)
        if one.labels:
            settings.watching.label_selectors[selector] = one.labels
        if one.fields:
            settings.watching.field_selectors[selector] = one.fields
    return settings


class _NoDifferences(kopf.DiffBaseStorage):
    """kopf keeps no last state of objects, and spends no time on copies for it."""

    def build(self, *, body: Any, extra_fields: Any = None) -> Any:
        return {}

    def fetch(self, *, body: Any) -> None:
        return None

    def store(self, *, body: Any, patch: Any, essence: Any) -> None:
        pass


class _NoProgress(kopf.ProgressStorage):
    """kopf keeps no progress of handlers."""

    def fetch(self, *, key: Any, body: Any) -> None:
        return None

    def store(self, *, key: Any, record: Any, body: Any, patch: Any) -> None:
        pass

    def purge(self, *, key: Any, body: Any, patch: Any) -> None:
        pass

    def touch(self, *, body: Any, patch: Any, value: Any) -> None:
        pass

    def clear(self, *, essence: Any) -> Any:
        return essence
