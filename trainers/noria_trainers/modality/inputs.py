"""What every kind of inputs can do."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import tensorflow as tf

VALID = "valid"
"""Feature that says which rows could be read at all; absent where every row can be."""


class Inputs(Protocol):
    """Turns a batch of what users have into a batch of features."""

    def signature(self) -> "dict[str, tf.TensorSpec]":
        """What `encode` takes, by the names that the serving signature has; the first dimension is the batch."""

    def encode(self, raw: "dict[str, tf.Tensor]") -> "dict[str, tf.Tensor]":
        """Features of each row, and `VALID` where rows may be unreadable. No row makes another one fail.

        Every array [n, ...].
        """
