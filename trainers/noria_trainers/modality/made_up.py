"""Examples that are like those of a revision without being any of them. Called by `conclusion`.

They stand in model cards and statuses and warm servers up, so that nothing that a model was trained on lies there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class MadeUp:
    """Some made-up examples, the first of them also as people send it."""

    inputs: Mapping[str, NDArray[np.generic]]
    """By input of the serving signature, [n]."""
    instance: Any
    """As JSON for that signature."""
    note: str
    """What a person must know to send one of their own, as a sentence without capital and full stop."""
    command: str | None = None
    """A shell command that prints a request with a file; none where a request can be shown whole."""
    row: Mapping[str, str | float] | None = None
    """Under its columns' own names; none where examples are not rows."""
    file: str | None = None
    """Name of a file of one's own that holds an example; none where an example is a value."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Inputs by column, where their names differ."""

    @property
    def example(self) -> Any:
        """What a program gives `noria_client`: a row under its columns' own names, a path, or a value."""
        return self.row or self.file or self.instance
