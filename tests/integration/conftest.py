"""A control plane on which no operator works, for tests of the CRDs and of the chart."""

from collections.abc import Iterator

import pytest

from operator_process import ControlPlane, control_plane

PORT = 16_760


@pytest.fixture(scope="session")
def quiet_plane() -> Iterator[ControlPlane]:
    """It is the one that kubectl and helm speak to while it runs."""
    with control_plane("schema-tests", PORT) as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(running.admin))
        yield running
