"""What goes over the wire, for any protocol. Used by `rest`, `rpc`, `http` and `channel`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from noria_client.answer import Tensors
from noria_client.metadata import Metadata, Signature, VersionState
from noria_client.plan import Example
from noria_client.question import Question


@dataclass(frozen=True)
class Request:
    """Of a path of the server, by POST where it has a body."""

    path: str
    body: bytes | None = None


@dataclass(frozen=True)
class Item:
    """An example as the protocol sends it."""

    content: Any
    size: int
    """Bytes."""


class Protocolled(Protocol):
    """A protocol: what is sent for a question, and what the reply says."""

    def metadata(self) -> Request:
        """Asks what the model is."""

    def read_metadata(self, reply: bytes) -> Metadata:
        """Raises AnswerError."""

    def versions(self) -> Request:
        """Asks for the state of the versions."""

    def read_versions(self, reply: bytes) -> tuple[VersionState, ...]:
        """Raises AnswerError."""

    def item(self, question: Question, example: Example) -> Item:
        """One example."""

    def ask(self, question: Question, items: Sequence[Item]) -> Request:
        """Asks for the answers to examples."""

    def read(self, question: Question, reply: bytes) -> Tensors:
        """The outputs, each [n, ...]. Raises AnswerError."""

    def run(self, signature: Signature, inputs: Mapping[str, NDArray[Any]]) -> Request:
        """Asks a signature for its outputs, inputs as they are."""

    def read_run(self, signature: Signature, reply: bytes) -> Tensors:
        """The outputs as they are. Raises AnswerError."""
