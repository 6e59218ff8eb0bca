"""What goes from the bucket is said on the objects that name it, and that it is back: found by pods that only look."""

from pathlib import Path

import pytest

from kinds import dataset, has_reason, is_ready, training_job
from kubernetes_api import Namespace
from operator_process import operator
from played_node import Play

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_result_that_goes_is_said_and_that_it_is_back(
    kubeconfig: Path, play: Play, namespace: Namespace, tmp_path: Path
) -> None:
    async with operator(kubeconfig, tmp_path / "log", presence_seconds="2") as leader:
        await leader.wait_until_ready()
        await leader.wait_until_leading()
        await namespace.create(dataset())
        await namespace.create(training_job())
        found = await namespace.wait("TrainingJob", "pets", is_ready)
        uri = found["status"]["best"]["artifact"]["uri"]
        play.absent.add(uri)
        try:
            found = await namespace.wait("TrainingJob", "pets", has_reason("BytesGone", "Stalled"))
        finally:
            play.absent.discard(uri)
        (stalled,) = [each for each in found["status"]["conditions"] if each["type"] == "Stalled"]
        assert uri in stalled["message"]
        assert "train again" in stalled["message"]
        await namespace.wait("TrainingJob", "pets", is_ready)
