"""What may be given, and how it is sent."""

import datetime
import decimal
import enum
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from noria_client import InputError, Signature, Tensor
from noria_client.address import parsed
from noria_client.image import file_of, png
from noria_client.rest import Rest
from noria_client.value import row
from unit.client.played import COUNTS, IMAGES, NUMBERS, ROWS, TEXTS, VECTORS, Played


class Size(enum.Enum):
    SMALL = "small"


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("words", "words"),
        (3, 3),
        (0.5, 0.5),
        (1.0, 1.0),
        (16777217.0, 16777217),
        (1e300, 1e300),
        (2**63, "9223372036854775808"),
        (True, 1),
        (np.int8(3), 3),
        (np.float32(0.1), float(np.float32(0.1))),
        (np.bool_(True), 1),
        (np.str_("words"), "words"),
        (decimal.Decimal("1.50"), "1.50"),
        (datetime.date(2024, 3, 1), "2024-03-01"),
        (datetime.datetime(2024, 3, 1, 14, 5, tzinfo=datetime.UTC), "2024-03-01 14:05:00+00:00"),
        (pd.Timestamp("2024-03-01 14:05"), "2024-03-01 14:05:00"),
        (np.datetime64("2024-03-01T14:05:06.7"), "2024-03-01 14:05:06"),
        (datetime.time(14, 5), "14:05:00"),
        (Size.SMALL, "small"),
    ],
    ids=repr,
)
def test_cells_are_texts_and_numbers(value: Any, sent: Any) -> None:
    found = row({"a": value})["a"]
    assert (found, type(found)) == (sent, type(sent)) or (found == sent and isinstance(found, str))


@pytest.mark.parametrize("value", [None, math.nan, np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT")], ids=repr)
def test_missing_cells_are_left_out(value: Any) -> None:
    assert row({"a": value, 7: "x"}) == {"7": "x"}


def test_a_frame_goes_by_its_columns() -> None:
    server = Played(ROWS)
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None], "when": pd.to_datetime(["2024-03-01", "NaT"])}, index=[5, 7])
    frame["kind"] = pd.Categorical(["u", "v"], categories=["v", "u"])
    scores = server.model().predict_proba(frame)
    rows = [{"a": 1, "b": "x", "when": "2024-03-01 00:00:00", "kind": "u"}, {"a": 2, "kind": "v"}]
    assert server.sent == [rows]
    assert (scores.index.tolist(), scores.columns.tolist()) == ([5, 7], ["length", "other"])
    assert server.model().predict(frame[:0]).to_dict() == {}
    assert server.model().predict(frame[[]]).tolist() == ["other", "other"]
    with pytest.raises(InputError, match="several columns are named a: rename them"):
        server.model().predict(pd.concat([frame, frame[["a"]]], axis=1))


@pytest.mark.parametrize(
    ("given", "examples"),
    [
        ({"a": 1, "b": "x"}, [{"a": 1, "b": "x"}]),
        ({"a": [1, 2], "b": ("x", None)}, [{"a": 1, "b": "x"}, {"a": 2}]),
        ({"a": np.array([1.5, 2.5])}, [{"a": 1.5}, {"a": 2.5}]),
        ({}, [{}]),
        ([{}, {"a": 1}], [{}, {"a": 1}]),
        ((each for each in [{"a": 1}]), [{"a": 1}]),
    ],
    ids=["a row", "columns", "an array by name", "an empty row", "rows", "an iterator"],
)
def test_rows_are_given_one_by_one_or_in_columns(given: Any, examples: Any) -> None:
    server = Played(ROWS)
    server.model().predict(given)
    assert server.sent == [examples]


@pytest.mark.parametrize(
    ("signatures", "given", "words"),
    [
        (ROWS, ["a"], "a str is no row: the model takes rows"),
        (ROWS, {"a": [1, 2], "b": [1]}, "different lengths"),
        (ROWS, [{"a": [1, 2]}], "send one value a cell"),
        (ROWS, 5, "no row"),
        (ROWS, None, "NoneType is no example"),
        (NUMBERS, ["a"], r"input x \(float \[\?\]\): could not convert string to float"),
        (COUNTS, [1.5], "no whole numbers"),
        (COUNTS, [300], "too large"),
        (VECTORS, [[1.5]], "no whole numbers, or too large"),
        (VECTORS, [[300]], "no whole numbers, or too large"),
        (NUMBERS, {"z": 1}, "lacks x and has z"),
        (IMAGES, [np.zeros((4, 4, 3))], "pixels are uint8"),
        (IMAGES, [np.zeros((4, 4, 2), np.uint8)], r"not \[4, 4, 2\]"),
        (IMAGES, "nowhere.jpg", "nowhere.jpg cannot be read: No such file"),
        (IMAGES, Path("/"), "is a folder: give its files"),
        (IMAGES, [5.0], "an image is a path"),
    ],
)
def test_what_cannot_be_sent_is_said_before_anything_is(signatures: Any, given: Any, words: str) -> None:
    server = Played(signatures)
    with pytest.raises(InputError, match=words):
        server.model().predict(given)
    assert server.asked == []


def test_texts_are_sent_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear")
    server = Played(TEXTS)
    server.model().predict(['a\n"b"', "é", b"\xff", tmp_path / "letter.txt", None, 5])
    assert server.sent == [['a\n"b"', "é", {"b64": "/w=="}, {"b64": "RGVhcg=="}, "", "5"]]
    server.model().predict({"text": ["a", "b"]})
    assert server.sent[-1] == ["a", "b"]


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 1), (2, 3, 3), (2, 3, 4)])
def test_arrays_become_pngs_of_the_same_pixels(shape: tuple[int, ...], tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    (tmp_path / "a.png").write_bytes(png(pixels))
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.png")), pixels.squeeze())


@pytest.mark.parametrize("mode", ["1", "P", "L", "LA", "RGB", "RGBA", "CMYK", "YCbCr", "F", "I;16"])
def test_images_of_any_mode_become_png(mode: str, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(file_of(Image.new("L", (3, 2), 200).convert(mode)))
    with Image.open(tmp_path / "a.png") as found:
        assert (found.size, found.mode in ("L", "RGB", "RGBA", "I;16")) == ((3, 2), True)


def test_a_photo_is_sent_upright() -> None:
    image, turned = Image.new("L", (3, 2)), Image.Exif()
    turned[0x0112] = 6
    image.getexif().update(turned)
    assert file_of(image)[16:24] == (2).to_bytes(4, "big") + (3).to_bytes(4, "big")


def test_texts_that_are_not_utf_8_are_answered_by_bytes() -> None:
    signature = Signature("upper", "tensorflow/serving/predict", (), (Tensor("upper", "DT_STRING", (-1,)),))
    rest = Rest(parsed("http://flowers:8501", None, version=None, label=None))
    found = rest.read_run(signature, b'{"outputs": ["HI", "\xff", {"b64": "/w=="}]}')
    assert found["upper"].tolist() == ["HI", b"\xff", b"\xff"]
