"""Requests are gathered into batches, and each gets its own rows back."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from noria_serving.server.batching.batcher import Batcher, Slots
from noria_serving.server.batching.parameters import Parameters
from noria_serving.server.batching.tensor import divided, joined, row_count
from noria_serving.server.metrics import Metrics
from noria_serving.server.status import Code, ServingError

KEY = (("x:0",), ("y:0",))


class Model:
    """Doubles its input, and keeps the sizes of what it ran."""

    def __init__(self) -> None:
        self.sizes = list[int]()

    def __call__(self, inputs: Sequence[Any]) -> list[Any]:
        self.sizes.append(len(inputs[0]))
        return [inputs[0] * 2]


def batcher(slots: int = 1, **fields: Any) -> Batcher:
    parameters = replace(Parameters(), **fields)
    if "max_batch_size" in fields and "max_execution_size" not in fields:
        parameters = replace(parameters, max_execution_size=parameters.max_batch_size)
    return Batcher(parameters, Slots(slots, "pool"), Metrics())


def rows(*values: float) -> list[Any]:
    return [np.array(values, np.float32)]


def test_requests_that_come_while_one_runs_share_the_next_batch() -> None:
    model, gatherer = Model(), batcher(max_batch_size=8)
    started, release = threading.Event(), threading.Event()

    def held_up(inputs: Sequence[Any]) -> list[Any]:
        started.set()
        release.wait(60)
        return model(inputs)

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(gatherer.run, KEY, rows(0), held_up)
        started.wait(60)
        others = [pool.submit(gatherer.run, KEY, rows(i), held_up) for i in range(1, 8)]
        while sum(batch.size for batch in gatherer._waiting[KEY]) < 7:
            time.sleep(0.001)
        release.set()
        answers = [each.result()[0].tolist() for each in (first, *others)]
    assert answers == [[2.0 * i] for i in range(8)]
    assert model.sizes == [1, 7]


def test_a_batch_waits_for_more_until_its_time_is_over() -> None:
    model, gatherer = Model(), batcher(max_batch_size=4, timeout=240.0, slots=4)
    start = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: gatherer.run(KEY, rows(i), model), range(4)))
    assert model.sizes == [4]
    assert time.monotonic() - start < 120


def test_a_lone_request_runs_when_its_time_is_over() -> None:
    model, gatherer = Model(), batcher(timeout=0.05)
    assert gatherer.run(KEY, rows(3), model)[0].tolist() == [6.0]
    assert model.sizes == [1]


def test_a_batch_is_filled_up_to_an_allowed_size() -> None:
    model, gatherer = Model(), batcher(max_batch_size=8, allowed_sizes=(4, 8))
    assert gatherer.run(KEY, rows(1, 2, 3), model)[0].tolist() == [2.0, 4.0, 6.0]
    assert model.sizes == [4]


def test_a_large_request_is_split_and_put_together_again() -> None:
    model, gatherer = Model(), batcher(max_batch_size=100, max_execution_size=4, splits=True)
    assert gatherer.run(KEY, rows(*range(10)), model)[0].tolist() == [2.0 * i for i in range(10)]
    assert model.sizes == [4, 4, 2]


def test_a_request_larger_than_a_batch_is_refused() -> None:
    with pytest.raises(ServingError) as caught:
        batcher(max_batch_size=2).run(KEY, rows(1, 2, 3), Model())
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert caught.value.message == "Task size 3 is larger than maximum input batch size 2"


def test_a_full_queue_is_unavailable_and_recovers() -> None:
    started, release = threading.Event(), threading.Event()

    def stuck(inputs: Sequence[Any]) -> list[Any]:
        started.set()
        release.wait(30)
        return [inputs[0]]

    gatherer = batcher(max_batch_size=1, max_enqueued_batches=1)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(gatherer.run, KEY, rows(1), stuck)
        started.wait(30)
        second = pool.submit(gatherer.run, KEY, rows(2), stuck)
        while not gatherer._waiting[KEY]:
            time.sleep(0.001)
        with pytest.raises(ServingError) as caught:
            gatherer.run(KEY, rows(3), stuck)
        assert caught.value.code is Code.UNAVAILABLE
        release.set()
        assert [first.result()[0].tolist(), second.result()[0].tolist()] == [[1.0], [2.0]]
    assert gatherer.run(KEY, rows(4), Model())[0].tolist() == [8.0]


def test_a_failing_batch_fails_for_all_and_frees_its_slot() -> None:
    def broken(inputs: Sequence[Any]) -> list[Any]:
        raise ServingError(Code.INTERNAL, "broken")

    gatherer = batcher()
    for _ in range(3):
        with pytest.raises(ServingError, match="broken"):
            gatherer.run(KEY, rows(1), broken)
    assert gatherer.run(KEY, rows(4), Model())[0].tolist() == [8.0]


def test_inputs_of_unequal_length_are_padded_where_asked() -> None:
    requests = [[np.array([[1, 2, 3]])], [np.array([[4]])]]
    (found,) = joined(requests, 1, pads=True, names=["x:0"])
    assert found.tolist() == [[1, 2, 3], [4, 4, 4], [1, 2, 3]]


@pytest.mark.parametrize(
    ("run", "code", "text"),
    [
        pytest.param(
            lambda: joined([[np.ones((1, 3))], [np.ones((1, 2))]], 0, pads=False, names=["x:0"]),
            Code.FAILED_PRECONDITION,
            "Tensors with name 'x:0' from different tasks have different shapes and padding is turned off. Set "
            "pad_variable_length_inputs to true, or ensure that all tensors with the same name have equal dimensions "
            "starting with the first dim.",
            id="unequal lengths",
        ),
        pytest.param(
            lambda: joined([[np.ones((1, 3))], [np.ones((1, 0))]], 0, pads=True, names=["x:0"]),
            Code.INVALID_ARGUMENT,
            "Got empty tensor in batch of non-empty tensors.",
            id="no value to fill up with",
        ),
        pytest.param(
            lambda: joined([[np.ones((1,) * 7)], [np.ones((1,) * 6 + (2,))]], 0, pads=True, names=["x:0"]),
            Code.INVALID_ARGUMENT,
            "Only tensors with rank from 1 to 6 can be padded.",
            id="too many dimensions",
        ),
        pytest.param(
            lambda: row_count([np.zeros(2), np.zeros(3)]),
            Code.INVALID_ARGUMENT,
            "Batching Run() input tensors must have equal 0th-dimension size",
            id="unequal rows",
        ),
        pytest.param(
            lambda: row_count([np.zeros(())]),
            Code.INVALID_ARGUMENT,
            "Batching Run() input tensors must have at least one dimension",
            id="an input that is no rows",
        ),
        pytest.param(
            lambda: divided([np.zeros(())], [1], 1),
            Code.FAILED_PRECONDITION,
            "Batched output tensor has 0 dimensions",
            id="an output that is no rows",
        ),
        pytest.param(
            lambda: divided([np.zeros(3)], [1], 1),
            Code.FAILED_PRECONDITION,
            "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input "
            "tensors",
            id="an output of other rows",
        ),
        pytest.param(
            lambda: batcher(max_batch_size=100, max_execution_size=4, max_enqueued_batches=2, splits=True).run(
                KEY, rows(*range(9)), Model()
            ),
            Code.UNAVAILABLE,
            "The batch scheduling queue to which this task was submitted is full; task size is 9 but scheduling "
            "capacity is only 8 (num_enqueued_batches=1, max_enqueued_batches=2, open_batch_size=0, "
            "max_execution_batch_size=4)",
            id="more batches than may wait",
        ),
    ],
)
def test_what_cannot_be_batched_is_refused(run: Callable[[], Any], code: Code, text: str) -> None:
    with pytest.raises(ServingError) as caught:
        run()
    assert (caught.value.code, caught.value.message) == (code, text)
