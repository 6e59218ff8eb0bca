"""BatchingParameters: how requests are gathered into batches.

Defaults are those of TensorFlow's shared_batch_scheduler.h. Times in seconds.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noria_serving.server.extra_protos import BatchingParameters
from noria_serving.server.status import invalid_argument
from noria_serving.server.text_file import read_text

PER_MODEL_FILE = "batching_params.pbtxt"
UNNAMED_POOL = "model_server_batch_threads"
"""The name of the threads where there is no file of parameters."""


@dataclass(frozen=True)
class Parameters:
    """How requests are gathered. Sizes are in rows."""

    max_batch_size: int = 1000
    """The most rows of one request; also of a batch, unless large requests are split."""
    timeout: float = 0.0
    """How long a batch that is not full waits for more."""
    max_enqueued_batches: int = 10
    threads: int = os.cpu_count() or 1
    """How many batches run at a time."""
    pool_name: str = "batch_threads"
    allowed_sizes: Sequence[int] = ()
    """A batch is filled up to one of these with copies of its first row."""
    pads_inputs: bool = False
    """Whether inputs of different lengths are filled up to the longest with the first value of each."""
    splits: bool = False
    max_execution_size: int = 1000
    """The most rows of a batch."""


def read_parameters(path: str | Path) -> Parameters:
    """The parameters in a text file. Raises ServingError."""
    return parameters_of(read_text(str(path), BatchingParameters))


def parameters_of(message: Any) -> Parameters:
    """The parameters in a BatchingParameters. Raises ServingError."""

    def value(name: str, default: Any) -> Any:
        return getattr(message, name).value if message.HasField(name) else default

    usual = Parameters()
    max_batch_size = value("max_batch_size", usual.max_batch_size)
    splits = value("enable_large_batch_splitting", False)
    parameters = Parameters(
        max_batch_size=max_batch_size,
        timeout=value("batch_timeout_micros", 0) / 1e6,
        max_enqueued_batches=max(value("max_enqueued_batches", usual.max_enqueued_batches), int(not splits)),
        threads=value("num_batch_threads", usual.threads),
        pool_name=value("thread_pool_name", usual.pool_name),
        allowed_sizes=tuple(message.allowed_batch_sizes),
        pads_inputs=message.pad_variable_length_inputs,
        splits=splits,
        max_execution_size=value("max_execution_batch_size", max_batch_size) if splits else max_batch_size,
    )
    _check(parameters)
    return parameters


def _check(parameters: Parameters) -> None:
    limit, most, sizes = parameters.max_batch_size, parameters.max_execution_size, parameters.allowed_sizes
    for name, number in (
        ("num_batch_threads", parameters.threads),
        ("input_batch_size_limit", limit),
        ("max_enqueued_batches", parameters.max_enqueued_batches),
    ):
        if number < 1:
            raise invalid_argument(f"{name} must be positive; was {number}")
    if parameters.timeout < 0:
        raise invalid_argument(f"batch_timeout_micros must be non-negative; was {round(parameters.timeout * 1e6)}")
    if limit < most:
        text = "When enable_large_batch_splitting is true, input_batch_size_limit must be greater than or equal to"
        raise invalid_argument(f"{text} max_execution_batch_size.1{limit}{most}")
    if list(sizes) != sorted(set(sizes)):
        raise invalid_argument("allowed_batch_sizes entries must be monotonically increasing")
    if sizes and sizes[-1] != limit:
        text = f"last entry was {sizes[-1]}; expected {limit}"
        raise invalid_argument(f"Last entry in allowed_batch_sizes must match max_batch_size; {text}")
