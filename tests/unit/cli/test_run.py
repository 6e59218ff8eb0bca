"""`noria run`: from files to a served model in one command, which can be given again."""

import json
import re
from pathlib import Path

import pytest
import tensorflow as tf

from noria.contract import ExitCode, Task
from noria_cli.__main__ import main


def command(data: Path, out: Path, *options: str) -> list[str]:
    task = ["--task", Task.TABULAR_CLASSIFICATION, "--target", "label"]
    return ["run", "--data", str(data), *task, "--out", str(out), *options]


def answers(version: Path) -> list[bytes]:
    model = tf.saved_model.load(str(version))
    inputs = {
        "size_of_marvin": tf.constant([3.0, -3.0]),
        "marvin_s_kind": tf.constant(["marvin-2", "marvin-1"]),
    }
    found = model.signatures["serving_default"](**inputs)
    best = tf.argmax(found["scores"], axis=1)
    return [names[index] for names, index in zip(found["classes"].numpy(), best.numpy(), strict=True)]


def test_from_a_file_to_a_model_again_without_training_and_on_to_the_next_version(
    table_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(command(table_file, out, "--trials", "1")) == 0
    told = capsys.readouterr().out
    assert f"--model_base_path={out}/model" in told
    card = re.search(r"^model card +(\S+)$", told, re.MULTILINE)
    assert card
    assert Path(card[1]).read_text().startswith("# Model card")
    assert answers(out / "model" / "1") == [b"zaphod", b"trillian"]

    first = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in out.rglob("*") if path.is_file()}
    assert main(command(table_file, out, "--trials", "1")) == 0
    assert capsys.readouterr().out == told
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in out.rglob("*") if path.is_file()} == first

    assert main(command(table_file, out, "--trials", "1", "--strategy", "Random", "--seed", "2")) == 0
    rows = re.findall(r"^(trial-\d) +([01]\.\d{4})  tabular-\S+", capsys.readouterr().out, re.MULTILINE)
    assert [name for name, _ in rows] == ["trial-1"]
    assert sorted(path.name for path in (out / "model").iterdir()) == ["1", "2"]
    assert {path: path.read_bytes() for path in first} == {path: content for path, (_, content) in first.items()}
    kept = [json.loads(path.read_text()) for path in (out / "experience").rglob("*.json")]
    assert sorted(result["protocol"]["seed"] for result in kept) == [0, 2]

    trained = {path: path.stat().st_mtime_ns for path in out.glob("runs/*/trial-*/*")}
    assert main(command(table_file, out, "--trials", "1", "--ensemble", "Never")) == 0
    assert "best-alone/card.md" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in out.glob("runs/*/trial-*/*")} == trained


def test_data_that_cannot_train_are_refused_with_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data.csv"
    data.write_text("size,label\n" + "".join(f"{n * 7 % 19},same\n" for n in range(200)))
    assert main(command(data, tmp_path / "out")) == ExitCode.BAD_DATA
    said = capsys.readouterr().err.splitlines()
    assert "    error: OneClass: all 200 examples are of class same: add examples of another class" in said
    assert not (tmp_path / "out" / "runs").exists()


def test_a_folder_that_is_not_there_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command(tmp_path / "nowhere", tmp_path / "out")) != 0
    said = capsys.readouterr().err
    assert "nowhere" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(("--holdout", "nowhere"), "error: NoHoldout: ", id="no such path"),
        pytest.param(("--holdout-column", "part"), "error: ColumnMissing: holdout.column is part", id="no such column"),
        pytest.param(("--holdout-fraction", "0.05"), "small: 0 in hold-out (1 needed)", id="a share that is too small"),
    ],
)
def test_what_is_held_out_is_as_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    data = tmp_path / "data.csv"
    data.write_text("x,at,label\n" + "".join(f"{n * 7 % 19},{n},{('small', 'large')[n > 9]}\n" for n in range(400)))
    assert main(command(data, tmp_path / "out", *options, "--column", "at=Time")) == ExitCode.BAD_DATA
    assert words in capsys.readouterr().err
