"""Scaling of numbers: what a graph makes of a value is what training saw, however it is rounded on the way."""

import numpy as np
import pytest
import tensorflow as tf

from noria_trainers.modality.table.numbers import Numbers

DAYS = np.arange(7, dtype=np.float32)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(DAYS, id="days of the week"),
        pytest.param(np.arange(1, 13, dtype=np.float32), id="months"),
        pytest.param(DAYS / 10 + 36, id="tenths"),
        pytest.param(DAYS * 86_400 + 1.7e9, id="seconds since 1970"),
    ],
)
def test_values_that_many_rows_share_are_scaled_alike_in_a_graph(values: np.ndarray) -> None:
    rows = np.random.default_rng(0).choice(values, (500, 1))
    numbers = Numbers.of(rows, "quantile")
    served = tf.function(numbers.encode, input_signature=[tf.TensorSpec([None, 1], tf.float32)])
    found = served(tf.constant(rows)).numpy()
    assert found == pytest.approx(numbers.encode(tf.constant(rows)).numpy(), abs=1e-4)
    assert len(np.unique(found.round(3))) == len(values)
