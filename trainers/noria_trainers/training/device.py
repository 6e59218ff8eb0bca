"""What a trial may use: processors, and a GPU's lower precision."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import structlog
import tensorflow as tf

_QUOTA_V2 = Path("/sys/fs/cgroup/cpu.max")
_QUOTA_V1 = Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")
_PERIOD_V1 = Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us")
_BFLOAT16 = (8, 0)
"""Compute capability from which on GPUs calculate in bfloat16, which needs no scaling of the loss."""

log = structlog.stdlib.get_logger(__name__)


def processors() -> int:
    """Processors that this container may use: its affinity and its cgroup's limit, rounded up."""
    allowed = len(os.sched_getaffinity(0))
    quota, period = _limit()
    return max(1, min(allowed, -(-quota // period))) if quota > 0 else allowed


def prepare(seed: int) -> bool:
    """Seed every generator and use no more threads than there are processors; whether there is a GPU."""
    keras.utils.set_random_seed(seed)
    try:
        tf.config.threading.set_intra_op_parallelism_threads(processors())
        tf.config.threading.set_inter_op_parallelism_threads(max(2, processors()))
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, True)
    except RuntimeError:
        log.debug("the number of threads is that of an earlier trial in this process")
    return bool(tf.config.list_physical_devices("GPU"))


@contextmanager
def mixed_precision() -> Iterator[None]:
    """Networks built inside calculate in 16 bits where there is a GPU, and keep their weights in 32."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        yield
        return
    capability = tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (0, 0))
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if capability >= _BFLOAT16 else "mixed_float16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _limit() -> tuple[int, int]:
    """Quota and period of the cgroup in microseconds; quota -1 where there is no limit."""
    try:
        if _QUOTA_V2.exists():
            quota, period = _QUOTA_V2.read_text().split()
            return (-1 if quota == "max" else int(quota)), int(period)
        return int(_QUOTA_V1.read_text()), int(_PERIOD_V1.read_text())
    except (OSError, ValueError):
        return -1, 1
