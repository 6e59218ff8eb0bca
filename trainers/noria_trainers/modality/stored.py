"""What can be asked of a revision's split, whatever its examples are. Used by `modality.modality`."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from noria_trainers.modality.encoded import EncodedExamples
from noria_trainers.modality.inputs import Inputs

if TYPE_CHECKING:
    import tensorflow as tf


class StoredSplit(Protocol):
    """The n labelled examples of a split."""

    @property
    def table(self) -> pa.Table | None:
        """Rows with features and label; none where examples are not rows."""

    @property
    def texts(self) -> "Callable[[], tf.data.Dataset] | None":
        """Makes a dataset of the examples' one string each, unbatched; none where examples are rows."""

    @property
    def labels(self) -> NDArray[np.generic]:
        """Class indices or values [n], in no particular order."""

    def encoded(self, inputs: Inputs) -> EncodedExamples:
        """The examples as a network takes them."""

    def batches(self, size: int) -> Iterator[tuple[dict[str, NDArray[np.generic]], NDArray[np.generic]]]:
        """Arrays [size] by input of the serving signature, and labels [size], in the revision's order; the last batch
        has what is left.
        """

    def digests(self) -> NDArray[np.uint64]:
        """Digests of the features [n, 2], in the revision's order."""
