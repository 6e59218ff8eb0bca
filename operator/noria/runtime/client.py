"""Requests to the API server as plain JSON, through the configuration, TLS and tokens of the `kubernetes` client.

Plain JSON, because parsing every answer into typed models costs more than the rest of a reconcile.
"""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from kubernetes.aio.client.api_client import ApiClient

from noria.runtime import metric
from noria.runtime.body import parse
from noria.runtime.error import Refused, Unavailable
from noria.runtime.resource_type import ResourceType

FIELD_MANAGER = "noria"
PAGE = 100
"""Objects per page of a list, which bounds the memory that it takes: one object may have more than a megabyte."""
_CONTENT = {"apply": "application/apply-patch+yaml", "patch": "application/merge-patch+json"}
_METHOD = {"create": "POST", "replace": "PUT", "apply": "PATCH", "patch": "PATCH", "delete": "DELETE"}

Body = dict[str, Any]


class Client:
    """Reads and writes objects. Raises Refused if the server refuses, and Unavailable if it does not answer."""

    def __init__(self, api: ApiClient, *, request_seconds: float) -> None:
        self._api = api
        self._seconds = request_seconds

    async def get(self, type: ResourceType, namespace: str, name: str) -> Body | None:
        """The object as the server has it right now; none if it does not exist."""
        try:
            return await self._request("GET", type.path(namespace, name))
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    async def pages(self, type: ResourceType, namespace: str | None, selectors: dict[str, str]) -> AsyncIterator[Body]:
        """The objects that match the selectors (labelSelector, fieldSelector), page by page."""
        query = {**selectors, "limit": str(PAGE)}
        while True:
            page = await self._request("GET", type.path(namespace), query)
            yield page
            following = page["metadata"].get("continue")
            if not following:
                return
            query["continue"] = following

    async def create(self, type: ResourceType, namespace: str, body: Body) -> Body:
        """Create an object."""
        return await self._write("create", type, type.path(namespace), {"fieldManager": FIELD_MANAGER}, body)

    async def replace(self, type: ResourceType, namespace: str, name: str, body: Body) -> Body:
        """Write the object whole, over the version that the body names."""
        return await self._write("replace", type, type.path(namespace, name), {"fieldManager": FIELD_MANAGER}, body)

    async def apply(self, type: ResourceType, namespace: str, name: str, body: Body) -> Body:
        """Apply the body with server-side apply: own its fields, and no others."""
        query = {"fieldManager": FIELD_MANAGER, "force": "true"}
        return await self._write("apply", type, type.path(namespace, name), query, body)

    async def delete(self, type: ResourceType, namespace: str, name: str, *, uid: str) -> Body:
        """Delete the object with this uid and, in the background, what it owns. Returns a `Status` if it is gone."""
        body: Body = {"propagationPolicy": "Background", "preconditions": {"uid": uid}}
        return await self._write("delete", type, type.path(namespace, name), {}, body)

    async def patch_status(self, type: ResourceType, namespace: str, name: str, body: Body) -> Body:
        """Merge the body into the status subresource; a resourceVersion in it must still be the object's."""
        query = {"fieldManager": FIELD_MANAGER}
        return await self._write("patch", type, type.path(namespace, name, "status"), query, body)

    async def _write(self, verb: str, type: ResourceType, path: str, query: dict[str, str], body: Body) -> Body:
        kind = f"{type.kind}/status" if path.endswith("/status") else type.kind
        code = "none"
        try:
            answer = await self._request(_METHOD[verb], path, query, body, _CONTENT.get(verb, "application/json"))
            code = "2xx"
            return answer
        except Refused as refused:
            code = str(refused.status)
            raise
        finally:
            metric.WRITES.labels(kind=kind, verb=verb, code=code).inc()

    async def _request(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Body | None = None,
        content_type: str = "application/json",
    ) -> Body:
        headers = {"Accept": "application/json", "Content-Type": content_type}
        try:
            # The body goes in later: param_serialize would walk all of it for types that plain JSON has not.
            _, url, headers, _, _ = await self._api.param_serialize(
                method,
                path,
                query_params=list((query or {}).items()),
                header_params=headers,
                auth_settings=["BearerToken"],
            )
            answer = await self._api.call_api(method, url, headers, body, _request_timeout=self._seconds)
            data: bytes = await answer.read()  # type: ignore[no-untyped-call]  # upstream has no types here
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(f"{method} {path}: {error!r}") from error
        return _answered(answer.status, data, f"{method} {path}")


def _answered(status: int, data: bytes, request: str) -> Body:
    content = _object(data)
    if status < 400:
        if content is None:
            raise Unavailable(f"{request}: {status}, but no object: {_start(data)}")
        return content
    message = content.get("message", "") if content else _start(data)
    if status >= 500 or status == 429:
        raise Unavailable(f"{request}: {status}: {message}")
    raise Refused(status, content.get("reason", "") if content else "", message)


def _object(data: bytes) -> Body | None:
    try:
        content = parse(data)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _start(data: bytes) -> str:
    return data[:200].decode(errors="replace")
