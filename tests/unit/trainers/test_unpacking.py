"""Sources that would unpack to far more than they weigh are refused in words, whatever they are packed with."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from noria.contract import ExitCode, ProfileOrder, Source, Task
from noria_store import bounded
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.examine import examine

ROWS = b"size,label\n" + b"1,a\n" * (1 << 20)


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cat/1.txt", content)
    return buffer.getvalue()


def tarred(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("cat/1.txt")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return gzip.compress(buffer.getvalue())


@pytest.mark.parametrize(
    ("name", "pack", "task"),
    [
        ("rows.csv.gz", gzip.compress, Task.TABULAR_CLASSIFICATION),
        ("rows.csv.bz2", bz2.compress, Task.TABULAR_CLASSIFICATION),
        ("rows.csv.xz", lzma.compress, Task.TABULAR_CLASSIFICATION),
        ("rows.jsonl.gz", gzip.compress, Task.TABULAR_CLASSIFICATION),
        ("rows.csv.zip", zipped, Task.TABULAR_CLASSIFICATION),
        ("texts.zip", zipped, Task.TEXT_CLASSIFICATION),
        ("texts.tar.gz", tarred, Task.TEXT_CLASSIFICATION),
        ("texts.tgz", tarred, Task.TEXT_CLASSIFICATION),
    ],
)
def test_a_bomb_is_refused(
    name: str, pack: Callable[[bytes], bytes], task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "HARMLESS_BYTES", 1 << 20)
    path = tmp_path / name
    path.write_bytes(pack(ROWS))
    order = ProfileOrder(task=task, source=Source(uri=str(path)), target="label", destination="", report="")
    with pytest.raises(StepError, match=rf"{name} unpacks to more than 1 MiB") as found:
        examine(order, Store.from_environment(environment={}), tmp_path / "scratch")
    assert (found.value.exit_code, found.value.reason) == (ExitCode.BAD_DATA, "UnsafeArchive")
