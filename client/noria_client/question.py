"""Which request of the API a model is asked by. Used by `plan`.

| the model has                                | examples are                  | request               |
|----------------------------------------------|-------------------------------|-----------------------|
| a signature `classify` or `regress`          | rows under their own columns' | that, of tf.Examples  |
|                                              | names, any of them missing    |                       |
| `serving_default` with one input of strings  | texts, images, bytes          | predict               |
| `serving_default` with other inputs          | a value for each input        | predict               |

Models of tables and clicks that Noria trained have the first, those of texts and images the second.
"""

from dataclasses import dataclass
from enum import StrEnum

from noria_client.error import InputError
from noria_client.metadata import Metadata, Signature, Tensor

_METHOD = "tensorflow/serving/"
_DEFAULT = "serving_default"
_INTERNAL = "__saved_model_init_op"


class Verb(StrEnum):
    """A request of TensorFlow Serving's API."""

    CLASSIFY = "classify"
    REGRESS = "regress"
    PREDICT = "predict"


@dataclass(frozen=True)
class Question:
    """How a model is asked."""

    verb: Verb
    signature: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    is_click: bool
    """Whether the answer is the probability of one event."""

    @property
    def takes_rows(self) -> bool:
        """Whether examples are rows under the names of the user's columns."""
        return self.verb is not Verb.PREDICT

    @property
    def sole(self) -> Tensor | None:
        """The input, where there is just one."""
        return self.inputs[0] if len(self.inputs) == 1 and not self.takes_rows else None

    @property
    def takes_images(self) -> bool:
        """Whether examples are files of images."""
        return self.sole is not None and self.sole.is_text and self.sole.name == "image_bytes"

    @property
    def takes_texts(self) -> bool:
        """Whether examples are strings, and no images."""
        return self.sole is not None and self.sole.is_text and not self.takes_images

    @property
    def example(self) -> str:
        """What an example is, in words."""
        if self.takes_rows:
            return "rows: a dict by column, or a pandas DataFrame"
        if self.takes_images:
            return "images: paths, bytes of a JPEG or PNG file, arrays, or PIL images"
        if self.takes_texts:
            return "texts: strings"
        return f"values of {', '.join(str(each) for each in self.inputs)}"


def question(metadata: Metadata, signature: str | None = None) -> Question:
    """How to ask, by the signature of this name or by the one that fits best. Raises InputError."""
    found = metadata.signatures.get(signature) if signature else _best(metadata)
    if found is None:
        known = ", ".join(sorted(set(metadata.signatures) - {_INTERNAL}))
        missing = signature or _DEFAULT
        raise InputError(f"{metadata.name} has no signature {missing}: give signature=..., one of {known}")
    return Question(_verb(found), found.name, found.inputs, found.outputs, is_click=_is_click(metadata))


def _best(metadata: Metadata) -> Signature | None:
    for verb in (Verb.CLASSIFY, Verb.REGRESS):
        found = metadata.signatures.get(verb)
        if found and _verb(found) is verb:
            return found
    named = {name: each for name, each in metadata.signatures.items() if name != _INTERNAL}
    return named.get(_DEFAULT) or (next(iter(named.values())) if len(named) == 1 else None)


def _verb(signature: Signature) -> Verb:
    method = signature.method.removeprefix(_METHOD)
    is_by_example = [(each.name, each.is_text) for each in signature.inputs] == [("inputs", True)]
    return Verb(method) if is_by_example and method in (Verb.CLASSIFY, Verb.REGRESS) else Verb.PREDICT


def _is_click(metadata: Metadata) -> bool:
    """A model of clicks answers the probability of one, and names no classes."""
    default = metadata.signatures.get(_DEFAULT)
    shapes = {each.name: each.shape for each in default.outputs} if default else {}
    return shapes == {"scores": (-1, 1)}
