"""A control plane that knows our kinds and on which no operator works, for tests of the CRDs and of the chart.

Two processes share the tests: one has all that meet a control plane and mostly wait, the other starts servers.
"""

from collections.abc import Iterator

import pytest

from operator_process import ROOT, ControlPlane, control_plane

PORT = 16_760


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A control plane has one name and one port, so one process; what starts servers goes by module."""
    for item in items:
        group = item.path.stem if item.path.parent.name == "serving" else "control plane"
        item.add_marker(pytest.mark.xdist_group(group))


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
