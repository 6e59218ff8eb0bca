"""A SavedModel without what training and the machine put into it, so that what remains can be frozen."""

import hashlib
import json
import re
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict
from tensorflow.core.framework import types_pb2
from tensorflow.core.protobuf import saved_model_pb2

_FLOATS = ("DT_HALF", "DT_BFLOAT16", "DT_FLOAT", "DT_DOUBLE")
_NUMBERED = re.compile(r"(__inference_.*?)_(\d+)")
_VERSIONS = ("versions", "tensorflowVersion", "tensorflowGitVersion", "strippedOpList")


def described(archive: Path) -> dict[str, Any]:
    """Signature, operations and digest of a packed model, and the files it has."""
    with tarfile.open(archive) as tar:
        names, member = tar.getnames(), tar.extractfile("saved_model.pb")
        assert member is not None
        saved = saved_model_pb2.SavedModel.FromString(member.read())
    (graph,) = saved.meta_graphs
    nodes = [*graph.graph_def.node, *(node for each in graph.graph_def.library.function for node in each.node_def)]
    return {
        "signature": {name: _signature(each) for name, each in graph.signature_def.items()},
        "operations": dict(Counter(node.op for node in nodes)),
        "files": names,
        "digest": digest(saved),
    }


def digest(saved: saved_model_pb2.SavedModel) -> str:
    """Of the whole message but the numbers in float tensors, TensorFlow's versions and functions' counters."""
    text = json.dumps(_plain(MessageToDict(saved), _names(saved)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _signature(definition: Any) -> dict[str, Any]:
    return {"inputs": _tensors(definition.inputs), "outputs": _tensors(definition.outputs)}


def _tensors(tensors: Any) -> dict[str, str]:
    shapes = {name: [size.size for size in each.tensor_shape.dim] for name, each in tensors.items()}
    return {name: f"{types_pb2.DataType.Name(each.dtype)} {shapes[name]}" for name, each in tensors.items()}


def _names(saved: saved_model_pb2.SavedModel) -> dict[str, str]:
    """Functions' names with their rank for the number, which counts the functions of the process."""
    found = [each.signature.name for graph in saved.meta_graphs for each in graph.graph_def.library.function]
    matches = sorted(filter(None, map(_NUMBERED.fullmatch, found)), key=lambda match: int(match[2]))
    return {match[0]: f"{match[1]}_{rank}" for rank, match in enumerate(matches)}


def _plain(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if key not in _VERSIONS}
        if value.get("dtype") in _FLOATS and "tensorShape" in value:
            kept = {"dtype": value["dtype"], "tensorShape": value["tensorShape"]}
        return {names.get(key, key): _plain(each, names) for key, each in kept.items()}
    if isinstance(value, list):
        return [_plain(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value
