"""What is done to a value before training is done in the served graph: rows as they lie in a file get the answers that
the stored examples get. `make test-skew` tries more tables.
"""

import os
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from served_table import serve

SEEDS = range(int(os.environ.get("NORIA_TABLES", "30")))


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_of_the_file_are_answered_like_stored_examples(seed: int, tmp_path: Path) -> None:
    with np.errstate(over="ignore"):
        served = serve(seed, tmp_path)
    loaded = tf.saved_model.load(str(served.model))
    answers = loaded.signatures["serving_default"](**served.request)[served.output].numpy()
    assert len(answers) >= 10
    np.testing.assert_allclose(answers, served.expected, rtol=1e-5, atol=1e-5)
    assert np.ptp(answers[:, 0] if answers.ndim > 1 else answers) > 0
