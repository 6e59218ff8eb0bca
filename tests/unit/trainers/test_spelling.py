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
from noria_trainers.data.date_style import date_style, dates, is_time_name, number_date_style
from noria_trainers.data.number_style import doubt, number_style, number_styles
from noria_trainers.data.quantity import quantity_among
from noria_trainers.data.spelling import NUMBER, Spelling, Style
from noria_trainers.data.unit import ruling_unit
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
        (Style.POINT, "\uff11\uff0c\uff12\uff13\uff14\uff0e\uff15", 1234.5),
        (Style.POINT, "\u0661\u0662", 12),
        (Style.POINT, "\u0661\u066c\u0662\u0663\u0664\u066b\u0665", 1234.5),
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
        (Style.MONTH_NAME, "23-OCT-24", "2024-10-23T00:00:00"),
        (Style.MONTH_NAME, "01-JAN-99", "1999-01-01T00:00:00"),
        (Style.MONTH_NAME, "2024-Oct-3", "2024-10-03T00:00:00"),
        (Style.MONTH_NAME, "October 2024", "2024-10-01T00:00:00"),
        (Style.MONTH_NAME, "Wed Oct 23 14:05:30 CEST 2024", "2024-10-23T14:05:30"),
        (Style.MONTH_NAME, "23. Oktober 2024, 14:05 Uhr", "2024-10-23T14:05:00"),
        (Style.MONTH_NAME, "October 23, 2024 at 2:05 PM", "2024-10-23T14:05:00"),
        (Style.MONTH_NAME, "Wed Oct 23 14:05:30 +0000 2024", "2024-10-23T14:05:30"),
        (Style.MONTH_NAME, "Wed Oct 23 2024 14:05:30 GMT+0200 (Central European Time)", "2024-10-23T14:05:30"),
        (Style.MONTH_NAME, "23/Oct/2024:14:05:30 +0000", "2024-10-23T14:05:30"),
        (Style.MONTH_NAME, "23-OCT-24 02.05.30.000000 PM", "2024-10-23T14:05:30"),
        (Style.MONTH_NAME, "Oct-24", "2024-10-01T00:00:00"),
        (Style.MONTH_NAME, "Oct '99", "1999-10-01T00:00:00"),
        (Style.MONTH_NAME, "Oct 24", ""),
        (Style.YEAR_FIRST, "2024-10-23 14:05:30 CEST", "2024-10-23T14:05:30"),
        (Style.YEAR_FIRST, "2024-10-23 02:05 PM EST", "2024-10-23T14:05:00"),
        (Style.YEAR_FIRST, "2024-10-23T14:05+02:00[Europe/Berlin]", "2024-10-23T14:05:00"),
        (Style.YEAR_FIRST, "2024-10-23 BERLIN", ""),
        (Style.YEAR_FIRST, "2024-10-23 14", "2024-10-23T14:00:00"),
        (Style.YEAR_FIRST, "2024. 3. 5.", "2024-03-05T00:00:00"),
        (Style.YEAR_FIRST, "2024\u5e743\u67085\u65e5 14\u66425\u5206", "2024-03-05T14:05:00"),
        (Style.YEAR_FIRST, "2024\ub144 3\uc6d4 5\uc77c 14\uc2dc 05\ubd84 07\ucd08", "2024-03-05T14:05:07"),
        (Style.YEAR_FIRST, "2024Q4", "2024-10-01T00:00:00"),
        (Style.YEAR_FIRST, "07.2024", "2024-07-01T00:00:00"),
        (Style.DAY_FIRST, "5. 3. 2024", "2024-03-05T00:00:00"),
        (Style.DAY_FIRST, "05.03.2024. 14.05", "2024-03-05T14:05:00"),
        (Style.DAY_FIRST, "23.10.2024 - 14:05", "2024-10-23T14:05:00"),
        (Style.DAY_FIRST, "23.10.2024 um 9:05 Uhr", "2024-10-23T09:05:00"),
        (Style.MONTH_NAME, "mercredi 1er fe\u0301vrier 2023", "2023-02-01T00:00:00"),
        (Style.MONTH_NAME, "23 de octubre de 2024", "2024-10-23T00:00:00"),
        (Style.MONTH_NAME, "23 octember 2024", ""),
        (Style.YEAR_FIRST, "2024-10", "2024-10-01T00:00:00"),
        (Style.YEAR_FIRST, "2024/7", "2024-07-01T00:00:00"),
        (Style.YEAR_FIRST, "10/2024", "2024-10-01T00:00:00"),
        (Style.YEAR_FIRST, "2024-Q4", "2024-10-01T00:00:00"),
        (Style.YEAR_FIRST, "q1 2024", "2024-01-01T00:00:00"),
        (Style.YEAR_FIRST, "2024\u5e7410\u67083\u65e5", "2024-10-03T00:00:00"),
        (Style.YEAR_FIRST, "\uff12\uff10\uff12\uff14\u5e741\u6708", "2024-01-01T00:00:00"),
        (Style.YEAR_FIRST, "2024-13", ""),
        (Style.TIME, "14:30", "2000-01-01T14:30:00"),
        (Style.TIME, "9:05:07.25", "2000-01-01T09:05:07"),
        (Style.TIME, "2:30 PM", "2000-01-01T14:30:00"),
        (Style.TIME, "12am", "2000-01-01T00:00:00"),
        (Style.TIME, "14h30", "2000-01-01T14:30:00"),
        (Style.TIME, "14:30 Uhr", "2000-01-01T14:30:00"),
        (Style.TIME, "25:00", ""),
        (Style.COMPACT, "20241023", "2024-10-23T00:00:00"),
        (Style.COMPACT, "20241023.0", "2024-10-23T00:00:00"),
        (Style.COMPACT, "20241023T140530Z", "2024-10-23T14:05:30"),
        (Style.COMPACT, "202410231405", "2024-10-23T14:05:00"),
        (Style.COMPACT, "20241323", ""),
        (Style.EPOCH, "1698069930", "2023-10-23T14:05:30"),
        (Style.EPOCH, "1698069930.75", "2023-10-23T14:05:30"),
        (Style.EPOCH, "1698069930123", "2023-10-23T14:05:30"),
        (Style.EPOCH, "1698069930123456789", "2023-10-23T14:05:30"),
        (Style.EPOCH, "951782400", "2000-02-29T00:00:00"),
        (Style.EPOCH, "17", ""),
    ],
)
def test_dates(style: Style, written: str, meant: str) -> None:
    spelling = Spelling(style=style)
    read, unfit = dates(column(written, None), spelling)
    assert (read[0].as_py() or "", list(unfit)) == (meant, [] if meant else [0])
    parts = text_to_date(tf.constant([written, meant]), spelling).numpy()
    np.testing.assert_array_equal(parts[0], parts[1])
    assert np.isnan(parts[0]).all() == (not meant)


NAMES_OF_MONTHS = {
    "English": "January February March April May June July August September October November December",
    "German": "Januar Februar M\u00e4rz April Mai Juni Juli August September Oktober November Dezember",
    "French": "janvier f\u00e9vrier mars avril mai juin juillet ao\u00fbt septembre octobre novembre d\u00e9cembre",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "Portuguese": "janeiro fevereiro mar\u00e7o abril maio junho julho agosto setembro outubro novembro dezembro",
    "Dutch": "januari februari maart april mei juni juli augustus september oktober november december",
    "English, short": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "German, short": "Jan. Feb. Mrz Apr. Mai Jun. Jul. Aug. Sept. Okt. Nov. Dez.",
    "French, short": "janv. f\u00e9vr. mars avr. mai juin juil. ao\u00fbt sept. oct. nov. d\u00e9c.",
}


@pytest.mark.parametrize("language", NAMES_OF_MONTHS)
def test_months_have_names_in_several_languages(language: str) -> None:
    written = [f"7 {month} 2024" for month in NAMES_OF_MONTHS[language].split()]
    read, _ = dates(column(*written), Spelling(style=Style.MONTH_NAME))
    assert read.to_pylist() == [f"2024-{month:02}-07T00:00:00" for month in range(1, 13)]


def test_reader_and_graph_agree_on_any_date() -> None:
    rng = random.Random(0)
    parts = [
        *"0123456789.,-/: TZQh",
        "2024",
        "2024-",
        "10",
        "23",
        "Oct",
        "Oktober",
        " pm",
        "AM",
        "de ",
        "\u5e74",
        "1698069930",
    ]
    texts = ["".join(rng.choices(parts, k=rng.randint(1, 7))) for _ in range(4000)]
    for style in (Style.YEAR_FIRST, Style.DAY_FIRST, Style.MONTH_NAME, Style.TIME, Style.COMPACT, Style.EPOCH):
        spelling = Spelling(style=style)
        read = [text or "" for text in dates(column(*texts), spelling)[0].to_pylist()]
        assert any(read)
        np.testing.assert_array_equal(
            text_to_date(tf.constant(texts), spelling), text_to_date(tf.constant(read), spelling), style
        )


def test_parts_of_a_date_are_those_of_the_calendar() -> None:
    rng = np.random.default_rng(0)
    moments = [
        datetime(1900, 1, 1, tzinfo=UTC) + timedelta(seconds=int(rng.integers(0, 200 * 31_536_000)))
        for _ in range(1000)
    ]
    parts = text_to_date(tf.constant([moment.isoformat() for moment in moments]), Spelling(style=Style.YEAR_FIRST))
    recent = np.asarray([moment.timestamp() >= 1e8 for moment in moments])
    seconds = [str(int(moment.timestamp())) for moment in moments]
    by_seconds = text_to_date(tf.constant(seconds), Spelling(style=Style.EPOCH))
    np.testing.assert_array_equal(by_seconds.numpy()[recent], parts.numpy()[recent])
    expected = [
        [
            *(moment.year, moment.month, moment.day, moment.weekday()),
            moment.hour + moment.minute / 60 + moment.second / 3600,
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
        (["2024-10", "2024-11"], Style.YEAR_FIRST),
        (["2024-Q3", "2024-Q4"], Style.YEAR_FIRST),
        (["14:30", "2:05 pm"], Style.TIME),
        (["20241023T1405", "20240102T0000"], Style.COMPACT),
        (["mercredi 23 octobre 2024", "jeudi 2 mai 2024"], Style.MONTH_NAME),
        (["Wed Oct 23 14:05:30 2024", "Thu Jan  4 00:00:00 2024"], Style.MONTH_NAME),
        (["2024. 7. 16.", "2024. 11. 2."], Style.YEAR_FIRST),
        (["16. 7. 2024", "2. 11. 2024"], Style.DAY_FIRST),
        (["2024Q3", "2024Q4"], Style.YEAR_FIRST),
        (["Oct-24", "Jan-23"], Style.MONTH_NAME),
        ([f"2024-10-{day} 00:01:00" for day in range(10, 31)] + ["0000-00-00 00:00:00"] * 4, Style.YEAR_FIRST),
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
        (["1.344", "0.123", "0,456", "1,344"], Style.EITHER, None),
        (["1,234", "12.50"], Style.POINT, None),
        (["1,234", "17"], Style.POINT, "1,234"),
        (["1.234", "17"], Style.PLAIN, None),
        (["1.234 €", "17 €"], Style.POINT, "1.234 €"),
        (["12,5 kg", "1.200 kg"], Style.COMMA, None),
        (["1,234 kg", "17 kg"], Style.POINT, "1,234"),
        (["\uff11\uff12", "7"], Style.POINT, None),
    ],
)
def test_the_style_of_numbers_is_found_by_column(values: list[str], style: Style, doubtful: str | None) -> None:
    found = number_style(column(*values))
    assert (found.style, found.doubtful) == (style, doubtful)


@pytest.mark.parametrize(
    ("values", "unit", "read"),
    [
        (["12.5 kg", "13kg", "9 KG", "7"], "kg", [12.5, 13, 9, 7]),
        (["1 year", "2 years", "30 Years"], "year", [1, 2, 30]),
        (["30 min.", "5 mins"], "min", [30, 5]),
        (["12,5 cm", "1.200 cm"], "cm", [12.5, 1200]),
        (["5 m\u00b2", "-6.5 m\u00b2", "(2 m\u00b2)"], "m\u00b2", [5, -6.5, -2]),
        (["$5/kg", "$6.5/kg"], "/kg", [5, 6.5]),
        (["1.5m", "3 m"], "m", [1.5, 3]),
        (['15.6"', '13"'], '"', [15.6, 13]),
        (["\uff11\uff12 kg", "3 kg"], "kg", [12, 3]),
        (["1.2k", "3M", "900", "2 million", "1,200k"], None, [1200, 3e6, 900, 2e6, 1.2e6]),
        (["$1.2B", "(5k)", "\u20ac3 mio"], None, [1.2e9, -5000, 3e6]),
        (["5 EUR", "7.5 eur"], None, [5, 7.5]),
        (["7/10", "3.5 / 10", "10/10"], "/10", [7, 3.5, 10]),
        (["4 out of 5", "3.5 Out of 5"], "out of 5", [4, 3.5]),
        (["5 CR", "7.5 Cr"], "cr", [5, 7.5]),
        (["7/2024", "8/2024"], None, None),
        (["1/2", "3/4", "5/8"], None, None),
        (["12 kg", "500 g", "3 kg", "700 g", "1 lb"], None, None),
        (["1.2k", "3m", "5m"], None, None),
        (["12A", "13B", "7C"], None, None),
        (["12B", "7B", "3B"], None, None),
        (["5x7", "4x6"], None, None),
        (["1st", "21st", "31st"], None, None),
        (["2 PM", "3 PM"], None, None),
    ],
)
def test_the_unit_of_numbers_is_found_by_column(values: list[str], unit: str | None, read: list[float] | None) -> None:
    found = number_style(column(*values))
    assert found.unit == unit
    numbered, others = numbers(column(*values), found.spelling)
    if read is None:
        assert len(others)
        return
    assert numbered.to_pylist() == read
    for written in (values, [f"{value:g}".replace(".", "," if found.style is Style.COMMA else ".") for value in read]):
        graph = text_to_number(tf.constant(written), found.spelling).numpy()
        np.testing.assert_array_equal(graph, np.asarray(read, np.float32))


@pytest.mark.parametrize(
    "written",
    [
        "3/4",
        "12 3/4",
        "1\u00bd",
        "\u00be",
        "5 \u00b1 0.1",
        "179+/-0.2",
        "6.87(5)",
        "12 days 13:00:00",
        "3 days, 5:36:56.361484",
        "PT1H8M34S",
        "P1DT2H",
        "94:01:46",
        "1h 30min",
        "5'11\"",
        "0x1F",
        "0b101",
        "0o17",
        "<5",
        "> 100",
        "\u2265100",
        "90+",
        "~8",
        "ca. 30.2",
        "10-20",
        "900 \u2013 910",
        "240..250",
        "440 to 450",
        "[10, 20)",
        "$750k-$760k",
        "5x7",
        "31 x 37 x 10",
        "120/80",
        "2:1",
        "35\u00b011'57\"N",
        "56.3205, 28.3305",
        "(52.5194, 50.7089)",
        "1,2,3",
        "[1, 2, 3]",
        "7.3x10^3",
        "6.2\u00d710\u00b2",
        "1.547D+03",
        "20.3*",
        "85.4[1]",
        "48.8 (est.)",
        "22\u20ac89",
        "Rs. 6210/-",
        "251Nm@ 2171rpm",
        "5 Cr",
    ],
)
def test_what_is_made_of_numbers_is_known_as_no_number(written: str) -> None:
    assert quantity_among(["7", "1,234.5", written], 1) == written


@pytest.mark.parametrize(
    "written",
    [
        "red",
        "A1",
        "C249",
        "12B",
        "No. 29",
        "room 12",
        "1.10.2",
        "192.168.0.1",
        "555-9260",
        "93568-7963",
        "123-45-6789",
        "555 123 4567",
        "#fefb12",
        "c021",
        "12_34",
        "12 Main Street",
        "7 of hearts",
    ],
)
def test_a_code_is_no_quantity(written: str) -> None:
    assert quantity_among(["7", written], 0.5) is None


def test_a_word_that_many_values_have_is_a_unit() -> None:
    sizes = [f"{number} {'BHK' if number % 3 else 'Bedroom'}" for number in range(20)]
    assert quantity_among(sizes, 1) == sizes[0]
    assert quantity_among([f"{number} {'abcdefghijklmnopqrst'[number] * 3}" for number in range(20)], 0.5) is None


@pytest.mark.parametrize("unit", ["1", "1 ", "1.", "1m ", "m", " ", "1'000", "$", "-"])
def test_values_of_any_length_take_no_time_to_be_known_as_no_quantity(unit: str) -> None:
    values = [unit * count + end for count in (*range(1, 41), 20_000) for end in ("!", "1!", "m!")]
    begin = time.perf_counter()
    assert quantity_among(values, 0.5) is None
    assert ruling_unit(values, [1] * len(values)) is None
    assert time.perf_counter() - begin < 2


@pytest.mark.parametrize(
    ("name", "values", "style"),
    [
        ("day", ["20241023", "20240102"], Style.COMPACT),
        ("z", ["20241023", "20240102", "19991231"], Style.COMPACT),
        ("z", ["20241023", "20240102"], None),
        ("z", ["20241023", "20249999", "20245555"], None),
        ("z", ["20241023140530", "20240102000000", "19991231235959"], Style.COMPACT),
        ("z", ["20241023147530", "20240102990000", "19991231235999"], None),
        ("z", ["07.2024", "12.2023", "01.2024", "02.2024"], Style.YEAR_FIRST),
        ("z", ["10.2024", "12.2023", "11.2024", "12.1999"], None),
        ("created_at", ["1698069930", "1500000000"], Style.EPOCH),
        ("timestamp", ["874724710", "893286638", "1046454590"], Style.EPOCH),
        ("z", ["874724710", "893286638", "902345678"], None),
        ("eventTime", ["1698069930123", "1500000000456"], Style.EPOCH),
        ("z", ["1698069930", "1500000000"], None),
        ("date", ["17", "1698069930"], None),
    ],
)
def test_numbers_that_are_dates_are_found_by_name_and_range(name: str, values: list[str], style: Style | None) -> None:
    found = number_date_style(column(*values), is_time=is_time_name(name))
    assert (found.style if found else None) == style


def test_doubtful_numbers_follow_the_other_columns() -> None:
    doubtful, comma, point = column("1,234", "17"), column("3,14", "2"), column("1,234.5", "2")
    assert number_styles({"a": doubtful, "b": comma})["a"].style is Style.COMMA
    assert number_styles({"a": doubtful, "b": comma, "c": point})["a"].style is Style.POINT
    for style, said in ((Style.COMMA, "1.234; if 1234"), (Style.POINT, "1234; if 1.234")):
        spelling = Spelling(style=style)
        assert f"1,234, which was read as {said} is meant" in doubt("a", "1,234", spelling)
        assert f"1,234, which was read as {said} is meant" in doubt("a", "1,234", spelling)  # after it was used


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
