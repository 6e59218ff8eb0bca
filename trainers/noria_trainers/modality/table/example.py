"""Rows as tf.Examples that name their columns as the user's table does, to the columns of the serving signature.

Called by `by_example`. `tf.io.parse_example` would not do: it refuses a row whose number is
an integer where another's has a point. So the messages are decoded one inside the other, by an op that every build of
TensorFlow Serving has.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet
from numpy.typing import NDArray

from noria.contract import ColumnType
from noria_trainers.data.spelling import PLAIN
from noria_trainers.modality.table.number_text import number_text
from noria_trainers.modality.table.raw import Raw
from noria_trainers.modality.table.spelled import text_to_number
from noria_trainers.modality.tokens import Vocabulary, hashes

_PACKAGE = "noria.row"
_DIGITS = 9
"""Tell all float32 apart."""


def _message(name: str, *fields: str, type: FieldDescriptorProto.Type.ValueType) -> DescriptorProto:
    """A message with repeated fields, numbered from 1."""
    numbered = (
        FieldDescriptorProto(name=each, number=number, type=type, label=FieldDescriptorProto.LABEL_REPEATED)
        for number, each in enumerate(fields, 1)
    )
    return DescriptorProto(name=name, field=numbered)


def _descriptors() -> bytes:
    """tf.Example on the wire: inner messages are bytes, so that parts of one that was sent in pieces can be joined."""
    messages = (
        _message("Example", "features", type=FieldDescriptorProto.TYPE_BYTES),
        _message("Features", "feature", type=FieldDescriptorProto.TYPE_BYTES),
        _message("Entry", "key", "value", type=FieldDescriptorProto.TYPE_BYTES),
        _message("Feature", "texts", "floats", "integers", type=FieldDescriptorProto.TYPE_BYTES),
        _message("Texts", "value", type=FieldDescriptorProto.TYPE_BYTES),
        _message("Floats", "value", type=FieldDescriptorProto.TYPE_FLOAT),
        _message("Integers", "value", type=FieldDescriptorProto.TYPE_INT64),
    )
    file = FileDescriptorProto(name="noria/row.proto", package=_PACKAGE, syntax="proto2", message_type=messages)
    return b"bytes://" + bytes(FileDescriptorSet(file=[file]).SerializeToString(deterministic=True))


_SOURCE = _descriptors()


@dataclass(frozen=True)
class RowDecoder:
    """Reads the columns of `rows` from tf.Examples; a column that an Example lacks is missing, others are ignored."""

    rows: Raw
    known: Vocabulary
    """The columns' names."""
    place: NDArray[np.int32]
    """Of the column of each known name, [columns]."""

    @classmethod
    def of(cls, rows: Raw) -> "RowDecoder":
        """For the columns of a table."""
        hashed = hashes(tf.constant([each.name for each in rows.columns])).numpy()
        place = np.argsort(hashed)
        return cls(rows, Vocabulary(hashed[place]), place.astype(np.int32))

    def decode(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        """What the serving signature takes [b] of serialized tf.Examples [b].

        Raises InvalidArgument where a row has several values in a column.
        """
        whole = tf.concat([examples, [""]], 0)  # the op refuses an empty batch
        cells = _Cells.of(self._features(whole))
        with tf.control_dependencies([self._check(cells)]):
            columns = dict(pair for kind in _KINDS for pair in self._read(cells, kind))
        names = self.rows.names.values()
        return {name: tf.ensure_shape(columns[place][:-1], [None]) for place, name in enumerate(names)}

    def _read(self, cells: "_Cells", kind: "_Kind") -> Iterator[tuple[int, tf.Tensor]]:
        """Place and values [rows] of each column of a kind."""
        specs = self.rows.signature().values()
        places = [
            place
            for place, (column, spec) in enumerate(zip(self.rows.columns, specs, strict=True))
            if kind == _Kind(column.type is ColumnType.NUMERIC, spec.dtype)
        ]
        return zip(places, tf.unstack(_KINDS[kind](cells.take(places)), axis=1), strict=True)

    def _features(self, examples: tf.Tensor) -> tf.Tensor:
        """The serialized Feature of each column [b, columns], empty where there is none; the last of several counts."""
        rows, width = tf.shape(examples)[0], len(self.rows.columns)
        (features,) = _joined(examples, "Example", "features")
        counts, (entries,) = _decoded(features, "Features", {"feature": tf.string})
        names, values = _joined(entries, "Entry", "key", "value")
        ids = tf.reshape(self.known.ids(hashes(tf.reshape(names, [-1]))), tf.shape(names))
        is_column = tf.sequence_mask(counts[:, 0], tf.shape(names)[1]) & (ids >= 0)
        column = tf.gather(self.place, tf.maximum(ids, 0))
        cell = tf.where(is_column, tf.range(rows)[:, tf.newaxis] * width + column, -1)
        entry = tf.range(tf.size(values))
        last = tf.math.unsorted_segment_max(entry, tf.reshape(cell, [-1]), rows * width)
        padded = tf.concat([tf.reshape(values, [-1]), [""]], 0)
        found = tf.gather(padded, tf.where(last >= 0, last, tf.size(values)))
        return tf.reshape(found, [rows, width])

    def _check(self, cells: "_Cells") -> tf.Operation:
        several = tf.reduce_any(cells.count > 1, axis=0)
        first = tf.gather([each.name for each in self.rows.columns], tf.argmax(several))
        return tf.debugging.Assert(~tf.reduce_any(several), ["a row has several values in column", first])


@dataclass(frozen=True)
class _Cells:
    """Values of columns by how they were sent, each [b, columns]; 0 or empty where they were not sent so."""

    text: tf.Tensor
    number: tf.Tensor
    integer: tf.Tensor
    count_text: tf.Tensor
    count_number: tf.Tensor
    count_integer: tf.Tensor

    @classmethod
    def of(cls, features: tf.Tensor) -> "_Cells":
        """Of serialized Features [b, columns]."""
        lists = _joined(features, "Feature", "texts", "floats", "integers")
        kinds = {"Texts": tf.string, "Floats": tf.float32, "Integers": tf.int64}
        found = [_decoded(each, name, {"value": kinds[name]}) for each, name in zip(lists, kinds, strict=True)]
        return cls(*(value[:, :, 0] for _, (value,) in found), *(count[:, :, 0] for count, _ in found))

    @property
    def count(self) -> tf.Tensor:
        """Values of each cell."""
        return self.count_text + self.count_number + self.count_integer

    def take(self, columns: list[int]) -> "_Cells":
        """Some of the columns."""
        return _Cells(
            *(tf.gather(getattr(self, each.name), np.asarray(columns, np.int32), axis=1) for each in fields(self))
        )

    def numbers(self) -> tf.Tensor:
        """As float32, NaN where missing or where the text is not a number."""
        texts = text_to_number(self.text, PLAIN)
        integers = tf.where(self.count_integer > 0, tf.cast(self.integer, tf.float32), texts)
        return tf.where(self.count_number > 0, self.number, integers)

    def texts(self) -> tf.Tensor:
        """As strings, empty where missing."""
        return self._texts(number_text(self.number))

    def written_numbers(self) -> tf.Tensor:
        """As strings for a column that writes numbers its own way: those sent as such are not to be taken for its."""
        return self._texts(tf.strings.as_string(self.number, precision=_DIGITS - 1, scientific=True))

    def _texts(self, numbers: tf.Tensor) -> tf.Tensor:
        integers = tf.where(self.count_integer > 0, tf.strings.as_string(self.integer), self.text)
        return tf.where(self.count_number > 0, numbers, integers)


class _Kind(NamedTuple):
    """Of a column: what it means, and what the serving signature takes."""

    is_numeric: bool
    served: tf.DType


_KINDS: dict[_Kind, Callable[[_Cells], tf.Tensor]] = {
    _Kind(is_numeric=True, served=tf.float32): _Cells.numbers,
    _Kind(is_numeric=True, served=tf.string): _Cells.written_numbers,
    _Kind(is_numeric=False, served=tf.string): _Cells.texts,
}


def _decoded(messages: tf.Tensor, name: str, fields: dict[str, tf.DType]) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Number of values [..., fields] and the values [..., most] of each field of serialized messages [...].

    Where there are fewer, and for the first also where there are none, they are 0 or empty.
    """
    counts, values = tf.io.decode_proto(
        messages, f"{_PACKAGE}.{name}", list(fields), list(fields.values()), descriptor_source=_SOURCE
    )
    return counts, values


def _joined(messages: tf.Tensor, name: str, *fields: str) -> list[tf.Tensor]:
    """Fields that hold a message, [...] each of serialized messages [...]: what is sent in pieces counts together."""
    _, values = _decoded(messages, name, dict.fromkeys(fields, tf.string))
    return [tf.strings.reduce_join(each, axis=-1) for each in values]
