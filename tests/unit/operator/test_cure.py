"""What helps against the words of scheduler, kubelet and API server."""

import pytest

from noria.decisions.cure import with_cure


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        pytest.param(
            "0/1 nodes are available: 1 Insufficient nvidia.com/gpu. preemption: 0/1 nodes are available.",
            "request less",
            id="no such resource",
        ),
        pytest.param(
            "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.",
            "spec.podTemplate",
            id="no such node",
        ),
        pytest.param(
            "0/1 nodes are available: 1 node(s) had untolerated taint {gpu: yes}.", "tolerate it", id="a taint"
        ),
        pytest.param('pods "x" is forbidden: exceeded quota: small, requested: pods=1', "raise the quota", id="quota"),
        pytest.param(
            'pods "x" is forbidden: maximum memory usage per Container is 4Gi, but limit is 8Gi',
            "change the namespace's LimitRange",
            id="a LimitRange",
        ),
        pytest.param(
            'pods "x" is forbidden: violates PodSecurity "restricted:latest": forbidden AppArmor profile',
            "does not admit",
            id="Pod Security",
        ),
        pytest.param('CreateContainerConfigError: secret "s" not found', "create what is missing", id="no such Secret"),
        pytest.param(
            "retrying after: Evicted The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi",
            "free disk on the node",
            id="a node without disk",
        ),
        pytest.param("ErrImagePull: failed to resolve reference", "the image's name", id="no such image"),
        pytest.param('ImagePullBackOff: Back-off pulling image "x:1"', "the image's name", id="still no such image"),
        pytest.param('InvalidImageName: couldn\'t parse image name "X"', "the image's name", id="no name of an image"),
    ],
)
def test_the_cure_follows_the_words(words: str, cure: str) -> None:
    said, _, helps = with_cure(words, requests="spec.resources").rpartition(": ")
    assert said == words.rstrip(".")
    assert cure in helps


NO_ROOM = "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available."


@pytest.mark.parametrize(
    ("known", "cure"),
    [
        pytest.param({}, ": add nodes that have it", id="nothing to change"),
        pytest.param(
            {"requests": "spec.resources"}, ": request less of it in spec.resources, or add nodes", id="a request"
        ),
        pytest.param(
            {"holders": "2 of TrainingJob clothes"},
            ": running pods hold it (2 of TrainingJob clothes), and this one starts when they end; to start sooner,",
            id="others hold the nodes",
        ),
    ],
)
def test_a_pod_without_room_is_told_who_has_it(known: dict[str, str], cure: str) -> None:
    assert cure in with_cure(NO_ROOM, **known)


def test_words_without_a_known_cure_stay_as_they_are() -> None:
    assert with_cure("waiting in its Kueue queue") == "waiting in its Kueue queue"
    assert with_cure("") == ""
