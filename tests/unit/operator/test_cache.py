"""The cache and the feed: newer wins, owners and references know whom news concern, and records are small."""

import tracemalloc

import pytest

from noria.runtime.cache import Cache, Key, Record
from noria.runtime.feed import Feed
from noria.runtime.queue import WorkQueue

DATASET = Key("Dataset", "shop", "shoes")
TRAINING_JOB = Key("TrainingJob", "shop", "shoes")
JOB = Key("Job", "shop", "shoes-1-train-0")
POD = Key("Pod", "shop", "shoes-1-train-0-x7x7x")


def record(key: Key, version: int = 1, **fields: object) -> Record:
    return Record(key, uid=f"uid-{key.name}", version=version, **fields)  # type: ignore[arg-type]


def test_an_older_version_never_replaces_a_newer_one() -> None:
    cache = Cache()
    assert cache.put(record(JOB, 7, content="new"))
    assert not cache.put(record(JOB, 6, content="old"))
    assert not cache.put(record(JOB, 7, content="same"))
    found = cache.get(JOB)
    assert found is not None
    assert found.content == "new"


def test_children_are_found_by_owner_until_they_are_dropped_or_given_away() -> None:
    cache = Cache()
    cache.put(record(JOB, owner=TRAINING_JOB, owner_uid="first"))
    cache.put(record(POD, owner=JOB))
    assert [child.key for child in cache.children(TRAINING_JOB, "Job")] == [JOB]
    assert cache.children(TRAINING_JOB, "Pod") == []
    assert cache.children(TRAINING_JOB, "Job", uid="second of that name") == []
    cache.put(record(JOB, 2))
    assert cache.children(TRAINING_JOB, "Job") == []
    assert cache.drop(POD) is not None
    assert cache.children(JOB, "Pod") == []


def test_an_object_of_the_same_name_survives_the_news_that_its_predecessor_is_gone() -> None:
    cache = Cache()
    cache.put(record(JOB))
    assert cache.drop(JOB, uid="uid of the predecessor") is None
    assert cache.get(JOB) is not None


def test_a_pod_leads_to_its_training_job_through_its_job() -> None:
    cache = Cache()
    pod = record(POD, owner=JOB)
    cache.put(pod)
    assert cache.root(pod).key == POD
    cache.put(record(JOB, owner=TRAINING_JOB))
    cache.put(record(TRAINING_JOB))
    assert cache.root(pod).key == TRAINING_JOB


def test_owners_in_a_circle_end() -> None:
    cache = Cache()
    cache.put(record(JOB, owner=POD))
    cache.put(record(POD, owner=JOB))
    found = cache.get(POD)
    assert found is not None
    assert cache.root(found).key in (JOB, POD)


@pytest.fixture
def queue() -> WorkQueue[Key]:
    return WorkQueue(retry_seconds=1, retry_seconds_max=1)


async def test_news_of_a_referent_concern_those_who_refer_to_it(queue: WorkQueue[Key]) -> None:
    feed = Feed(Cache(), queue, settle_seconds=0)
    feed.take(record(TRAINING_JOB, references=(DATASET,)))
    assert await queue.get() == TRAINING_JOB
    queue.done(TRAINING_JOB)
    feed.take(record(DATASET))
    assert {await queue.get(), await queue.get()} == {DATASET, TRAINING_JOB}


async def test_news_concern_those_who_read_an_object_that_names_them(queue: WorkQueue[Key]) -> None:
    feed = Feed(Cache(), queue, settle_seconds=0)
    feed.take(record(DATASET, read_by=(TRAINING_JOB,)))
    assert {await queue.get(), await queue.get()} == {DATASET, TRAINING_JOB}


async def test_news_of_children_come_together_and_cost_one_pass(queue: WorkQueue[Key]) -> None:
    cache = Cache()
    feed = Feed(cache, queue, settle_seconds=0.01)
    cache.put(record(TRAINING_JOB))
    for version in range(5):
        feed.take(record(JOB, version + 1, owner=TRAINING_JOB))
        feed.take(record(POD, version + 1, owner=JOB))
    assert len(queue) == 0
    assert await queue.get() == TRAINING_JOB
    queue.done(TRAINING_JOB)
    assert len(queue) == 0


async def test_what_is_known_already_is_no_news(queue: WorkQueue[Key]) -> None:
    feed = Feed(Cache(), queue, settle_seconds=0)
    assert feed.take(record(DATASET))
    await queue.get()
    queue.done(DATASET)
    assert not feed.take(record(DATASET))
    assert feed.drop(DATASET)
    assert not feed.drop(DATASET)
    assert await queue.get() == DATASET


def test_ten_thousand_records_are_small() -> None:
    tracemalloc.start()
    cache = Cache()
    for number in range(10_000):
        key = Key("Job", "shop", f"job-{number}")
        cache.put(Record(key, f"uid-{number}", number, owner=Key("TrainingJob", "shop", f"job-{number}")))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / 10_000 < 1_500
