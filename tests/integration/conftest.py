"""A control plane that knows our kinds and on which no operator works, for tests of the CRDs and of the chart.

Two processes share the tests: one has all that meet a control plane and mostly wait, the other starts servers.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from operator_process import ROOT, ControlPlane, control_plane

PORT = 16_760


class Shared(LoadScopeScheduling):
    """A control plane has one name and one port, so one process; what starts servers goes by module."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if "/serving/" in module else "control plane"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shared:
    """How pytest-xdist gives tests to processes."""
    return Shared(config, log)


@pytest.fixture(scope="session")
def kinds_plane() -> Iterator[ControlPlane]:
    """It runs until the end; `quiet_plane` is how tests use it."""
    with control_plane("schema-tests", PORT) as running:
        running.kubectl("apply", "--server-side", "-f", str(ROOT / "crds"))
        running.kubectl("wait", "--for=condition=Established", "-f", str(ROOT / "crds"), "--timeout=30s")
        yield running


@pytest.fixture(scope="module")
def quiet_plane(kinds_plane: ControlPlane) -> Iterator[ControlPlane]:
    """The one that kubectl and helm speak to in this module, and in no later one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(kinds_plane.admin))
        yield kinds_plane
