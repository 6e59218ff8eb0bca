"""Messages of TensorFlow Serving's gRPC API, as far as a client needs them. Used by `rpc` and `tensor`.

They are made from the table below, in a pool of their own: TensorFlow's messages of the same meaning can be imported in
the same process, in any order. On the wire they are the same: fields have the numbers of the files in
`tensorflow_serving/apis` and `tensorflow/core`. Two liberties are taken that the wire does not see: a map is a list of
entries, and the parts of a message that are passed on unread are bytes.
"""

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "noria_client"
_TYPES = descriptor_pb2.FieldDescriptorProto
_SCALARS: Mapping[str, int] = {
    "bool": _TYPES.TYPE_BOOL,
    "bytes": _TYPES.TYPE_BYTES,
    "double": _TYPES.TYPE_DOUBLE,
    "float": _TYPES.TYPE_FLOAT,
    "int32": _TYPES.TYPE_INT32,
    "int64": _TYPES.TYPE_INT64,
    "string": _TYPES.TYPE_STRING,
    "uint32": _TYPES.TYPE_UINT32,
    "uint64": _TYPES.TYPE_UINT64,
}
MESSAGES: Mapping[str, Mapping[str, tuple[int, str]]] = {
    "Dim": {"size": (1, "int64")},
    "Shape": {"dim": (2, "Dim*"), "unknown_rank": (3, "bool")},
    "Tensor": {
        "dtype": (1, "int32"),
        "tensor_shape": (2, "Shape"),
        "tensor_content": (4, "bytes"),
        "float_val": (5, "float*"),
        "double_val": (6, "double*"),
        "int_val": (7, "int32*"),
        "string_val": (8, "bytes*"),
        "scomplex_val": (9, "float*"),
        "int64_val": (10, "int64*"),
        "bool_val": (11, "bool*"),
        "dcomplex_val": (12, "double*"),
        "half_val": (13, "int32*"),
        "uint32_val": (16, "uint32*"),
        "uint64_val": (17, "uint64*"),
    },
    "NamedTensor": {"key": (1, "string"), "value": (2, "Tensor")},
    "Version": {"value": (1, "int64")},
    "ModelSpec": {
        "name": (1, "string"),
        "version": (2, "Version"),
        "signature_name": (3, "string"),
        "version_label": (4, "string"),
    },
    "PredictRequest": {"model_spec": (1, "ModelSpec"), "inputs": (2, "NamedTensor*")},
    "PredictResponse": {"outputs": (1, "NamedTensor*")},
    "Texts": {"value": (1, "bytes*")},
    "Floats": {"value": (1, "float*")},
    "Integers": {"value": (1, "int64*")},
    "Feature": {"bytes_list": (1, "Texts"), "float_list": (2, "Floats"), "int64_list": (3, "Integers")},
    "NamedFeature": {"key": (1, "string"), "value": (2, "Feature")},
    "Features": {"feature": (1, "NamedFeature*")},
    "Example": {"features": (1, "Features")},
    "Examples": {"examples": (1, "bytes*")},
    "Input": {"example_list": (1, "Examples")},
    "ExampleRequest": {"model_spec": (1, "ModelSpec"), "input": (2, "Input")},
    "Class": {"label": (1, "bytes"), "score": (2, "float")},
    "Classes": {"classes": (1, "Class*")},
    "Classifications": {"classifications": (1, "Classes*")},
    "ClassificationResponse": {"result": (1, "Classifications")},
    "Regression": {"value": (1, "float")},
    "Regressions": {"regressions": (1, "Regression*")},
    "RegressionResponse": {"result": (1, "Regressions")},
    "MetadataRequest": {"model_spec": (1, "ModelSpec"), "metadata_field": (2, "string*")},
    "Anything": {"value": (2, "bytes")},
    "NamedAnything": {"key": (1, "string"), "value": (2, "Anything")},
    "MetadataResponse": {"model_spec": (1, "ModelSpec"), "metadata": (2, "NamedAnything*")},
    "TensorInfo": {"dtype": (2, "int32"), "tensor_shape": (3, "Shape")},
    "NamedTensorInfo": {"key": (1, "string"), "value": (2, "TensorInfo")},
    "Signature": {"inputs": (1, "NamedTensorInfo*"), "outputs": (2, "NamedTensorInfo*"), "method_name": (3, "string")},
    "NamedSignature": {"key": (1, "string"), "value": (2, "Signature")},
    "Signatures": {"signature_def": (1, "NamedSignature*")},
    "StatusRequest": {"model_spec": (1, "ModelSpec")},
    "Status": {"error_code": (1, "int32"), "error_message": (2, "string")},
    "VersionStatus": {"version": (1, "int64"), "state": (2, "int32"), "status": (3, "Status")},
    "StatusResponse": {"model_version_status": (1, "VersionStatus*")},
}
"""Number and type of each field; `*` stands for any number of values."""


def message(name: str, **fields: Any) -> Any:
    """A message with these fields: values, dicts for messages, lists of these."""
    return _CLASSES[name](**fields)


def parsed(name: str, data: bytes) -> Any:
    """A message from its bytes. Raises google.protobuf.message.DecodeError."""
    return _CLASSES[name].FromString(data)


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="noria_client/wire.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in MESSAGES.items():
        file.message_type.add(name=name, field=[_field(each, *of) for each, of in fields.items()])
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    found = {name: pool.FindMessageTypeByName(f"{_PACKAGE}.{name}") for name in MESSAGES}
    return {name: message_factory.GetMessageClass(descriptor) for name, descriptor in found.items()}


def _field(name: str, number: int, kind: str) -> Any:
    of = kind.removesuffix("*")
    label = _TYPES.LABEL_REPEATED if kind.endswith("*") else _TYPES.LABEL_OPTIONAL
    if of in _SCALARS:
        return _TYPES(name=name, number=number, label=label, type=_SCALARS[of])
    return _TYPES(name=name, number=number, label=label, type=_TYPES.TYPE_MESSAGE, type_name=f".{_PACKAGE}.{of}")


_CLASSES = _classes()
