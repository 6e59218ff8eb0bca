"""What a model answered, whichever signature it was asked by. Used by `result`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noria_client.error import AnswerError, InputError
from noria_client.question import Question

CLASSES, SCORES, OUTPUTS = "classes", "scores", "outputs"
"""Names of the API's for the outputs of classify and regress; models of Noria's name those of predict alike."""
Tensors = Mapping[str, NDArray[Any]]
"""Outputs by name, each [n, ...]."""


@dataclass(frozen=True)
class Scored:
    """Classes with a score each."""

    classes: tuple[str, ...]
    scores: NDArray[np.float64]
    """[n, classes]"""
    is_click: bool = False
    """Whether the last class's score is what one wants to know."""

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True)
class Valued:
    """A value each."""

    values: NDArray[Any]
    """[n, ...]"""

    def __len__(self) -> int:
        return len(self.values)


Answer = Scored | Valued


def answer(question: Question, tensors: Tensors, count: int) -> Answer:
    """What the outputs say of so many examples. Raises AnswerError, and InputError where there are too many outputs."""
    if any(len(each) != count for each in tensors.values() if each.ndim) or not all(e.ndim for e in tensors.values()):
        shapes = ", ".join(f"{name} {list(each.shape)}" for name, each in sorted(tensors.items()))
        raise AnswerError(f"not one answer for each example, of {count}, but {shapes}: ask such a model by run(...)")
    if SCORES in tensors:
        return _scored(question, tensors)
    if len(tensors) == 1:
        return Valued(_as_text(next(iter(tensors.values()))))
    raise InputError(f"the model answers {', '.join(sorted(tensors))}: ask for these by run(...)")


def joined(answers: Sequence[Answer]) -> Answer:
    """Those of several requests as one, in order."""
    if len(answers) == 1:
        return answers[0]
    if not answers:
        return Scored((), np.empty((0, 0)))
    scored = [each for each in answers if isinstance(each, Scored)]
    if len(scored) < len(answers):
        return Valued(np.concatenate([each.values for each in answers if isinstance(each, Valued)]))
    classes = tuple(dict.fromkeys(name for each in scored for name in each.classes))
    scores = np.concatenate([_spread(each, classes) for each in scored])
    return Scored(classes, scores, scored[0].is_click)


def _spread(answer: Scored, classes: tuple[str, ...]) -> NDArray[np.float64]:
    """Scores of all of the classes, 0 for those that were not answered."""
    if answer.classes == classes:
        return answer.scores
    scores = np.zeros((len(answer), len(classes)))
    scores[:, [classes.index(name) for name in answer.classes]] = answer.scores
    return scores


def _scored(question: Question, tensors: Tensors) -> Scored:
    scores = np.asarray(tensors[SCORES], np.float64)
    scores = scores[:, np.newaxis] if scores.ndim == 1 else scores
    if CLASSES not in tensors:
        if scores.shape[1] == 1:  # of the second of two
            scores = np.concatenate([1 - scores, scores], axis=1)
        return Scored(tuple(str(place) for place in range(scores.shape[1])), scores, question.is_click)
    labels = _as_text(tensors[CLASSES])
    if len(labels) == 0 or (labels == labels[0]).all():
        return Scored(tuple(labels[0]) if len(labels) else (), scores, question.is_click)
    rows = [Scored(tuple(row), scores[place : place + 1]) for place, row in enumerate(labels)]
    whole = joined(rows)
    return whole if isinstance(whole, Scored) else Scored((), scores)


def _as_text(values: NDArray[Any]) -> NDArray[Any]:
    """With strings in the place of bytes."""
    if values.dtype != object:
        return values
    texts = [each.decode(errors="replace") if isinstance(each, bytes) else each for each in values.flat]
    return np.array(texts, object).reshape(values.shape)
