"""TensorFlow Serving's REST API: requests, and what replies say. Used by `connection`."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noria_client import metadata
from noria_client.address import Address
from noria_client.answer import CLASSES, OUTPUTS, SCORES, Tensors
from noria_client.error import AnswerError
from noria_client.metadata import KINDS, Metadata, Signature, Tensor, VersionState
from noria_client.plan import Example
from noria_client.question import Question, Verb
from noria_client.request import Item, Request


@dataclass(frozen=True)
class Rest:
    """Speaks of the model at an address."""

    address: Address

    def metadata(self) -> Request:
        """Asks what the model is."""
        return Request(f"{self.address.path}/metadata")

    def read_metadata(self, reply: bytes) -> Metadata:
        """Raises AnswerError."""
        return metadata.from_json(_json(reply))

    def versions(self) -> Request:
        """Asks for the state of the versions."""
        return Request(self.address.path)

    def read_versions(self, reply: bytes) -> tuple[VersionState, ...]:
        """Raises AnswerError."""
        return metadata.states_from_json(_json(reply))

    def item(self, question: Question, example: Example) -> Item:
        """A row as an object, the only input as its value."""
        content = _dumped(example[question.sole.name] if question.sole else example)
        return Item(content, len(content) + 1)

    def ask(self, question: Question, items: Sequence[Item]) -> Request:
        """Joins the examples."""
        key = "examples" if question.takes_rows else "instances"
        name, listed = _dumped(question.signature), b",".join(item.content for item in items)
        body = b'{"signature_name":%s,"%s":[%s]}' % (name, key.encode(), listed)
        return Request(f"{self.address.path}:{question.verb}", body)

    def read(self, question: Question, reply: bytes) -> Tensors:
        """The outputs, each [n, ...]. Raises AnswerError."""
        found = _json(reply)
        try:
            if question.verb is Verb.REGRESS:
                return {OUTPUTS: np.asarray(found["results"], np.float32)}
            if question.verb is Verb.CLASSIFY:
                return dict(_classified(found["results"]))
            return _by_output(question.outputs, found["predictions"])
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise AnswerError(f"the reply is not one to {question.verb}: {_start(reply)}") from error

    def run(self, signature: Signature, inputs: Mapping[str, NDArray[Any]]) -> Request:
        """Inputs as they are, in columns."""
        body = _dumped({"signature_name": signature.name, "inputs": dict(inputs)})
        return Request(f"{self.address.path}:{Verb.PREDICT}", body)

    def read_run(self, signature: Signature, reply: bytes) -> Tensors:
        """The outputs as they are. Raises AnswerError."""
        found = _json(reply)
        try:
            outputs = found["outputs"]
            named = {signature.outputs[0].name: outputs} if len(signature.outputs) == 1 else outputs
            return {each.name: _array(each, named[each.name]) for each in signature.outputs if each.name in named}
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise AnswerError(f"the reply is not one to predict: {_start(reply)}") from error


def _classified(results: Any) -> Iterator[tuple[str, NDArray[Any]]]:
    """Labels and scores [n, classes]; without labels where the model names no classes."""
    if any(label for row in results for label, _ in row):
        yield CLASSES, np.array([[label for label, _ in row] for row in results], object)
    yield SCORES, np.array([[score for _, score in row] for row in results], np.float32)


def _by_output(outputs: Sequence[Tensor], predictions: list[Any]) -> Tensors:
    """Rows of one output are its values, of several are objects."""
    if len(outputs) == 1:
        return {outputs[0].name: _array(outputs[0], predictions)}
    return {each.name: _array(each, [row[each.name] for row in predictions]) for each in outputs}


def _array(tensor: Tensor, values: Any) -> NDArray[Any]:
    kind = KINDS.get(tensor.dtype, (0, None, ""))[1]
    found = np.array(values, kind)
    if not tensor.is_text:
        return found
    texts = [base64.b64decode(each["b64"]) if isinstance(each, dict) else _text(each) for each in found.flat]
    return np.array(texts, object).reshape(found.shape)


def _text(value: str) -> str | bytes:
    """Bytes where it is not UTF-8, which servers send as it is."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape")
    return value


def _dumped(value: Any) -> bytes:
    return json.dumps(value, default=_other, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _other(value: Any) -> Any:
    """What JSON has no word for."""
    if isinstance(value, bytes):
        return {"b64": base64.b64encode(value).decode()}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _json(reply: bytes) -> Any:
    try:
        return json.loads(reply.decode("utf-8", "surrogateescape"))
    except ValueError as error:
        raise AnswerError(
            f"the address answers {_start(reply)}: is it the REST port of a model server, 8501?"
        ) from error


def _start(reply: bytes) -> str:
    text = reply.decode(errors="replace")
    return repr(text if len(text) <= 80 else f"{text[:80]}...")
