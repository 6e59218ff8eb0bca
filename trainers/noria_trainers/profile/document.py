"""Gathers the examples of texts in a file's rows: a column of text and one of labels. Called by `examine`."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from noria.contract import ColumnType, ProfileOrder
from noria_trainers.data.examples import Examples, digest, digests
from noria_trainers.data.shards import Spool
from noria_trainers.data.table import Rows
from noria_trainers.profile import row, target
from noria_trainers.profile.column import as_text
from noria_trainers.profile.content import Gathered
from noria_trainers.profile.finding import Findings, listed
from noria_trainers.profile.folder import Files
from noria_trainers.profile.text import text_column


def gather(order: ProfileOrder, rows: Rows, scratch: Path, findings: Findings) -> Gathered | None:
    """All labelled rows with text; none, and an error, where there are none."""
    name = target.target_column(findings, rows.table.column_names, order.target)
    if name is None:
        return None
    column = text_column(rows.table, name, order.columns)
    if column is None or column not in rows.table.column_names:
        words = f"no column of text among {listed(rows.table.column_names)}: name one in columns, with type Text"
        findings.error("NoText", words)
        return None
    labels = target.labels(findings, order.task, name, rows.table[name])
    if labels is None:
        return None
    texts = as_text(rows.table[column])
    blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(texts), ""), True)
    empty = np.flatnonzero(blank.to_numpy(zero_copy_only=False))
    chosen = row.choose(order, rows, labels, findings, empty)
    if not len(chosen.kept):
        words = f"{order.source.uri} has no row with text in {column} and a label in {name}: add labelled rows"
        findings.error("NoExamples", words)
        return None
    _warn_others(order, rows, {name, column}, findings)
    found = []
    with Spool(scratch / "examples", "text") as spool:
        for text in texts.take(pa.array(chosen.kept)).to_pylist():
            content = text.encode()
            spool.append(content)
            found.append(digest(content))
    examples = Examples(
        name=chosen.name,
        classes=labels.classes,
        labels=chosen.labels,
        digests=digests(found),
        groups=chosen.groups,
        times=chosen.times,
    )
    return Gathered(examples, Files(spool, chosen.labels.astype(np.int64), []), name)


def _warn_others(order: ProfileOrder, rows: Rows, used: set[str], findings: Findings) -> None:
    declared = {column.name for column in order.columns if column.type is not ColumnType.TEXT}
    others = [name for name in rows.table.column_names if name not in used | declared]
    if others:
        words = f"columns beside text and label are not read: {listed(others)}; declare them Ignore if that is meant"
        findings.warning("OtherColumns", words, others)
