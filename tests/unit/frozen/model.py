"""A SavedModel without what training and the machine put into it, so that what remains can be frozen."""

import base64
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
_NUMBER = re.compile(r"(?<=_)\d+(?!\d)")
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
    """Of the whole message but the numbers in float tensors, TensorFlow's versions and the process's own counters."""
    found = _plain(MessageToDict(saved), _ranks(saved))
    for graph in found["metaGraphs"]:
        graph["graphDef"]["library"]["function"].sort(key=lambda function: function["signature"]["name"])
    text = json.dumps(found, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _signature(definition: Any) -> dict[str, Any]:
    return {"inputs": _tensors(definition.inputs), "outputs": _tensors(definition.outputs)}


def _tensors(tensors: Any) -> dict[str, str]:
    shapes = {name: [size.size for size in each.tensor_shape.dim] for name, each in tensors.items()}
    return {name: f"{types_pb2.DataType.Name(each.dtype)} {shapes[name]}" for name, each in tensors.items()}


def _ranks(saved: saved_model_pb2.SavedModel) -> dict[str, str]:
    """The rank of each number in a function's name: the number itself counts what the process made before."""
    names = (each.signature.name for graph in saved.meta_graphs for each in graph.graph_def.library.function)
    numbers = {number for name in names for number in _NUMBER.findall(name)}
    return {number: str(rank) for rank, number in enumerate(sorted(numbers, key=int))}


def _plain(value: Any, ranks: dict[str, str]) -> Any:
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if key not in _VERSIONS}
        if value.get("dtype") in _FLOATS and "tensorShape" in value:
            kept = {"dtype": value["dtype"], "tensorShape": value["tensorShape"]}
        return {_ranked(key, ranks): _plain(each, ranks) for key, each in kept.items() if not _counts(key, each)}
    if isinstance(value, list):
        return [_plain(each, ranks) for each in value]
    return _ranked(value, ranks) if isinstance(value, str) else value


def _ranked(text: str, ranks: dict[str, str]) -> str:
    return _NUMBER.sub(lambda match: ranks.get(match[0], match[0]), text)


def _counts(key: str, value: Any) -> bool:
    """Whether this is the name of an argument that has none but a number."""
    return key == "_user_specified_name" and base64.b64decode(value["s"]).isdigit()
