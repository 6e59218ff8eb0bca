"""Rows of a file as fastText takes it: `__label__ham a text`, one a line, without a header. Used by `csv_file`."""

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from noria_trainers.data.csv_line import Lines
from noria_trainers.data.encoding import is_damaged
from noria_trainers.data.file_rows import FileRows, Remark

_LABEL = re.compile(r"\s*__label__(\S+)\s+")
_LEAST = 0.9
"""Share of lines that begin with a label."""
_BETWEEN = ";"
"""Several labels of one text."""


def is_fast_text(sample: Sequence[str]) -> bool:
    """Whether these lines, the first among them, begin with labels."""
    lines = [line for line in sample if line.strip()]
    labelled = [_LABEL.match(line) is not None for line in lines]
    return bool(labelled) and labelled[0] and sum(labelled) >= _LEAST * len(lines)


def read(lines: Lines, remarks: tuple[Remark, ...]) -> FileRows:
    """Columns `label` and `text`."""
    labels, texts, numbers, unreadable = list[str](), list[str](), list[int](), dict[int, str]()
    for line in lines:
        found, text = list[str](), line
        while label := _LABEL.match(text):
            found.append(label[1])
            text = text[label.end() :]
        if is_damaged(line):
            unreadable[lines.number] = "not UTF-8"
        elif found:
            labels.append(_BETWEEN.join(found))
            texts.append(text.strip())
            numbers.append(lines.number)
        elif line.strip():
            unreadable[lines.number] = "no label"
        lines.settle()
    table = pa.table({"label": pa.array(labels, pa.string()), "text": pa.array(texts, pa.string())})
    return FileRows(table, np.asarray(numbers, np.int64), "line", unreadable, remarks=remarks)
