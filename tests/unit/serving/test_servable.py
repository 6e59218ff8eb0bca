"""How long a run may take."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from noria_serving.server.metrics import Metrics
from noria_serving.server.servable import Computation
from noria_serving.server.status import Code, ServingError


class Slow:
    """An engine whose runs never end before their time; one without a limit would never end."""

    def __init__(self) -> None:
        self.limits: list[int] = []

    def prepare(self, feeds: Any, fetches: Any, milliseconds: int) -> Any:
        self.limits.append(milliseconds)

        def run() -> Sequence[Any]:
            raise tf.errors.DeadlineExceededError(None, None, "Timed out waiting for notification")

        return run

    def close(self) -> None:
        pass


def test_runs_that_were_ended_soon_do_not_let_the_next_one_run_without_a_limit() -> None:
    engine = Slow()
    computation = Computation(engine, (), (), Metrics())
    for _ in range(100):
        with pytest.raises(ServingError) as caught:
            computation.run([], timeout=0.001)
        assert caught.value.code is Code.DEADLINE_EXCEEDED
    assert engine.limits == [1]


def test_what_has_been_fast_runs_without_a_limit() -> None:
    class Fast(Slow):
        def prepare(self, feeds: Any, fetches: Any, milliseconds: int) -> Any:
            super().prepare(feeds, fetches, milliseconds)
            return lambda: [np.zeros(1)]

    engine = Fast()
    computation = Computation(engine, (), (), Metrics())
    while 0 not in engine.limits:
        computation.run([], timeout=60)
    assert set(engine.limits) == {0, 2**16}
