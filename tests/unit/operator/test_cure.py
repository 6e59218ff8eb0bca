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
            'pods "x" is forbidden: violates PodSecurity "restricted:latest": forbidden AppArmor profile',
            "does not admit",
            id="Pod Security",
        ),
        pytest.param('CreateContainerConfigError: secret "s" not found', "create what is missing", id="no such Secret"),
        pytest.param("ErrImagePull: failed to resolve reference", "the image's name", id="no such image"),
        pytest.param('ImagePullBackOff: Back-off pulling image "x:1"', "the image's name", id="still no such image"),
        pytest.param('InvalidImageName: couldn\'t parse image name "X"', "the image's name", id="no name of an image"),
    ],
)
def test_the_cure_follows_the_words(words: str, cure: str) -> None:
    said, _, helps = with_cure(words).rpartition(": ")
    assert said == words.rstrip(".")
    assert cure in helps


def test_words_without_a_known_cure_stay_as_they_are() -> None:
    assert with_cure("waiting in its Kueue queue") == "waiting in its Kueue queue"
    assert with_cure("") == ""
