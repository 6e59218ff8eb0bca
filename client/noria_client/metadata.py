"""What a served model takes and gives, by its signatures. Used by `question`, `rest` and `rpc`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from noria_client.error import AnswerError

KINDS: Mapping[str, tuple[int, Any, str]] = {
    "DT_FLOAT": (1, np.float32, "float_val"),
    "DT_DOUBLE": (2, np.float64, "double_val"),
    "DT_INT32": (3, np.int32, "int_val"),
    "DT_UINT8": (4, np.uint8, "int_val"),
    "DT_INT16": (5, np.int16, "int_val"),
    "DT_INT8": (6, np.int8, "int_val"),
    "DT_STRING": (7, np.object_, "string_val"),
    "DT_COMPLEX64": (8, np.complex64, "scomplex_val"),
    "DT_INT64": (9, np.int64, "int64_val"),
    "DT_BOOL": (10, np.bool_, "bool_val"),
    "DT_UINT16": (17, np.uint16, "int_val"),
    "DT_COMPLEX128": (18, np.complex128, "dcomplex_val"),
    "DT_HALF": (19, np.float16, "half_val"),
    "DT_UINT32": (22, np.uint32, "uint32_val"),
    "DT_UINT64": (23, np.uint64, "uint64_val"),
}
"""TensorFlow's types: their numbers, numpy's counterparts, and the field of a TensorProto with their values."""
NAMES = {number: name for name, (number, _, _) in KINDS.items()}


@dataclass(frozen=True)
class Tensor:
    """An input or an output."""

    name: str
    dtype: str
    """As TensorFlow names it, such as DT_FLOAT."""
    shape: tuple[int, ...] | None
    """-1 for what is open, first of all the number of examples; none where even the rank is."""

    @property
    def is_text(self) -> bool:
        """Whether its values are strings, of characters or bytes."""
        return self.dtype == "DT_STRING"

    @property
    def rank(self) -> int:
        """Of one example's value."""
        return max(0, len(self.shape or ()) - 1)

    def __str__(self) -> str:
        shape = ", ".join("?" if size < 0 else str(size) for size in self.shape or ())
        return f"{self.name} ({self.dtype.removeprefix('DT_').lower()} [{shape}])"


@dataclass(frozen=True)
class Signature:
    """One way to ask a model."""

    name: str
    method: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


@dataclass(frozen=True)
class Metadata:
    """What a version says of itself."""

    name: str
    version: int
    signatures: Mapping[str, Signature]


@dataclass(frozen=True)
class VersionState:
    """A version as the server sees it."""

    version: int
    state: str
    """START, LOADING, AVAILABLE, UNLOADING or END."""
    error: str
    """Why it could not be loaded, if so."""


def from_json(answer: Any) -> Metadata:
    """Of the REST API's answer. Raises AnswerError."""
    try:
        spec, signatures = answer["model_spec"], answer["metadata"]["signature_def"]["signature_def"]
        found = {name: _signature(name, given) for name, given in signatures.items()}
        return Metadata(spec["name"], int(spec["version"]), found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnswerError(
            "the address answers without the metadata of a model: is it that of a model server?"
        ) from error


def states_from_json(answer: Any) -> tuple[VersionState, ...]:
    """Of the REST API's answer. Raises AnswerError."""
    try:
        listed = answer["model_version_status"]
        return tuple(
            VersionState(int(each["version"]), each["state"], each.get("status", {}).get("error_message", ""))
            for each in listed
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnswerError("the address answers without versions: is it that of a model server?") from error


def _signature(name: str, given: Mapping[str, Any]) -> Signature:
    inputs = tuple(_tensor(each, info) for each, info in sorted(given.get("inputs", {}).items()))
    outputs = tuple(_tensor(each, info) for each, info in sorted(given.get("outputs", {}).items()))
    return Signature(name, given.get("method_name", ""), inputs, outputs)


def _tensor(name: str, info: Mapping[str, Any]) -> Tensor:
    shape = info.get("tensor_shape", {})
    sizes = None if shape.get("unknown_rank") else tuple(int(each["size"]) for each in shape.get("dim", ()))
    return Tensor(name, info["dtype"], sizes)
