"""The experience in a real S3 store: writers, crashes, compaction and forgetting at the same time lose nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from noria.contract import Configuration, FailureKind, Metric, Task
from noria_store.store import Store
from noria_trainers.experience.keep import Experience
from noria_trainers.experience.pack import from_parquet, to_parquet
from noria_trainers.experience.result import Cost, Protocol, Result, scores

TASK = Task.TABULAR_CLASSIFICATION
PROTOCOL = Protocol(trainer="0.1.0", split="hash-1", budget="cpu", seed=0, objective=Metric.ACCURACY)


def result(revision: int, width: int, **changes: Any) -> Result:
    fields: dict[str, Any] = {
        "task": TASK,
        "revision": f"{revision:016x}",
        "meta_features": {"logExamples": 2.5 + revision, "landmarker:0123456789ab": 0.1},
        "configuration": Configuration(family="tabular-mlp", parameters={"width": width, "scaling": "standard"}),
        "protocol": PROTOCOL,
        "scores": scores(TASK, {"Accuracy": 0.1 + width / 300, "LogLoss": 1 / 3}),
        "cost": Cost(seconds=0.1 + width, epochs=4, parameters=500),
    }
    return Result(**{**fields, **changes})


SOME = [result(revision, width) for revision in range(3) for width in range(4)]
FAILED = result(1, 99, scores=(), cost=None, failure=FailureKind.OUT_OF_MEMORY)


@dataclass
class Pool:
    """An experience in a bucket of its own, and another client of it."""

    uri: str
    environment: dict[str, str]

    @property
    def experience(self) -> Experience:
        return Experience(self.store, self.uri)

    @property
    def store(self) -> Store:
        return Store.from_environment(environment=self.environment)

    @property
    def uris(self) -> list[str]:
        return [uri for uri, _ in self.store.list(self.uri)]

    @property
    def file(self) -> str:
        return f"{self.uri}compacted/{TASK}.parquet"


@pytest.fixture
def pool(object_store: Any) -> Pool:
    return Pool(f"s3://{object_store.bucket()}/experience/", object_store.environment)


def sorted_by_key(results: list[Result]) -> list[Result]:
    return sorted(results, key=lambda each: each.key)


def test_compacted_results_are_the_same_and_only_the_file_is_added(pool: Pool) -> None:
    known = [*SOME, FAILED]
    assert [pool.experience.record(each) for each in known] == [True] * len(known)
    before = pool.uris
    assert pool.experience.compact(TASK, least=13)
    assert not pool.experience.compact(TASK, least=1), "there is nothing that it lacks"
    assert set(pool.uris) == {*before, pool.file}
    assert pool.experience.results(TASK) == sorted_by_key(known)
    assert [pool.experience.record(each) for each in known] == [False] * len(known)
    assert set(pool.uris) == {*before, pool.file}


def test_what_came_after_the_compaction_is_known_too(pool: Pool) -> None:
    for each in SOME[:6]:
        pool.experience.record(each)
    pool.experience.compact(TASK, least=1)
    for each in SOME[6:]:
        pool.experience.record(each)
    assert pool.experience.results(TASK) == sorted_by_key(SOME)


def test_writers_repeats_and_compactions_at_the_same_time(pool: Pool) -> None:
    experience = pool.experience

    def write(order: int) -> int:
        return sum(experience.record(each) for each in (SOME if order % 2 else SOME[::-1]))

    with ThreadPoolExecutor(6) as threads:
        writers = [threads.submit(write, order) for order in range(4)]
        compactors = [threads.submit(lambda: [experience.compact(TASK, least=1) for _ in range(4)]) for _ in range(2)]
    assert sum(writer.result() for writer in writers) == len(SOME), "each was added once"
    for compactor in compactors:
        compactor.result()
    assert experience.results(TASK) == sorted_by_key(SOME)
    experience.compact(TASK, least=1)  # whatever theirs have left out
    assert not experience.compact(TASK, least=1)
    assert experience.results(TASK) == sorted_by_key(SOME)


def test_a_writer_that_is_killed_leaves_whole_results_and_goes_on(pool: Pool) -> None:
    code = (
        "import sys, json; from noria_trainers.experience.keep import Experience;"
        "from noria_trainers.experience.result import Result; from noria_store.store import Store;"
        "experience = Experience(Store.from_environment(), sys.argv[1]);"
        "[(experience.record(Result.model_validate(each)), print(flush=True)) for each in json.load(sys.stdin)]"
    )
    command = [sys.executable, "-c", code, pool.uri]
    text = json.dumps([json.loads(each.to_json()) for each in SOME])
    writer = subprocess.Popen(
        command, env={**os.environ, **pool.environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdin
    assert writer.stdout
    writer.stdin.write(text)
    writer.stdin.close()
    writer.stdout.readline()
    time.sleep(0.05)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    left = pool.experience.results(TASK)
    assert len(left) > 0
    assert all(each in SOME for each in left)
    assert sum(pool.experience.record(each) for each in SOME) == len(SOME) - len(left)
    assert pool.experience.results(TASK) == sorted_by_key(SOME)


def test_what_is_forgotten_is_gone_from_objects_and_file(pool: Pool) -> None:
    for each in SOME:
        pool.experience.record(each)
    pool.experience.compact(TASK, least=1)
    gone = f"{1:016x}"
    assert pool.experience.forget([gone, "ffff"]) == 4
    assert pool.experience.results(TASK) == sorted_by_key([each for each in SOME if each.revision != gone])
    assert not any(gone in uri for uri in pool.uris)
    assert pool.store.find(pool.file) is None
    assert pool.experience.compact(TASK, least=1)
    packed = pool.store.read(pool.file)
    assert gone not in {each.revision for each in from_parquet(packed).values()}
    assert pool.experience.forget([gone]) == 0


def test_a_file_written_of_what_was_forgotten_meanwhile_brings_nothing_back(pool: Pool) -> None:
    """As by a compaction that read before and wrote after."""
    for each in SOME:
        pool.experience.record(each)
    pool.experience.forget([f"{1:016x}"])
    pool.store.write(pool.file, to_parquet(SOME))
    assert pool.experience.results(TASK) == sorted_by_key([each for each in SOME if each.revision != f"{1:016x}"])
    pool.experience.record(SOME[4])
    assert SOME[4] in pool.experience.results(TASK), "learned again, it counts again"


@pytest.mark.parametrize("junk", [b"", b"PAR1 no", to_parquet(SOME)[:-9]], ids=["empty", "no Parquet", "cut"])
def test_a_broken_file_costs_only_time(pool: Pool, junk: bytes) -> None:
    pool.experience.record(SOME[0])
    pool.store.write(pool.file, junk)
    assert pool.experience.results(TASK) == [SOME[0]]
    assert pool.experience.compact(TASK, least=1)
    assert pool.experience.results(TASK) == [SOME[0]]


@pytest.mark.parametrize("junk", [b"", b"{}", b"\xff", b'{"task": "Dance"}'])
def test_a_broken_result_is_passed_over(pool: Pool, junk: bytes) -> None:
    pool.experience.record(SOME[0])
    pool.store.write(f"{pool.uri}{TASK}/{'a' * 16}/0123/4567.json", junk)
    assert pool.experience.results(TASK) == [SOME[0]]


def test_what_many_results_share_is_there_once() -> None:
    many = [result(revision, width) for revision in range(20) for width in range(100)]
    packed = to_parquet(many)
    assert len(packed) < 10 * len(many)
    found = from_parquet(packed)
    assert list(found.values()) == many
    assert list(found) == [each.key for each in many]
    assert len({id(each.configuration) for each in found.values()}) == 100
    assert len({id(each.meta_features) for each in found.values()}) == 20
