"""Made-up examples are like those of a revision, and tell of none of them."""

import base64
import io
import math
from collections.abc import Sequence

import pyarrow as pa
import pytest
from PIL import Image

from noria.contract import ColumnType, Task
from noria_trainers.data.manifest import ImageShape, Manifest, Split, TableColumn
from noria_trainers.modality.image import made_up as image
from noria_trainers.modality.table import typical
from noria_trainers.modality.text import gibberish

SPLIT = Split(examples=1, shards=("a",))
MANIFEST = Manifest(
    task=Task.IMAGE_CLASSIFICATION, revision="4f", splits={"train": SPLIT, "validation": SPLIT, "holdout": SPLIT}
)


def shown(kind: ColumnType, values: Sequence[object]) -> object:
    """What a typical row has of a column with these values; `left out` where it has none."""
    kind_of = pa.float64() if kind is ColumnType.NUMERIC else pa.string()
    table = pa.table({"a column": pa.array(values, kind_of)})
    row = typical.made_up(table, (TableColumn(name="a column", type=kind),)).row
    assert row is not None
    return row.get("a column", "left out")


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        pytest.param(ColumnType.NUMERIC, [20.31, 21.77, 23.1234, 24.5, 26.9], 23.1, id="digits that matter"),
        pytest.param(ColumnType.NUMERIC, [31250, 40100, 52344, 61000, 75500], 52000, id="whole"),
        pytest.param(ColumnType.NUMERIC, [1.0, 2.0, 3.0, 4.0, 5.0], 3, id="small and whole"),
        pytest.param(ColumnType.NUMERIC, [0.00012, 0.00018, 0.00031], 0.00018, id="small"),
        pytest.param(ColumnType.NUMERIC, [7.125] * 9 + [1.0, 99.0], 7.125, id="nearly always the same"),
        pytest.param(ColumnType.NUMERIC, [None, None, None, 2.0], 2, id="mostly missing"),
        pytest.param(ColumnType.NUMERIC, [None, None], "left out", id="always missing"),
        pytest.param(ColumnType.NUMERIC, [-1e300, 0.0, 1e300], 0, id="enormous"),
        pytest.param(ColumnType.CATEGORICAL, ["red"] * 5 + ["blue"] * 4 + [None] * 9, "red", id="most frequent"),
        pytest.param(ColumnType.CATEGORICAL, ["Ann"] * 4 + ["Bob", "Eve"], "other", id="of too few"),
        pytest.param(ColumnType.TEXT, ["my own words"] * 9, "some words", id="text"),
    ],
)
def test_a_typical_value_is_usual_and_nobody_s_own(kind: ColumnType, values: list[object], expected: object) -> None:
    assert shown(kind, values) == expected


def test_a_typical_row_has_the_types_of_the_inputs_and_other_names_are_told() -> None:
    columns = (
        TableColumn(name="price (€)", type=ColumnType.NUMERIC),
        TableColumn(name="self", type=ColumnType.CATEGORICAL),
        TableColumn(name="gone", type=ColumnType.NUMERIC),
        TableColumn(name="kind", type=ColumnType.CATEGORICAL),
    )
    table = pa.table(
        {
            "price (€)": [0.1, 0.37, 0.9],
            "self": ["a", "b", "c"],
            "gone": pa.nulls(3, pa.float64()),
            "kind": pa.nulls(3, pa.string()),
        }
    )
    found = typical.made_up(table, columns)
    assert found.row == {"price (€)": 0.37, "self": "other"}
    assert {name: value for name, value in found.instance.items() if name != "gone"} == {
        "price____": 0.37,
        "column_self": "other",
        "kind": "",
    }
    assert math.isnan(found.instance["gone"])
    assert {name: values.dtype.kind for name, values in found.inputs.items()} == {
        "price____": "f",
        "column_self": "O",
        "gone": "f",
        "kind": "O",
    }
    assert found.renamed == {"price (€)": "price____", "self": "column_self"}


def test_images_are_of_the_usual_size_in_the_formats_that_are_used() -> None:
    shape = ImageShape(height=30, width=40, channels=3)
    manifest = MANIFEST.model_copy(update={"image": shape})
    found = image.made_up(manifest, [b"\x89PNG..", b"\xff\xd8\xff..", b"\x89PNG.."])
    opened = [Image.open(io.BytesIO(data)) for data in found.inputs["image_bytes"].tolist()]
    assert [(each.format, each.size, each.mode) for each in opened] == [
        ("JPEG", (40, 30), "RGB"),
        ("PNG", (40, 30), "RGB"),
    ]
    assert Image.open(io.BytesIO(base64.b64decode(found.instance["b64"]))).size == (1, 1)


def test_texts_are_as_long_as_usual_in_words_and_characters() -> None:
    manifest = MANIFEST.model_copy(update={"meta_features": {"textWordsMedian": 30.0, "textCharactersMedian": 210.0}})
    texts = gibberish.made_up(manifest).inputs["text"].tolist()
    assert {len(text.split()) for text in texts} == {30}
    assert all(180 <= len(text) <= 240 for text in texts)
    assert len(set(texts)) == len(texts)
