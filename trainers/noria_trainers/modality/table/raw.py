"""The columns of a table as the serving signature takes them."""

import keyword
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria.contract import ColumnType
from noria_trainers.data.manifest import TableColumn
from noria_trainers.data.spelling import Style
from noria_trainers.lazy import Lazy
from noria_trainers.modality.table.spelled import text_to_category, text_to_date, text_to_number

if TYPE_CHECKING:
    import tensorflow as tf
else:
    tf = Lazy("tensorflow")

JOINT = "\x1f"
"""Between a column's name and a category, so that equal categories of two columns differ."""
_CHUNK = 4096


@dataclass(frozen=True)
class Raw:
    """Features of a table, not yet encoded."""

    columns: tuple[TableColumn, ...]

    @cached_property
    def names(self) -> dict[str, str]:
        """Names in the serving signature by column."""
        return input_names([each.name for each in self.columns])

    def signature(self) -> "dict[str, tf.TensorSpec]":
        """An input for each column: float32, NaN where missing, where numbers are written plainly; else string as in
        the source, empty where missing.
        """
        types = {each.name: tf.float32 if _is_number(each) else tf.string for each in self.columns}
        return {self.names[name]: tf.TensorSpec([None], kind, name=self.names[name]) for name, kind in types.items()}

    def arrays(self, table: pa.Table) -> dict[str, NDArray[np.generic]]:
        """The table's rows [n] as the serving signature takes them."""
        return {self.names[each.name]: _served(table, each) for each in self.columns}

    def batches(self, table: pa.Table) -> "Iterator[dict[str, tf.Tensor]]":
        """The table's rows as tensors, some thousand at a time. Each column [rows]."""
        for start in range(0, table.num_rows, _CHUNK):
            arrays = self.arrays(table.slice(start, _CHUNK))
            yield {name: tf.constant(values) for name, values in arrays.items()}

    def named(self, kind: ColumnType) -> list[str]:
        """Names of the columns of a type, as the table has them."""
        return [each.name for each in self.columns if each.type is kind]

    def texts(self, raw: "dict[str, tf.Tensor]") -> "list[tf.Tensor]":
        """Columns of texts. Each [n]."""
        return [raw[self.names[name]] for name in self.named(ColumnType.TEXT)]

    def numbers(self, raw: "dict[str, tf.Tensor]") -> "list[tf.Tensor]":
        """Columns of numbers, and the parts of dates, NaN where missing. Each [n] float32."""
        plain = [_number(each, raw[self.names[each.name]]) for each in self._of(ColumnType.NUMERIC)]
        dates = [text_to_date(raw[self.names[each.name]], each.written) for each in self._of(ColumnType.DATE)]
        return plain + [part for date in dates for part in tf.unstack(date, axis=1)]

    def measured(self, table: pa.Table) -> NDArray[np.float32]:
        """What `numbers` are of the table's rows [n, numbers]."""
        used = [*self._of(ColumnType.NUMERIC), *self._of(ColumnType.DATE)]
        if not used:
            return np.empty((table.num_rows, 0), np.float32)
        raw = {self.names[each.name]: tf.constant(_served(table, each)) for each in used}
        return np.stack([values.numpy() for values in self.numbers(raw)], axis=1)

    def categories(self, raw: "dict[str, tf.Tensor]", names: Sequence[str]) -> "tf.Tensor":
        """Canonical words, empty where missing, of these columns [n, names]."""
        written = {each.name: each.written for each in self._of(ColumnType.CATEGORICAL)}
        order = sorted(names, key=lambda name: written[name].to_json())  # what is written alike is read at once
        parts = [
            text_to_category(tf.stack([raw[self.names[name]] for name in alike], axis=1), spelling)
            for spelling, alike in groupby(order, key=lambda name: written[name])
        ]
        whole = tf.concat(parts, axis=1) if len(parts) > 1 else parts[0]
        return whole if order == list(names) else tf.gather(whole, [order.index(name) for name in names], axis=1)

    def _of(self, kind: ColumnType) -> list[TableColumn]:
        return [each for each in self.columns if each.type is kind]


def _is_number(column: TableColumn) -> bool:
    return column.type is ColumnType.NUMERIC and column.written.is_plain_number


def _number(column: TableColumn, values: "tf.Tensor") -> "tf.Tensor":
    return values if values.dtype == tf.float32 else text_to_number(values, column.written)


def _served(table: pa.Table, column: TableColumn) -> NDArray[np.generic]:
    """Values [n] as the serving signature takes them."""
    if _is_number(column):
        return floats(table, column.name)
    texts = strings(table, column.name)
    if column.type is ColumnType.NUMERIC and column.written.style is Style.COMMA:
        return np.asarray([text.replace(".", ",") for text in texts], object)
    return texts


def input_names(columns: Sequence[str]) -> dict[str, str]:
    """Names that TensorFlow takes for the inputs of a signature, by column: identifiers, each once.

    Anything but letters, digits and underscores becomes an underscore; a number distinguishes names that this made
    equal, or that differ in case alone. They become arguments of a Python function, so keywords and `self` are changed.
    """
    names: dict[str, str] = {}
    for column in columns:
        name = re.sub(r"[^A-Za-z0-9_]", "_", column)
        if not name[:1].isalpha() or keyword.iskeyword(name) or name == "self":
            name = f"column_{name.lstrip('_')}"
        taken, count, first = {each.lower() for each in names.values()}, 1, name
        while name.lower() in taken:
            count += 1
            name = f"{first}_{count}"
        names[column] = name
    return names


def floats(table: pa.Table, name: str) -> NDArray[np.float32]:
    """Values [n], NaN where they are missing."""
    column = table.column(name).cast(pa.float64())
    return np.asarray(pc.fill_null(column, float("nan")).to_numpy(), np.float32)


def strings(table: pa.Table, name: str) -> NDArray[np.object_]:
    """Values [n], empty where they are missing."""
    return np.asarray(pc.fill_null(table.column(name).cast(pa.string()), "").to_numpy(), dtype=object)


def keys(names: Sequence[str], values: "tf.Tensor") -> "tf.Tensor":
    """Each category [b, fields] with its column's name before it."""
    prefixes = tf.broadcast_to(tf.constant([name + JOINT for name in names]), tf.shape(values))
    return tf.strings.join([prefixes, values])
