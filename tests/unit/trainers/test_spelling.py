"""Values as people write them: read alike by the profile and by the served graph."""

import math
import random
import re
import time
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf

from noria_trainers.data.column import numbers, words
from noria_trainers.data.date_style import date_style, dates
from noria_trainers.data.number_style import doubt, number_style, number_styles
from noria_trainers.data.spelling import NUMBER, Spelling, Style
from noria_trainers.data.word_style import word_spelling
from noria_trainers.modality.table.spelled import text_to_category, text_to_date, text_to_number

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
    parts = [*"0123456789.,-+()%$€ '/:\u00a0\u202f\ufeff\u2212eEx\x00\n", "USD", "NA", "true", "12", "345", "000"]
    parts += ["2024-", "10", "Oct", " pm", "T", "Z"]
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


@pytest.mark.parametrize(
    ("style", "written", "meant"),
    [
        (Style.YEAR_FIRST, "2024-10-23", "2024-10-23T00:00:00"),
        (Style.YEAR_FIRST, "2024/1/5 9:05", "2024-01-05T09:05:00"),
        (Style.YEAR_FIRST, "2024-10-23T14:05:30.123+02:00", "2024-10-23T14:05:30"),
        (Style.YEAR_FIRST, "2024-10-23 14:05:30Z", "2024-10-23T14:05:30"),
        (Style.YEAR_FIRST, "2024-10-23 10:00:00.000000", "2024-10-23T10:00:00"),
        (Style.YEAR_FIRST, "2024-13-01", ""),
        (Style.YEAR_FIRST, "2024-10-23 25:00", ""),
        (Style.YEAR_FIRST, "soon", ""),
        (Style.DAY_FIRST, "23.10.2024", "2024-10-23T00:00:00"),
        (Style.DAY_FIRST, "3/1/24 2:05 pm", "2024-01-03T14:05:00"),
        (Style.DAY_FIRST, "03/01/99", "1999-01-03T00:00:00"),
        (Style.DAY_FIRST, "23/10/2024 12:05 AM", "2024-10-23T00:05:00"),
        (Style.DAY_FIRST, "2024-10-23", "2024-10-23T00:00:00"),
        (Style.DAY_FIRST, "10/23/2024", ""),
        (Style.MONTH_FIRST, "10/23/2024 12:05 P.M.", "2024-10-23T12:05:00"),
        (Style.MONTH_FIRST, "1/2/2024", "2024-01-02T00:00:00"),
        (Style.MONTH_NAME, "23 Oct 2024", "2024-10-23T00:00:00"),
        (Style.MONTH_NAME, "Wed, 23 October 2024 14:05:00 GMT", "2024-10-23T14:05:00"),
        (Style.MONTH_NAME, "Sept. 3rd, 2024", "2024-09-03T00:00:00"),
        (Style.MONTH_NAME, "5-may-2024", "2024-05-05T00:00:00"),
    ],
)
def test_dates(style: Style, written: str, meant: str) -> None:
    spelling = Spelling(style=style)
    read, unfit = dates(column(written, None), spelling)
    assert (read[0].as_py() or "", list(unfit)) == (meant, [] if meant else [0])
    parts = text_to_date(tf.constant([written, meant]), spelling).numpy()
    np.testing.assert_array_equal(parts[0], parts[1])
    assert np.isnan(parts[0]).all() == (not meant)


def test_parts_of_a_date_are_those_of_the_calendar() -> None:
    rng = np.random.default_rng(0)
    moments = [
        datetime(1900, 1, 1, tzinfo=UTC) + timedelta(minutes=int(rng.integers(0, 200 * 525_600))) for _ in range(1000)
    ]
    parts = text_to_date(tf.constant([moment.isoformat() for moment in moments]), Spelling(style=Style.YEAR_FIRST))
    expected = [
        [
            *(moment.year, moment.month, moment.day, moment.weekday(), moment.hour + moment.minute / 60),
            (moment.date() - date(2000, 1, 1)).days,
            *np.eye(7)[moment.weekday()],
            *np.eye(12)[moment.month - 1],
        ]
        for moment in moments
    ]
    np.testing.assert_allclose(parts.numpy(), np.asarray(expected, np.float32), rtol=1e-6)


@pytest.mark.parametrize(
    ("values", "style"),
    [
        (["2024-10-23", "2024-01-02"], Style.YEAR_FIRST),
        (["23/10/2024", "01/02/2024"], Style.DAY_FIRST),
        (["10/23/2024", "01/02/2024"], Style.MONTH_FIRST),
        (["01.02.2024", "03.04.2024"], Style.DAY_FIRST),
        (["01/02/2024", "03/04/2024"], Style.MONTH_FIRST),
        (["5 Jan 2024", "23 Dec 2024"], Style.MONTH_NAME),
        (["Jan 5, 2024", "Dec 23, 2024"], Style.MONTH_NAME),
        (["10-20-30", "red"], None),
        (["192.168.0.1", "10.0.0.2"], None),
        (["1.2.3", "1.10.0"], None),
        (["3 mar", "5 mar"], None),
    ],
)
def test_the_style_of_dates_is_found_by_column(values: list[str], style: Style | None) -> None:
    found = date_style(column(*values))
    assert (found.style if found else None) == style
    is_doubtful = values[0] in ("01.02.2024", "01/02/2024")
    assert bool(found and found.doubtful) == is_doubtful


@pytest.mark.parametrize(
    ("values", "style", "doubtful"),
    [
        (["1", "2.5", "n/a", "7e3"], Style.PLAIN, None),
        (["red", "A1", "x-2"], Style.PLAIN, None),
        (["985.88", "1,040.25"], Style.POINT, None),
        (["501", "1,163,740"], Style.POINT, None),
        (["17.3%", "58.6%"], Style.POINT, None),
        (["$5", "7"], Style.POINT, None),
        (["(5)", "7"], Style.POINT, None),
        (["1 234", "17"], Style.POINT, None),
        (["3,14", "2"], Style.COMMA, None),
        (["10550,30", "1.163,74"], Style.COMMA, None),
        (["1.163", "0,5"], Style.COMMA, None),
        (["3,14", "3.14"], Style.EITHER, None),
        (["1,234", "12.50"], Style.POINT, None),
        (["1,234", "17"], Style.POINT, "1,234"),
        (["1.234", "17"], Style.PLAIN, None),
        (["1.234 €", "17 €"], Style.POINT, "1.234 €"),
    ],
)
def test_the_style_of_numbers_is_found_by_column(values: list[str], style: Style, doubtful: str | None) -> None:
    found = number_style(column(*values))
    assert (found.style, found.doubtful) == (style, doubtful)


def test_doubtful_numbers_follow_the_other_columns() -> None:
    doubtful, comma, point = column("1,234", "17"), column("3,14", "2"), column("1,234.5", "2")
    assert number_styles({"a": doubtful, "b": comma})["a"].style is Style.COMMA
    assert number_styles({"a": doubtful, "b": comma, "c": point})["a"].style is Style.POINT
    assert "1,234, which was read as 1.234; if 1234 is meant" in doubt("a", "1,234", Spelling(style=Style.COMMA))


@pytest.mark.parametrize(
    ("values", "style", "kept"),
    [
        (["red", "blue", "NA"], Style.PLAIN, ()),
        (["US", "DE", "NA"], Style.PLAIN, ("NA",)),
        (["red", "", "NA"], Style.PLAIN, ()),
        (["EU", "APAC", "", "NA"], Style.PLAIN, ("NA",)),
        (["red", "?", "None", "NA"], Style.PLAIN, ()),
        (["+", "-"], Style.PLAIN, ("-",)),
        (["A", "B", "-"], Style.PLAIN, ()),
        (["Mild", "Severe", "None"], Style.PLAIN, ("None",)),
        (["True", "false", ""], Style.BOOLEAN, ()),
        (["true", "1", "0"], Style.BOOLEAN, ()),
        (["1", "0"], Style.CODE, ()),
        (["918", "918.0", "NA"], Style.CODE, ()),
        (["007", "x"], Style.PLAIN, ()),
    ],
)
def test_the_style_of_words_is_found_by_column(values: list[str], style: Style, kept: tuple[str, ...]) -> None:
    found = word_spelling(column(*[value or None for value in values]))
    assert (found.style, found.values) == (style, kept)


@pytest.mark.parametrize("text", ["9" * 60_000 + "x", "." + "9" * 60_000 + "x", "1e" + "9" * 60_000 + "x"])
def test_a_long_row_of_digits_is_soon_known_to_be_no_number(text: str) -> None:
    begin = time.process_time()
    assert re.match(NUMBER, text) is None
    assert time.process_time() - begin < 10
