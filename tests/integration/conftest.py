"""A control plane that knows our kinds and on which no operator works, for tests of the CRDs and of the chart."""

from collections.abc import Iterator

import pytest

from operator_process import ROOT, ControlPlane, control_plane

PORT = 16_760


@pytest.fixture(scope="session")
def quiet_plane() -> Iterator[ControlPlane]:
    """It is the one that kubectl and helm speak to while it runs."""
    with control_plane("schema-tests", PORT) as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(running.admin))
        running.kubectl("apply", "--server-side", "-f", str(ROOT / "crds"))
        running.kubectl("wait", "--for=condition=Established", "-f", str(ROOT / "crds"), "--timeout=30s")
        yield running
