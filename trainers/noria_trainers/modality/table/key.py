"""What rows are known by in later revisions: the columns that made their keys in the first. Used by `table.reading`."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from noria.contract import ColumnType
from noria_trainers.data.manifest import TableColumn
from noria_trainers.modality.content import FoundSource, Gathered, Matched
from noria_trainers.modality.labelled_row import digests_of
from noria_trainers.modality.table.column_type import read_as

NO_FEATURES = (ColumnType.GROUP, ColumnType.TIME, ColumnType.IGNORE)


def lasting(gathered: Gathered, raw: pa.Table, source: FoundSource) -> Gathered:
    """The rows with the keys that they have in the previous revision, if there is one.

    Columns that come, or that are understood otherwise, change no key. Where one is gone, rows are known again by those
    that are left, and get other keys.
    """
    past, order = source.past, source.order
    if past is None or past.target != gathered.target:
        return gathered
    unused = {gathered.target, order.holdout_column, *(each.name for each in order.columns if each.type in NO_FEATURES)}
    present = {*raw.column_names} - unused
    if past.keys and present.issuperset(each.name for each in past.keys):
        if past.keys == gathered.keyed_by:
            return gathered
        examples = replace(gathered.examples, lasting=_hashed(past.keys, raw))
        return replace(gathered, examples=examples, keyed_by=past.keys)
    shared = [each for each in past.stored if each.name in present]
    if not shared:
        return gathered
    return replace(gathered, matched=Matched(tuple(each.name for each in shared), _hashed(shared, raw)))


def _hashed(columns: Sequence[TableColumn], raw: pa.Table) -> NDArray[np.uint64]:
    return digests_of([read_as(each, raw[each.name]) for each in columns])[:, 0]
