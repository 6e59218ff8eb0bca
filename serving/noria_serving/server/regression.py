"""Regress on a servable: examples in, one value each out. For `rest`, `rpc`, `multi_inference` and the warm-up.

Source: tensorflow_serving/servables/tensorflow/regressor.cc.
"""

import numpy as np
from tensorflow_serving.apis.input_pb2 import Input
from tensorflow_serving.apis.regression_pb2 import RegressionResult

from noria_serving.server.classification import INPUTS, check_method, example_signature, shape_text
from noria_serving.server.codec.dtype import enum_name
from noria_serving.server.codec.tensor_proto import Array
from noria_serving.server.example import serialized_examples
from noria_serving.server.servable import Servable, Signature
from noria_serving.server.status import invalid_argument

REGRESS = "tensorflow/serving/regress"
OUTPUTS = "outputs"


def regress(servable: Servable, signature_name: str, request: Input, timeout: float | None = None) -> RegressionResult:
    """The value of each example. Raises ServingError."""
    signature = example_signature(servable, signature_name)
    feed, fetch = tensors(signature)
    examples = serialized_examples(request)
    (values,) = servable.run({feed: examples}, (fetch,), timeout)
    return result(values, len(examples))


def tensors(signature: Signature) -> tuple[str, str]:
    """The tensor that takes the examples and the one that gives their values. Raises ServingError."""
    check_method(signature, "regression", REGRESS)
    if len(signature.inputs) != 1:
        raise invalid_argument("Expected one input Tensor.")
    if len(signature.outputs) != 1:
        raise invalid_argument("Expected one output Tensor.")
    if INPUTS not in signature.inputs:
        raise invalid_argument(f"No regression inputs found in SignatureDef: {signature.proto}")
    if OUTPUTS not in signature.outputs:
        raise invalid_argument(f"No regression outputs found in SignatureDef: {signature.proto}")
    return signature.inputs[INPUTS], signature.outputs[OUTPUTS]


def result(values: Array, count: int) -> RegressionResult:
    """The values of `count` examples as a message. Raises ServingError where their shape or type is wrong."""
    if not (values.ndim == 1 or (values.ndim == 2 and values.shape[1] == 1)):
        text = "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got"
        raise invalid_argument(f"{text} {shape_text(values)}")
    if len(values) != count:
        raise invalid_argument(f"Input batch size did not match output batch size: {count} vs. {len(values)}")
    if values.dtype != np.float32:
        raise invalid_argument(f"Expected output Tensor of DT_FLOAT.  Got: {enum_name(values.dtype)}")
    message = RegressionResult()
    for value in values.ravel().tolist():
        message.regressions.add(value=value)
    return message
