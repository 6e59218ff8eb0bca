"""`noria predict` asks noria-server: rows keep their columns, and files are examples."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from noria_cli.__main__ import main

ROWS = {"rows.csv": "price (€),価格,self,note\n3.5,2,abc,kept\n0.25,,12.5,\n"}
TEXTS = {"mails.csv": "id,text\n1,a\n2,words and words\n"}


@pytest.mark.parametrize(
    ("model", "given", "options", "scored"),
    [
        pytest.param(
            "rows", ROWS, (),
            "price (€),価格,self,note,prediction,score\n3.5,2,abc,kept,euro,3.5\n0.25,,12.5,,length,4.0\n",
            id="classes of rows",
        ),
        pytest.param(
            "rows", ROWS, ("--scores",),
            "price (€),価格,self,note,prediction,score_euro,score_yen,score_length\n"
            "3.5,2,abc,kept,euro,3.5,2.0,3.0\n0.25,,12.5,,length,0.25,-1.0,4.0\n",
            id="all scores",
        ),
        pytest.param(
            "row_values", ROWS, (),
            "price (€),価格,self,note,prediction\n3.5,2,abc,kept,4.5\n0.25,,12.5,,5.25\n",
            id="numbers of rows",
        ),
        pytest.param(
            "row_values", {"rows.jsonl": '{"price (€)": 3.5, "価格": 2, "self": "abc", "tags": ["x"]}\n'}, (),
            'price (€),価格,self,tags,prediction\n3.5,2,abc,"[""x""]",4.5\n',
            id="a list is kept and not sent",
        ),
        pytest.param(
            "clicks", {"rows.csv": "price (€)\n0.25\n0.5\n"}, (),
            "price (€),prediction\n0.25,0.25\n0.5,0.5\n",
            id="clicks",
        ),
        pytest.param(
            "texts", TEXTS, (),
            "id,text,prediction,score\n1,a,short,10.0\n2,words and words,long,15.0\n",
            id="a table of texts",
        ),
        pytest.param(
            "texts", {"a.txt": "a", "b.txt": "words and words"}, (),
            "file,prediction,score\na.txt,short,10.0\nb.txt,long,15.0\n",
            id="texts of files",
        ),
        pytest.param(
            "pictures", {"blue.png": 2, "red.png": 0}, (),
            "file,prediction,score\nblue.png,blue,90.0\nred.png,red,90.0\n",
            id="pictures",
        ),
    ],
)  # fmt: skip
def test_examples_are_answered_beside_their_columns(
    server: Any, tmp_path: Path, model: str, given: dict[str, Any], options: tuple[str, ...], scored: str
) -> None:
    folder, out = tmp_path / "in", tmp_path / "scored.csv"
    folder.mkdir()
    for name, content in given.items():
        if isinstance(content, str):
            (folder / name).write_text(content)
        else:
            pixels = np.zeros((2, 2, 3), np.uint8)
            pixels[..., content] = 90
            Image.fromarray(pixels).save(folder / name)
    url = f"http://127.0.0.1:{server.rest}"
    assert main(["predict", model, "--in", str(folder), "--out", str(out), "--url", url, *options]) == 0
    assert out.read_text() == scored
