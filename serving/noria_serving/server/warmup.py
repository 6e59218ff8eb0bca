"""Replays a version's recorded requests before it serves, so that the first real one is quick. Used by
`server.assembly`.

The records lie in assets.extra/tf_serving_warmup_requests: TFRecords of PredictionLog, at most 1000.
"""

import time
from pathlib import Path

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.python.lib.io import _pywrap_record_io
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog

from noria_serving.server.classification import classify
from noria_serving.server.codec.tensor_proto import to_array
from noria_serving.server.inference import predict
from noria_serving.server.metrics import Metrics
from noria_serving.server.multi_inference import multi_inference
from noria_serving.server.regression import regress
from noria_serving.server.servable import Servable
from noria_serving.server.status import Code, ServingError, invalid_argument

RECORDS = Path("assets.extra", "tf_serving_warmup_requests")
MAX_RECORDS = 1000


def warm_up(servable: Servable, path: Path, location: str, iterations: int, metrics: Metrics) -> None:
    """Run every record `iterations` times. Raises ServingError for the first that fails.

    Metrics name the version by its location.
    """
    if not path.joinpath(RECORDS).is_file():
        return
    start = time.perf_counter()
    status = Code.OK
    try:
        for log in _logs(path / RECORDS, metrics, location):
            for _ in range(max(1, iterations)):
                replay(servable, log, metrics)
    except ServingError as error:
        status = error.code
        raise
    finally:
        metrics.model_warmup_latency.add((time.perf_counter() - start) * 1e6, location, status.name)


def _logs(path: Path, metrics: Metrics, version: str) -> list[PredictionLog]:
    logs = []
    try:
        for record in _pywrap_record_io.RecordIterator(str(path), ""):
            logs.append(PredictionLog.FromString(record))
            if len(logs) > MAX_RECORDS:
                text = f"Number of warmup records exceeds the maximum ({MAX_RECORDS}) at {path}"
                raise invalid_argument(text)
    except tf.errors.OpError as error:
        if error.error_code != Code.DATA_LOSS:
            raise ServingError(Code(error.error_code), error.message) from None
        raise ServingError(
            Code.DATA_LOSS, f"{error.message}. Please verify your warmup data is in TFRecord format."
        ) from None
    except DecodeError:
        raise invalid_argument(
            f"Failed to parse warmup record: {record.decode(errors='replace')} from {path}"
        ) from None
    metrics.model_warmup_records_read.add(version, count=len(logs))
    return logs


def replay(servable: Servable, log: PredictionLog, metrics: Metrics) -> None:
    """Run one recorded request. Raises ServingError, also for a kind of request that cannot be replayed."""
    match log.WhichOneof("log_type"):
        case "predict_log":
            request = log.predict_log.request
            inputs = {alias: to_array(value) for alias, value in request.inputs.items()}
            predict(servable, request.model_spec.signature_name, inputs, request.output_filter)
        case "classify_log":
            asked = log.classify_log.request
            classify(servable, asked.model_spec.signature_name, asked.input)
        case "regress_log":
            asked = log.regress_log.request
            regress(servable, asked.model_spec.signature_name, asked.input)
        case "multi_inference_log":
            multi_inference(servable, 0, log.multi_inference_log.request, metrics)
        case str() as kind:
            number = PredictionLog.DESCRIPTOR.fields_by_name[kind].number
            raise ServingError(Code.UNIMPLEMENTED, f"Unsupported log_type for warmup: {number}")
