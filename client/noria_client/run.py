"""Whole inputs of a signature, as they are. Used by `model` and `async_model`."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import ArrayLike, NDArray

from noria_client.error import InputError
from noria_client.metadata import Metadata, Signature
from noria_client.question import question
from noria_client.value import cast


def signature_of(metadata: Metadata, name: str | None) -> Signature:
    """The one that is asked: `serving_default` where none is named. Raises InputError."""
    default = "serving_default" if "serving_default" in metadata.signatures else None
    return metadata.signatures[question(metadata, name or default).signature]


def inputs_of(signature: Signature, given: Mapping[str, ArrayLike]) -> dict[str, NDArray[Any]]:
    """Inputs with the types that the signature has. Raises InputError."""
    known = {each.name: each for each in signature.inputs}
    if further := sorted(set(given) - set(known)):
        listed = ", ".join(str(each) for each in signature.inputs)
        raise InputError(f"the signature has no input {', '.join(further)}; its inputs are {listed}")
    return {name: cast(known[name], values) for name, values in given.items()}
