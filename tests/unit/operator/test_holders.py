"""Who holds the nodes while a pod finds no room."""

from noria.controllers.child import holders
from noria.decisions.seen import SeenPod
from noria.runtime.cache import Cache, Key, Record
from unit.operator.world import NOW

WAITING = SeenPod("p", NOW, message="0/1 nodes are available: 1 Insufficient cpu. preemption: none.")
DATASET = Record(Key("Dataset", "shop", "clothes"), uid="u", version=1)


def cache(*owners: Key, phase: str = "Running", requests: tuple[str, ...] = ("cpu", "memory")) -> Cache:
    """A cache with a pod for each of these owners."""
    found = Cache()
    for number, owner in enumerate(owners):
        pod = SeenPod(f"pod-{number}", NOW, phase=phase, requests=requests)
        found.put(
            Record(Key("Pod", owner.namespace, pod.name), uid=pod.name, version=number + 1, owner=owner, content=pod)
        )
    return found


def test_objects_of_the_namespace_are_named_and_others_counted() -> None:
    job, model, foreign = (
        Key("TrainingJob", "shop", "a"),
        Key("Model", "shop", "b"),
        Key("TrainingJob", "bank", "secret"),
    )
    told = holders(cache(job, job, model, foreign, DATASET.key), DATASET, [WAITING])
    assert told == "1 of Model b, 2 of TrainingJob a, 1 of others"


def test_a_long_list_is_cut() -> None:
    owners = [Key("TrainingJob", "shop", name) for name in "abcde"]
    assert holders(cache(*owners), DATASET, [WAITING]).endswith("1 of TrainingJob c, 2 of others")


def test_only_running_pods_that_request_what_lacks_hold_it() -> None:
    owner = Key("TrainingJob", "shop", "a")
    gpu = SeenPod("p", NOW, message="0/1 nodes are available: 1 Insufficient nvidia.com/gpu.")
    assert holders(cache(owner), DATASET, [gpu]) == ""
    assert holders(cache(owner, requests=("cpu", "nvidia.com/gpu")), DATASET, [gpu]) == "1 of TrainingJob a"
    assert holders(cache(owner, phase="Pending"), DATASET, [WAITING]) == ""
    assert holders(cache(owner), DATASET, [SeenPod("p", NOW, message="no such image")]) == ""
