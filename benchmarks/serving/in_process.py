"""Runs a model in one thread, with no server around it: `python in_process.py VERSION ROWS SECONDS`."""

import json
import sys
import time
from pathlib import Path

import numpy as np
from tensorflow.core.protobuf.config_pb2 import ConfigProto

from noria_serving.server.codec.dtype import KINDS
from noria_serving.server.inference import predict
from noria_serving.server.loader import LoadSettings, load
from noria_serving.server.metrics import Metrics
from noria_serving.server.session import SessionSettings


def main(version: str, rows: str, seconds: str) -> None:
    """Print requests per second."""
    servable = load(Path(version), LoadSettings(SessionSettings(ConfigProto())), Metrics())
    signature = servable.signature("")
    assert signature is not None
    inputs = {"x": np.array(json.loads(rows), KINDS[signature.types["x"]].numpy)}
    for _ in range(100):
        predict(servable, "", inputs)
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < float(seconds):
        predict(servable, "", inputs)
        count += 1
    print(count / (time.perf_counter() - start))


if __name__ == "__main__":
    main(*sys.argv[1:])
