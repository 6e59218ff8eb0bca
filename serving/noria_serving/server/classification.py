"""Classify on a servable: examples in, labels and scores out. For `rest`, `rpc`, `multi_inference` and the warm-up.

Source: tensorflow_serving/servables/tensorflow/classifier.cc.
"""

from collections.abc import Mapping

import numpy as np
from tensorflow_serving.apis.classification_pb2 import ClassificationResult
from tensorflow_serving.apis.input_pb2 import Input

from noria_serving.server.codec.dtype import enum_name
from noria_serving.server.codec.tensor_proto import Array
from noria_serving.server.example import serialized_examples
from noria_serving.server.servable import DEFAULT_SIGNATURE, Servable, Signature
from noria_serving.server.status import ServingError, invalid_argument

CLASSIFY = "tensorflow/serving/classify"
INPUTS, CLASSES, SCORES = "inputs", "classes", "scores"


def classify(
    servable: Servable, signature_name: str, request: Input, timeout: float | None = None
) -> ClassificationResult:
    """The classes of each example. Raises ServingError."""
    signature = example_signature(servable, signature_name)
    feed, fetches = tensors(signature)
    examples = serialized_examples(request)
    values = servable.run({feed: examples}, tuple(fetches.values()), timeout)
    return result(dict(zip(fetches, values, strict=True)), len(examples))


def example_signature(servable: Servable, name: str) -> Signature:
    """The signature of that name. Raises ServingError."""
    signature = servable.signature(name)
    if signature is None:
        raise invalid_argument(f"No signature was found with the name: {name or DEFAULT_SIGNATURE}")
    return signature


def check_method(signature: Signature, kind: str, wanted: str) -> None:
    """Raises ServingError for a signature that was exported for something else, where that matters."""
    if signature.method not in (None, wanted):
        text = f"Expected {kind} signature method_name to be {wanted}. Was: {signature.method}"
        raise invalid_argument(text)


def tensors(signature: Signature) -> tuple[str, dict[str, str]]:
    """The tensor that takes the examples, and those that give classes, scores or both. Raises ServingError."""
    check_method(signature, "classification", CLASSIFY)
    if len(signature.inputs) != 1:
        raise invalid_argument("Expected one input Tensor.")
    if len(signature.outputs) not in (1, 2):
        raise invalid_argument(f"Expected one or two output Tensors, found {len(signature.outputs)}")
    if INPUTS not in signature.inputs:
        raise invalid_argument(f"No classification inputs found in SignatureDef: {signature.proto}")
    fetches = {alias: signature.outputs[alias] for alias in (CLASSES, SCORES) if alias in signature.outputs}
    if not fetches:
        text = 'Expected classification signature outputs to contain at least one of "classes" or "scores".'
        raise invalid_argument(f"{text} Signature was: {signature.proto}")
    return signature.inputs[INPUTS], fetches


def result(outputs: Mapping[str, Array], count: int) -> ClassificationResult:
    """The outputs of `count` examples as a message. Raises ServingError where their shape or type is wrong."""
    for alias, dtype, name in ((CLASSES, np.dtype(object), "DT_STRING"), (SCORES, np.dtype(np.float32), "DT_FLOAT")):
        if alias in outputs:
            _check(outputs[alias], alias, dtype, name, count)
    widths = [outputs[alias].shape[1] for alias in (CLASSES, SCORES) if alias in outputs]
    if len(set(widths)) > 1:
        text = "Tensors class and score should match in dim_size(1)."
        raise invalid_argument(f"{text} Got {widths[0]} vs. {widths[1]}")
    message = ClassificationResult()
    for row in range(count):
        classes = message.classifications.add().classes
        for column in range(widths[0]):
            found = classes.add()
            if CLASSES in outputs:
                found.label = outputs[CLASSES][row, column]
            if SCORES in outputs:
                found.score = outputs[SCORES][row, column]
    return message


def _check(array: Array, alias: str, dtype: np.dtype, name: str, count: int) -> None:
    fault: ServingError | None = None
    if array.ndim != 2:
        fault = invalid_argument(f"Expected Tensor shape: [batch_size num_classes] but got {shape_text(array)}")
    elif array.dtype != dtype:
        fault = invalid_argument(f"Expected {alias} Tensor of {name}. Got: {enum_name(array.dtype)}")
    elif len(array) != count:
        fault = invalid_argument(f"Expected {alias} output batch size of {count}. Got: {len(array)}")
    if fault:
        raise fault


def shape_text(array: Array) -> str:
    """A shape as TensorFlow prints it."""
    return f"[{','.join(map(str, array.shape))}]"
