"""What a caller gives: one example or many, and in which form. Used by `model`, `async_model` and `result`."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from noria_client.error import InputError
from noria_client.image import is_pil
from noria_client.question import Question
from noria_client.value import columns_as_rows

if TYPE_CHECKING:
    import pandas as pd
    from PIL.Image import Image

One: TypeAlias = "str | bytes | os.PathLike[str] | Mapping[str, Any] | Image"
"""One example: a text or path, a file's bytes, a row, an image."""
Many: TypeAlias = "Iterable[Any] | NDArray[Any]"
"""Several: a list or any iterable of examples, or an array whose first dimension is the examples."""
Frame: TypeAlias = "pd.DataFrame | pd.Series[Any]"


@dataclass(frozen=True)
class Given:
    """Examples in order."""

    examples: Iterable[Any]
    count: int | None
    """How many there are; none where only reading them tells."""
    is_one: bool = False
    index: Any = None
    """Of the pandas object that they came in."""


def given(what: Any, question: Question) -> Given:
    """The examples in what a caller gives. Raises InputError."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(what, pandas.DataFrame):
        columns = {name: what.iloc[:, place] for place, name in enumerate(_distinct(what.columns))}
        return Given(columns_as_rows(columns) if columns else [{}] * len(what), len(what), index=what.index)
    if pandas is not None and isinstance(what, pandas.Series):
        return Given(what, len(what), index=what.index)
    if isinstance(what, Mapping):
        return _of_mapping(what, question)
    if isinstance(what, str | bytes | bytearray | os.PathLike) or is_pil(what):
        return Given([what], 1, is_one=True)
    if isinstance(what, np.ndarray) or _is_number(what) or _is_numbers(what):
        return _of_array(np.asarray(what), question)
    if isinstance(what, Sequence):
        return Given(what, len(what))
    if isinstance(what, Iterable):
        return Given(what, None)
    raise InputError(f"{type(what).__name__} is no example: the model takes {question.example}")


def _distinct(columns: Iterable[Any]) -> list[str]:
    names = [str(name) for name in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"several columns are named {', '.join(twice)}: rename them")
    return names


def _of_mapping(what: Mapping[str, Any], question: Question) -> Given:
    """One example, or columns where each value has a dimension more than an example's."""
    ranks = {each.name: 0 if question.takes_rows else each.rank for each in question.inputs}
    if what and all(_rank(value) == ranks.get(name, 0) + 1 for name, value in what.items()):
        return Given(columns_as_rows(what), len(next(iter(what.values()))))
    return Given([what], 1, is_one=True)


def _of_array(array: NDArray[Any], question: Question) -> Given:
    if question.takes_images and array.dtype != object and array.dtype.kind not in "SU":
        is_one = array.ndim == 2 or (array.ndim == 3 and array.shape[-1] in (1, 3, 4))
    else:
        is_one = array.ndim == (question.sole.rank if question.sole else 0)
    return Given([array] if is_one else array, 1 if is_one else len(array), is_one=is_one)


def _rank(value: Any) -> int:
    """Dimensions of an array, a pandas Series, or a list and lists in it."""
    if isinstance(value, list | tuple):
        return 1 + (_rank(value[0]) if value else 0)
    return int(getattr(value, "ndim", 0))


def _is_number(what: Any) -> bool:
    return isinstance(what, int | float | np.number)


def _is_numbers(what: Any) -> bool:
    """Whether it is a list of numbers, at any depth."""
    return isinstance(what, list | tuple) and len(what) > 0 and (_is_number(what[0]) or _is_numbers(what[0]))
