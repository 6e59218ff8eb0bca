"""Values as people write them: read alike by the profile and by the served graph."""

import math
import random

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf

from noria_trainers.data.column import numbers, words
from noria_trainers.data.spelling import Spelling, Style
from noria_trainers.modality.table.spelled import text_to_category, text_to_number

GAP = math.nan


def column(*values: str | None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, pa.string())])


@pytest.mark.parametrize(
    ("style", "written", "meant"),
    [
        (Style.PLAIN, " 70.8", 70.8),
        (Style.PLAIN, "\u00a01e3\u2003", 1000),
        (Style.PLAIN, "+.5", 0.5),
        (Style.PLAIN, "1,163.74", GAP),
        (Style.PLAIN, "n/a", GAP),
        (Style.POINT, "985.88", 985.88),
        (Style.POINT, "1,163.74", 1163.74),
        (Style.POINT, "$1,163.74", 1163.74),
        (Style.POINT, "-$5", -5),
        (Style.POINT, "$-5", -5),
        (Style.POINT, "($1,000)", -1000),
        (Style.POINT, "(5)", -5),
        (Style.POINT, "$(5)", -5),
        (Style.POINT, "5-", -5),
        (Style.POINT, "\u22125", -5),
        (Style.POINT, "- 5", -5),
        (Style.POINT, "+5", 5),
        (Style.POINT, "US$ 1,234,567", 1234567),
        (Style.POINT, "12,34,567.5", 1234567.5),
        (Style.POINT, "40.2%", 40.2),
        (Style.POINT, "40.2 %", 40.2),
        (Style.POINT, "USD 7", 7),
        (Style.POINT, "7 eur", 7),
        (Style.POINT, "1 234", 1234),
        (Style.POINT, "1\u00a0234\u00a0567.8", 1234567.8),
        (Style.POINT, "1\u202f234", 1234),
        (Style.POINT, "1'234.50", 1234.5),
        (Style.POINT, "1\u2019234", 1234),
        (Style.POINT, "1e3", 1000),
        (Style.POINT, "3,14", GAP),
        (Style.POINT, "0,123", GAP),
        (Style.POINT, "12,3456", GAP),
        (Style.POINT, "1.234.567", GAP),
        (Style.POINT, "n/a", GAP),
        (Style.POINT, "5th", GAP),
        (Style.COMMA, "3,14", 3.14),
        (Style.COMMA, "1.163,74", 1163.74),
        (Style.COMMA, "1.163", 1163),
        (Style.COMMA, "1.163.000", 1163000),
        (Style.COMMA, "3.14", 3.14),
        (Style.COMMA, "5 €", 5),
        (Style.COMMA, "-1.163,5 €", -1163.5),
        (Style.COMMA, "10,5e-3", 0.0105),
        (Style.COMMA, "12,-", 12),
        (Style.COMMA, "1 234,5", 1234.5),
        (Style.COMMA, ",5", 0.5),
        (Style.COMMA, "1,163.74", GAP),
    ],
)
def test_numbers(style: Style, written: str, meant: float) -> None:
    spelling = Spelling(style=style)
    values, _ = numbers(column(written, "7"), spelling)
    read = math.nan if values[0].as_py() is None else values[0].as_py()
    assert read == pytest.approx(meant, rel=0, abs=0, nan_ok=True)
    np.testing.assert_array_equal(text_to_number(tf.constant([written]), spelling), np.asarray([meant], np.float32))


@pytest.mark.parametrize(
    ("style", "written", "meant"),
    [
        (Style.PLAIN, " red\t", "red"),
        (Style.PLAIN, "NA", ""),
        (Style.PLAIN, " ? ", ""),
        (Style.PLAIN, "NAm", "NAm"),
        (Style.PLAIN, "\u3000\u8d64\u3000", "\u8d64"),
        (Style.PLAIN, "True", "True"),
        (Style.BOOLEAN, "True", "true"),
        (Style.BOOLEAN, "1", "true"),
        (Style.BOOLEAN, "0.0", "false"),
        (Style.BOOLEAN, "FALSE", "false"),
        (Style.CODE, "918.0", "918"),
        (Style.CODE, "+918", "918"),
        (Style.CODE, "1.500000", "1.5"),
        (Style.CODE, ".5", "0.5"),
        (Style.CODE, "100", "100"),
        (Style.CODE, "007", "007"),
        (Style.CODE, "16777217", "16777217"),
    ],
)
def test_categories(style: Style, written: str, meant: str) -> None:
    spelling = Spelling(style=style)
    assert words(column(written, "x"), spelling)[0].as_py() == (meant or None)
    assert text_to_category(tf.constant([written, meant]), spelling).numpy().tolist() == [meant.encode()] * 2


def test_reader_and_graph_agree_on_anything() -> None:
    rng = random.Random(0)
    parts = [*"0123456789.,-+()%$€ '\u00a0\u202f\ufeff\u2212eEx", "USD", "NA", "true", "12", "345", "000", "\x00", "\n"]
    texts = ["".join(rng.choices(parts, k=rng.randint(0, 9))) for _ in range(4000)]
    for style in Style:
        spelling = Spelling(style=style)
        category = [word.as_py() or "" for word in words(column(*texts), spelling)]
        assert [word.decode() for word in text_to_category(tf.constant(texts), spelling).numpy()] == category, style
        number = numbers(column(*texts), spelling)[0].to_numpy(zero_copy_only=False)
        with np.errstate(over="ignore"):
            number = number.astype(np.float32)
        np.testing.assert_array_equal(text_to_number(tf.constant(texts), spelling), number, style)
        assert np.isfinite(number).any()
