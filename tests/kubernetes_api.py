"""A small client of an API server, for tests and benchmarks that talk to one as its administrator."""

import asyncio
import base64
import json
import ssl
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml

Body = dict[str, Any]
PATHS = {
    "Dataset": "/apis/noria.dev/v1alpha1/namespaces/{}/datasets",
    "TrainingJob": "/apis/noria.dev/v1alpha1/namespaces/{}/trainingjobs",
    "Model": "/apis/noria.dev/v1alpha1/namespaces/{}/models",
    "Job": "/apis/batch/v1/namespaces/{}/jobs",
    "Pod": "/api/v1/namespaces/{}/pods",
    "Service": "/api/v1/namespaces/{}/services",
    "Event": "/api/v1/namespaces/{}/events",
    "LimitRange": "/api/v1/namespaces/{}/limitranges",
    "ResourceQuota": "/api/v1/namespaces/{}/resourcequotas",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "HorizontalPodAutoscaler": "/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers",
    "PodDisruptionBudget": "/apis/policy/v1/namespaces/{}/poddisruptionbudgets",
    "Lease": "/apis/coordination.k8s.io/v1/namespaces/{}/leases",
}


class ApiError(Exception):
    """What the API server answered instead."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


@dataclass(frozen=True)
class Api:
    """Requests by path."""

    session: aiohttp.ClientSession
    server: str

    async def request(
        self, method: str, path: str, body: Any = None, *, content_type: str = "application/json"
    ) -> Body:
        """The answer to a request; ApiError where it is a refusal."""
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        headers = {"Content-Type": content_type}
        async with self.session.request(method, self.server + path, data=data, headers=headers) as answer:
            content: Body = await answer.json()
            if answer.status >= 400:
                raise ApiError(answer.status, content.get("message", ""))
            return content

    async def merge(self, path: str, body: Body) -> Body:
        """Merge a body into the object at the path."""
        return await self.request("PATCH", path, body, content_type="application/merge-patch+json")

    async def watch(self, path: str, query: str = "") -> AsyncGenerator[Body, None]:
        """The objects there are and every event from then on, as {type, object}."""
        listed = await self.request("GET", f"{path}?{query}")
        for item in listed["items"]:
            yield {"type": "ADDED", "object": item}
        async with aclosing(self.events(path, listed["metadata"]["resourceVersion"], query)) as stream:
            async for event in stream:
                yield event

    async def events(self, path: str, version: str, query: str = "") -> AsyncGenerator[Body, None]:
        """Every event after this version."""
        url = f"{self.server}{path}?watch=true&resourceVersion={version}&{query}"
        async with self.session.get(url, timeout=aiohttp.ClientTimeout(total=None)) as stream:
            async for line in stream.content:
                yield json.loads(line)

    def namespace(self, name: str) -> "Namespace":
        """Requests within a namespace."""
        return Namespace(self, name)


@dataclass(frozen=True)
class Namespace:
    """Objects of one namespace, by kind."""

    api: Api
    name: str

    def path(self, kind: str, name: str | None = None) -> str:
        """The path of a kind's objects, or of one."""
        return PATHS[kind].format(self.name) + (f"/{name}" if name else "")

    async def create(self, body: Body) -> Body:
        """Create an object."""
        return await self.api.request("POST", self.path(body["kind"]), body)

    async def get(self, kind: str, name: str) -> Body:
        """An object."""
        return await self.api.request("GET", self.path(kind, name))

    async def every(self, kind: str) -> list[Body]:
        """The objects of a kind."""
        items: list[Body] = (await self.api.request("GET", self.path(kind)))["items"]
        return items

    async def merge(self, kind: str, name: str, body: Body, *, subresource: str = "") -> Body:
        """Merge a body into an object."""
        return await self.api.merge(self.path(kind, name) + subresource, body)

    async def delete(self, kind: str, name: str) -> Body:
        """Delete an object, and in the background what it owns."""
        return await self.api.request("DELETE", self.path(kind, name), {"propagationPolicy": "Background"})

    async def wait(self, kind: str, name: str, until: Callable[[Body], Any], *, timeout: float = 60) -> Body:
        """The object once `until` holds of it; TimeoutError tells its last status."""
        found: Body = {}

        async def watch() -> Body:
            nonlocal found
            query = f"fieldSelector=metadata.name%3D{name}"
            async with aclosing(self.api.watch(self.path(kind), query)) as stream:
                async for event in stream:
                    found = event["object"]
                    if event["type"] in ("ADDED", "MODIFIED") and until(found):
                        return found
            raise ConnectionError("the API server ended the stream")

        try:
            return await asyncio.wait_for(watch(), timeout)
        except TimeoutError:
            status = json.dumps(found.get("status"), indent=1)
            raise TimeoutError(f"{kind} {name} did not get there in {timeout} s; its status: {status}") from None

    async def wait_for_any(self, kind: str, until: Callable[[list[Body]], Any], *, timeout: float = 60) -> list[Body]:
        """The objects of a kind once `until` holds of them all."""
        found: dict[str, Body] = {}

        async def watch() -> list[Body]:
            listed = await self.api.request("GET", self.path(kind))
            found.update((item["metadata"]["name"], item) for item in listed["items"])
            if until(list(found.values())):
                return list(found.values())
            async with aclosing(self.api.events(self.path(kind), listed["metadata"]["resourceVersion"])) as stream:
                async for event in stream:
                    if event["type"] == "DELETED":
                        found.pop(event["object"]["metadata"]["name"], None)
                    else:
                        found[event["object"]["metadata"]["name"]] = event["object"]
                    if until(list(found.values())):
                        return list(found.values())
            raise ConnectionError("the API server ended the stream")

        try:
            return await asyncio.wait_for(watch(), timeout)
        except TimeoutError:
            raise TimeoutError(f"the {kind}s did not get there in {timeout} s; they are {sorted(found)}") from None


@asynccontextmanager
async def connect(kubeconfig: Path) -> AsyncIterator[Api]:
    """The API server of a kubeconfig whose user has a client certificate within it."""
    config = yaml.safe_load(kubeconfig.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    with tempfile.NamedTemporaryFile("wb", suffix=".pem") as pem:
        pem.write(base64.b64decode(user["client-certificate-data"]) + base64.b64decode(user["client-key-data"]))
        pem.flush()
        context.load_cert_chain(pem.name)
    connector = aiohttp.TCPConnector(ssl=context, limit=0)
    async with aiohttp.ClientSession(connector=connector, read_bufsize=2**20) as session:
        yield Api(session, cluster["server"])
    await asyncio.sleep(0.25)  # TLS connections close in the background: aiohttp, "graceful shutdown"
