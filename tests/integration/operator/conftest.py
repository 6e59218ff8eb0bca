"""The operator as a process, a real control plane and a played node; all tests here share them and one loop."""

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from kubernetes_api import Api, Namespace, connect
from operator_process import ControlPlane, Operator, control_plane, operator
from played_node import Play, played_node

PORT = 16_740


@pytest.fixture(scope="session")
def plane() -> Iterator[ControlPlane]:
    """A control plane of these tests' own, with an audit log."""
    with control_plane("operator-tests", PORT) as running:
        yield running


@pytest.fixture(scope="session")
def kubeconfig(plane: ControlPlane) -> Path:
    """The operator's own rights, and no more."""
    return plane.install()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def api(plane: ControlPlane) -> AsyncIterator[Api]:
    """The API server, as its administrator."""
    async with connect(plane.admin) as connected:
        yield connected


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def play(api: Api) -> AsyncIterator[Play]:
    """How pods behave; a test says so for its namespace."""
    behaviour = Play()
    async with played_node(api, behaviour):
        yield behaviour


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def leader(kubeconfig: Path, play: Play, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Operator]:
    """The operator that works for all tests of a module."""
    async with operator(kubeconfig, tmp_path_factory.mktemp("operator") / "log") as running:
        await running.wait_until_ready()
        await running.wait_until_leading()
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def namespace(api: Api) -> Namespace:
    """A namespace of the test's own."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    await api.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    return api.namespace(name)
