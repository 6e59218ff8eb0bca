"""Answers in the form in which examples were given. Used by `model` and `async_model`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noria_client.answer import Answer, Scored
from noria_client.error import InputError
from noria_client.given import Given


@dataclass(frozen=True)
class Prediction:
    """Of one example."""

    value: Any
    """The class with the highest score; the probability of a click; or the number that was predicted."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """By class, empty where the model has no classes."""


def predicted(given: Given, answer: Answer) -> Any:
    """One value, an array [n], or a pandas Series."""
    values = _values(answer)
    if given.is_one:
        return _plain(values[0])
    if given.index is None:
        return values
    import pandas as pd

    return pd.Series(values if values.ndim == 1 else list(values), index=given.index, name="prediction")


def probabilities(given: Given, answer: Answer) -> Any:
    """A dict by class, an array [n, classes], or a pandas DataFrame. Raises InputError."""
    if not isinstance(answer, Scored):
        raise InputError("the model has no classes: ask it with predict")
    if given.is_one:
        return _by_class(answer, 0)
    if given.index is None:
        return answer.scores
    import pandas as pd

    return pd.DataFrame(answer.scores, index=given.index, columns=list(answer.classes))


def each(answer: Answer) -> Iterator[Prediction]:
    """A Prediction for each example."""
    for place, value in enumerate(_values(answer)):
        yield Prediction(_plain(value), _by_class(answer, place) if isinstance(answer, Scored) else {})


def _values(answer: Answer) -> NDArray[Any]:
    if not isinstance(answer, Scored):
        return answer.values
    if answer.is_click:
        return answer.scores[:, -1]
    classes = np.asarray(answer.classes, object)
    return classes[answer.scores.argmax(axis=1)] if len(answer) else classes[:0]


def _by_class(answer: Scored, place: int) -> dict[str, float]:
    return {name: _short(score) for name, score in zip(answer.classes, answer.scores[place], strict=True)}


def _plain(value: Any) -> Any:
    """Python's own number or text of a scalar."""
    if isinstance(value, np.floating):
        return _short(value)
    return value.item() if isinstance(value, np.generic) else value


def _short(number: Any) -> float:
    """The shortest of the numbers that are the same in 32 bits, if it has no more: 0.1 for 0.10000000149."""
    return float(str(np.float32(number))) if float(np.float32(number)) == float(number) else float(number)
