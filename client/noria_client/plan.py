"""Examples as the requests that ask for them. Used by `model` and `async_model`."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from noria_client import value
from noria_client.error import ClientError, InputError
from noria_client.image import file_of
from noria_client.question import Question
from noria_client.value import Value

Example = Mapping[str, Value]
"""What is sent of an example: a row's cells by column, or the values of inputs."""


class Sized(Protocol):
    """What counts towards the size of a request."""

    @property
    def size(self) -> int:
        """Bytes."""


Item = TypeVar("Item", bound=Sized)


@dataclass(frozen=True)
class Batch(Generic[Item]):
    """Examples of one request."""

    start: int
    """Place of the first one in what was given."""
    items: tuple[Item, ...]

    @property
    def places(self) -> range:
        """Of its examples."""
        return range(self.start, self.start + len(self.items))

    @contextlib.contextmanager
    def located(self, count: int | None) -> Iterator[None]:
        """Errors say which of so many examples they are of."""
        try:
            yield
        except ClientError as error:
            error.examples = self.places if count != len(self.items) else None
            raise


def examples(question: Question, given: Iterable[Any]) -> Iterator[Example]:
    """What is sent of each example. Raises InputError, which names the example."""
    for place, each in enumerate(given):
        try:
            yield _example(question, each)
        except InputError as error:
            error.examples = range(place, place + 1)
            raise


def batches(items: Iterable[Item], *, most: int, size: int) -> Iterator[Batch[Item]]:
    """Items in order, at most so many and so many bytes together; one that is larger goes alone."""
    kept: list[Item] = []
    start = total = 0
    for item in items:
        if kept and (len(kept) == most or total + item.size > size):
            yield Batch(start, tuple(kept))
            start, total, kept = start + len(kept), 0, []
        kept.append(item)
        total += item.size
    if kept:
        yield Batch(start, tuple(kept))


def _example(question: Question, given: Any) -> Example:
    if question.takes_rows:
        if not isinstance(given, Mapping):
            raise InputError(f"a {type(given).__name__} is no row: the model takes {question.example}")
        return value.row(given)
    if isinstance(given, Mapping):
        return {each.name: _value(question, each, given[each.name]) for each in _asked(question, given)}
    if question.sole is None:
        raise InputError(f"an example is a dict, since the model takes {question.example}")
    return {question.sole.name: _value(question, question.sole, given)}


def _asked(question: Question, given: Mapping[Any, Any]) -> Iterable[Any]:
    names = [each.name for each in question.inputs]
    missing, further = [name for name in names if name not in given], [str(name) for name in given if name not in names]
    if missing or further:
        lacks = f"lacks {', '.join(missing)}" if missing else ""
        has = f"has {', '.join(further)}, which the model does not take" if further else ""
        listed = ", ".join(str(each) for each in question.inputs)
        raise InputError(f"an example {' and '.join(filter(None, (lacks, has)))}; its inputs are {listed}")
    return question.inputs


def _value(question: Question, tensor: Any, given: Any) -> Value:
    if question.takes_images:
        return file_of(given)
    if isinstance(given, os.PathLike) and tensor.is_text:
        return file_of(Path(given))
    return value.of_input(tensor, given)
