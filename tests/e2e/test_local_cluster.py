"""The local cluster, on a second one beside that of the other tests: as a user starts, breaks, mends and ends it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "localcluster"
COMPONENTS = [
    "containerd",
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubelet",
]


@dataclass(frozen=True)
class Cluster:
    """A cluster of its own name, network and state."""

    state: Path

    @property
    def environment(self) -> dict[str, str]:
        mine = {"CLUSTER_NAME": "noria-second", "CLUSTER_NETWORK": "10.97", "CLUSTER_STATE": str(self.state)}
        return {**os.environ, **mine, "KUBECONFIG": str(self.state / "admin.conf")}

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def cluster(self, *arguments: str) -> str:
        return self.run(str(FOLDER / "cluster"), *arguments)

    def kubectl(self, *arguments: str) -> str:
        return self.run("bash", "-c", f'. {FOLDER}/env.sh; kubectl "$@"', "kubectl", *arguments)

    def components(self) -> dict[str, int]:
        lines = [line.split() for line in self.cluster("status").splitlines()]
        return {line[0]: int(line[1]) for line in lines if len(line) == 2 and line[0] in COMPONENTS}


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.3)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster") / "state")
    try:
        cluster.cluster("up")
        cluster.kubectl("create", "configmap", "kept")
        yield cluster
    finally:
        cluster.cluster("down", "--purge")


def test_starting_twice_is_harmless(second: Cluster) -> None:
    before = second.components()
    assert "already up" in second.cluster("up")
    assert second.components() == before
    assert sorted(before) == COMPONENTS


def test_what_is_killed_comes_back(second: Cluster) -> None:
    before = second.components()
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    assert "already up" in second.cluster("up")
    after = second.components()
    assert sorted(after) == COMPONENTS
    assert not set(before.values()) & set(after.values())
    second.kubectl("get", "configmap", "kept")


def test_a_killed_node_starts_again_with_its_objects(second: Cluster) -> None:
    outer, _, init, _ = (second.state / "node").read_text().split()
    os.kill(int(outer), signal.SIGKILL)
    assert "starting the node again" in second.cluster("up")
    assert (second.state / "node").read_text().split()[2] != init
    second.kubectl("get", "configmap", "kept")


def test_graphics_cards_that_are_not_there_are_scheduled(second: Cluster) -> None:
    second.cluster("gpu", "2")
    for name, count in (("one", 1), ("three", 3)):
        limits = f'{{"limits": {{"nvidia.com/gpu": "{count}"}}}}'
        container = f'{{"name": "main", "image": "localhost/pause:dev", "resources": {limits}}}'
        second.kubectl(
            "run", name, "--image=localhost/pause:dev", f'--overrides={{"spec": {{"containers": [{container}]}}}}'
        )
    second.kubectl("wait", "--for=condition=Ready", "pod/one", "--timeout=60s")
    said = second.kubectl("get", "pod", "three", "-o", "jsonpath={.status.conditions[0].message}")
    assert "Insufficient nvidia.com/gpu" in said
    second.kubectl("delete", "pod", "one", "three", "--now")


@pytest.mark.parametrize("image", ["localhost/no-such-image:1", "nobody/no-such-image:1"])
def test_an_image_that_does_not_exist_is_said_within_seconds(second: Cluster, image: str) -> None:
    second.kubectl("run", "missing", f"--image={image}")
    waiting = "jsonpath={.status.containerStatuses[0].state.waiting.reason}"
    wait_until(lambda: second.kubectl("get", "pod", "missing", "-o", waiting) in ("ErrImagePull", "ImagePullBackOff"))
    second.kubectl("delete", "pod", "missing", "--now")


def test_nothing_stays_behind(second: Cluster) -> None:
    second.cluster("down")
    assert second.run(str(FOLDER / "leftovers.sh")) == ""
    assert "up in" in second.cluster("up")
    assert "kept" not in second.kubectl("get", "configmaps")


@pytest.mark.parametrize(
    ("around", "hurdle", "sentence"),
    [
        pytest.param("unshare --user", "true", "root is needed", id="not root"),
        pytest.param(
            "unshare --mount",
            "mount -t tmpfs -o size=16m x $CACHE",
            "2 GiB of free disk space are needed",
            id="no disk",
        ),
        pytest.param(
            "unshare --mount",
            "mount --bind /bin/false $(command -v nft)",
            "this kernel has no nftables",
            id="no kernel feature",
        ),
        pytest.param(
            "unshare --net",
            "ip link set lo up; ip route add 10.97.0.0/16 dev lo",
            "10.97.0.0/16 is in use",
            id="network",
        ),
        pytest.param(
            "env CLUSTER_NAME=Noria", "true", "CLUSTER_NAME 'Noria' must have at most 12 lowercase letters", id="name"
        ),
    ],
)
def test_what_is_missing_is_one_sentence(tmp_path: Path, around: str, hurdle: str, sentence: str) -> None:
    command = [*around.split(), "bash", "-c", f"CACHE={tmp_path}; {hurdle}; XDG_CACHE_HOME=$CACHE {FOLDER}/cluster up"]
    environment = Cluster(tmp_path / "state").environment
    done = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 1
    assert sentence in done.stdout
    assert done.stdout.count("\n") == 1
