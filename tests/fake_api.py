"""A stand-in for an API server with a kubelet, where none can run: objects by path, and port-forward streams.

What it knows of objects is little (no schema, no defaults): tests of what a cluster says use a real API server.
"""

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from aiohttp import WSMsgType, web

Body = dict[str, Any]
MADE = "2025-01-02T12:00:00Z"


@dataclass
class FakeApi:
    """What it has and what it was asked."""

    objects: dict[str, Body] = field(default_factory=dict)
    """By path."""
    refuses: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Code and message by the path to which they are the answer."""
    ports: dict[str, int] = field(default_factory=dict)
    """The port of this machine that a port of a pod is, by `POD:PORT`."""
    requests: list[str] = field(default_factory=list)
    address: str = ""
    before: dict[str, Callable[[str], None]] = field(default_factory=dict)
    """What happens to the object at a path before it is read."""
    after: Callable[[str, Body], None] = lambda path, body: None
    """What others do about an object that was changed, such as an operator."""
    reviews: Body = field(default_factory=lambda: {"allowed": True, "userInfo": {"username": "amy"}})
    """What it says of the user who asks."""

    def add(self, path: str, body: Body) -> None:
        """Have an object at a path."""
        name, namespace = path.rpartition("/")[2], path.partition("/namespaces/")[2].partition("/")[0]
        metadata = {
            "name": name,
            "namespace": namespace,
            "generation": 1,
            "uid": f"uid-{name}",
            "creationTimestamp": MADE,
        }
        self.objects[path] = body | {"metadata": metadata | body.get("metadata", {})}

    def kubeconfig(self, folder: Path, namespace: str = "shop") -> Path:
        """A kubeconfig for it."""
        context = {"cluster": "fake", "user": "fake", "namespace": namespace}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "fake",
            "clusters": [{"name": "fake", "cluster": {"server": self.address}}],
            "users": [{"name": "fake", "user": {"token": "a-token"}}],
            "contexts": [{"name": "fake", "context": context}],
        }
        path = folder / "kubeconfig"
        path.write_text(yaml.safe_dump(config))
        return path

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The answer to any request."""
        path = request.path
        self.requests.append(f"{request.method} {path}")
        if path in self.before:
            self.before[path](path)
        if path in self.refuses:
            code, message = self.refuses[path]
            return web.json_response({"message": message}, status=code)
        if path.endswith("/portforward"):
            return await self._forward(request)
        if request.method == "POST":
            made = await request.json()
            return web.json_response(made | {"status": self.reviews}, status=201)
        if request.content_type == "application/apply-patch+yaml":
            self.objects[path] = merged(self.objects.get(path, {}), json.loads(await request.text()))
        if path in self.objects:
            if request.content_type == "application/merge-patch+json":
                self.objects[path] = merged(self.objects[path], await request.json())
                self.after(path, self.objects[path])
            return web.json_response(self.objects[path])
        kinds = {key.rpartition("/")[0] for key in self.objects}
        lists = {path, *(kind for kind in kinds if re.sub("/namespaces/[^/]+", "", kind) == path)}
        items = [body for key, body in self.objects.items() if key.rpartition("/")[0] in lists]
        if path in kinds or path.rpartition("/")[0] not in kinds:
            return web.json_response({"metadata": {"resourceVersion": "1"}, "items": items})
        return web.json_response({"message": f"{path.rpartition('/')[2]!r} not found"}, status=404)

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        """One stream to a port: an even channel for data, an odd one for errors, each begun with the port's number."""
        pod, port = request.path.split("/")[-2], int(request.query["ports"])
        stream = web.WebSocketResponse(protocols=("v4.channel.k8s.io",))
        await stream.prepare(request)
        for channel in (b"\0", b"\1"):
            await stream.send_bytes(channel + port.to_bytes(2, "little"))
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ports[f"{pod}:{port}"])

        async def back() -> None:
            while data := await reader.read(1 << 16):
                await stream.send_bytes(b"\0" + data)
            await stream.close()

        task = asyncio.create_task(back())
        async for message in stream:
            if message.type == WSMsgType.BINARY:
                writer.write(message.data[1:])
                await writer.drain()
        task.cancel()
        writer.close()
        return stream


def merged(old: Any, new: Any) -> Any:
    """RFC 7386."""
    if not isinstance(new, dict):
        return new
    old = old if isinstance(old, dict) else {}
    whole = {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}
    return {key: value for key, value in whole.items() if value is not None}


@contextmanager
def fake_api() -> Iterator[FakeApi]:
    """One on a free port, while the block runs."""
    api, loop, started = FakeApi(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", api.answer)
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        api.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        started.set()
        await stopped.wait()
        await runner.cleanup()

    stopped = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    started.wait()
    try:
        yield api
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()
