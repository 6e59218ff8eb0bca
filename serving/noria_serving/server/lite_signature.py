"""The signatures of a TFLite model: those in its metadata, else one of its tensors' names. Used by `server.lite`.

Source: TfLiteSession::Create in tensorflow_serving/servables/tensorflow/tflite_session.cc, and for the metadata, a
FlexBuffer map of serialized SignatureDefs, tensorflow/lite/tools/signature/signature_def_util.cc. The signatures that
TensorFlow 2's converter writes lie elsewhere in the file; the original does not know them.
"""

import struct
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from flatbuffers import flexbuffers
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef, TensorInfo
from tensorflow.lite.python.schema_py_generated import Model

from noria_serving.server.codec.dtype import KINDS_BY_NUMPY, STRING
from noria_serving.server.inference import PREDICT
from noria_serving.server.servable import DEFAULT_SIGNATURE
from noria_serving.server.status import Code, ServingError, invalid_argument

METADATA = b"signature_defs_metadata"


def signatures_of(content: bytes, interpreter: Any) -> dict[str, SignatureDef]:
    """The signatures of the model with this content. Raises ServingError."""
    inputs = _infos("Input", interpreter.get_input_details())
    outputs = _infos("Output", interpreter.get_output_details())
    if signatures := _written(content):
        for proto in signatures.values():
            _refer("input", proto.inputs, inputs)
            _refer("output", proto.outputs, outputs)
        return signatures
    proto = SignatureDef(method_name=PREDICT)
    for infos, found in ((proto.inputs, inputs), (proto.outputs, outputs)):
        for name, info in found.items():
            infos[_without_index(name)].CopyFrom(info)
    return {DEFAULT_SIGNATURE: proto}


def _infos(kind: str, details: Iterable[Mapping[str, Any]]) -> dict[str, TensorInfo]:
    """What is known of each tensor, by name."""
    infos: dict[str, TensorInfo] = {}
    for detail in details:
        name, dtype = detail["name"], np.dtype(detail["dtype"])
        if name in infos:
            raise ServingError(Code.ALREADY_EXISTS, f"{kind} tensor name: {name} has multiple indices")
        infos[name] = TensorInfo(name=name, dtype=(STRING if dtype.kind == "S" else KINDS_BY_NUMPY[dtype]).number)
        infos[name].tensor_shape.SetInParent()
        for size in detail["shape"]:
            infos[name].tensor_shape.dim.add(size=size)
    return infos


def _written(content: bytes) -> dict[str, SignatureDef]:
    """The signatures in the model's metadata. Raises ServingError where they cannot be read."""
    model = Model.GetRootAsModel(content, 0)
    entries = [model.Metadata(index) for index in range(model.MetadataLength())]
    entry = next((entry for entry in entries if entry.Name() == METADATA), None)
    if entry is None:
        return {}
    data = bytes(model.Buffers(entry.Buffer()).DataAsNumpy())
    try:
        found = flexbuffers.GetRoot(data).AsMap
        pairs = zip(found.Keys, found.Values, strict=True)
        return {key.AsKey: SignatureDef.FromString(bytes(value.AsStringBytes)) for key, value in pairs}
    except (DecodeError, LookupError, TypeError, ValueError, struct.error):
        text = "Cannot parse signature def found in flatbuffer."
        raise invalid_argument(f"Invalid SignatureDefs found in TfLite model: {text}") from None


def _refer(kind: str, infos: Mapping[str, TensorInfo], tensors: Mapping[str, TensorInfo]) -> None:
    """Let each name be that of a tensor: old converters left out the index that the signature has."""
    for alias, info in infos.items():
        name = info.name if info.name in tensors else _without_index(info.name)
        if name not in tensors:
            text = f"Signature {kind} {alias} references an unknown tensor"
            raise ServingError(Code.INTERNAL, f"Unknown tensor '{info.name}'.\n\t{text}")
        info.name = name


def _without_index(name: str) -> str:
    return name.partition(":")[0]
