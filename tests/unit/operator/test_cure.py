"""What helps against the words of scheduler, kubelet and API server."""

import pytest

from noria.decisions.cure import waits_its_turn, with_cure


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


FITS_NOWHERE = "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
NO_VICTIMS = "1 No preemption victims found for incoming pod."


@pytest.mark.parametrize(
    ("words", "holders", "waits"),
    [
        pytest.param(NO_ROOM, "1 of Model a", True, id="pods of ours hold the node"),
        pytest.param(NO_ROOM, "", False, id="nobody known holds it"),
        pytest.param(f"{NO_ROOM} {NO_VICTIMS}", "1 of Model a", True, id="others of the same priority hold it"),
        pytest.param(
            f"0/1 nodes are available: 1 Insufficient cpu. {FITS_NOWHERE}", "1 of Model a", False, id="fits on no node"
        ),
        pytest.param(
            f"0/2 nodes are available: 1 node(s) had untolerated taint {{a: b}}, 1 Insufficient cpu. {FITS_NOWHERE} "
            + NO_VICTIMS,
            "1 of Model a",
            True,
            id="fits on one of the nodes",
        ),
        pytest.param("couldn't assign flavors: insufficient unused quota for cpu", "", True, id="a queue"),
        pytest.param("waiting in its Kueue queue", "", True, id="a queue that says nothing"),
        pytest.param("insufficient quota for cpu, request > maximum capacity (9 > 5)", "", False, id="a small queue"),
        pytest.param("ErrImagePull: no such image", "1 of Model a", False, id="no image"),
    ],
)
def test_who_waits_for_others_to_end(words: str, holders: str, waits: bool) -> None:
    assert waits_its_turn(with_cure(words, holders=holders)) is waits


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
