"""The client's own messages are TensorFlow Serving's on the wire, field by field, in a process that has both."""

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf.descriptor import Descriptor
from tensorflow.core.framework.tensor_pb2 import TensorProto
from tensorflow_serving.apis import classification_pb2 as classification
from tensorflow_serving.apis import get_model_metadata_pb2 as metadata
from tensorflow_serving.apis import get_model_status_pb2 as status
from tensorflow_serving.apis import input_pb2, model_pb2, predict_pb2
from tensorflow_serving.apis import regression_pb2 as regression

from noria_client import tensor, wire
from noria_client.metadata import KINDS

ORIGINAL = {
    "PredictRequest": predict_pb2.PredictRequest,
    "PredictResponse": predict_pb2.PredictResponse,
    "Example": tf.train.Example,
    "Input": input_pb2.Input,
    "ModelSpec": model_pb2.ModelSpec,
    "ClassificationResponse": classification.ClassificationResponse,
    "RegressionResponse": regression.RegressionResponse,
    "MetadataRequest": metadata.GetModelMetadataRequest,
    "MetadataResponse": metadata.GetModelMetadataResponse,
    "Signatures": metadata.SignatureDefMap,
    "StatusRequest": status.GetModelStatusRequest,
    "StatusResponse": status.GetModelStatusResponse,
}
ALIKE = {"enum": "int32", "string": "bytes"}
"""Types that are the same on the wire."""


def kind(field: object) -> str:
    names = {
        getattr(field, name): name.removeprefix("TYPE_").lower() for name in dir(field) if name.startswith("TYPE_")
    }
    name = names[getattr(field, "type")]  # noqa: B009  # untyped upstream
    return ALIKE.get(name, name)


def compare(ours: Descriptor, theirs: Descriptor) -> int:
    """Compare the fields that we know, and those below; how many there are."""
    seen = 0
    for field in ours.fields:
        other = theirs.fields_by_name[field.name]
        assert (field.number, field.is_repeated) == (other.number, other.is_repeated), field.full_name
        if field.message_type is None:
            passed_on_unread = other.message_type is not None and kind(field) == "bytes"
            assert passed_on_unread or kind(field) == kind(other), field.full_name
        else:
            seen += compare(field.message_type, other.message_type)
        seen += 1
    return seen


@pytest.mark.parametrize("name", ORIGINAL)
def test_fields_have_the_originals_numbers_and_types(name: str) -> None:
    assert compare(type(wire.message(name)).DESCRIPTOR, ORIGINAL[name].DESCRIPTOR) > 0


def test_requests_of_examples_are_those_of_both_verbs() -> None:
    for theirs in (classification.ClassificationRequest, regression.RegressionRequest):
        assert compare(type(wire.message("ExampleRequest")).DESCRIPTOR, theirs.DESCRIPTOR) > 0


@pytest.mark.parametrize("dtype", KINDS)
def test_tensors_are_tensorflows(dtype: str) -> None:
    number, numpy, field = KINDS[dtype]
    assert tf.dtypes.as_dtype(number).name.upper() in (dtype.removeprefix("DT_"), "FLOAT32", "FLOAT64", "FLOAT16")
    values = (
        np.array([[b"a", b"\xff"]], object) if field == "string_val" else np.array([[0, 1], [1, 100]]).astype(numpy)
    )
    ours = tensor.to_message(values, dtype)
    np.testing.assert_array_equal(tf.make_ndarray(TensorProto.FromString(ours.SerializeToString())), values)
    theirs = tf.make_tensor_proto(values)
    np.testing.assert_array_equal(tensor.from_message(wire.parsed("Tensor", theirs.SerializeToString())), values)


def test_short_lists_and_bfloat16_are_read() -> None:
    short = TensorProto(dtype=1, float_val=[1, 2], tensor_shape={"dim": [{"size": 2}, {"size": 2}]})
    found = tensor.from_message(wire.parsed("Tensor", short.SerializeToString()))
    assert found.tolist() == [[1, 2], [2, 2]]
    brain = tf.make_tensor_proto(tf.constant([1.5, -2.0], tf.bfloat16))
    assert tensor.from_message(wire.parsed("Tensor", brain.SerializeToString())).tolist() == [1.5, -2.0]
