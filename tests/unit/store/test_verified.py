"""Artifacts are used whole and as they were meant, or not at all. What may be in an archive: `test_puller`."""

import io
import tarfile
from hashlib import sha256
from pathlib import Path

import pytest

from noria.contract import Artifact, ExitCode
from noria_store import verified
from noria_store.error import StepError
from noria_store.store import Store

HERE = Store.from_environment(environment={})


def artifact(path: Path, data: bytes, digest: str = "") -> Artifact:
    path.write_bytes(data)
    return Artifact(uri=str(path), digest=f"sha256:{digest or sha256(data).hexdigest()}")


def archive(**content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def test_a_file_is_copied_when_its_digest_fits(tmp_path: Path) -> None:
    wanted = artifact(tmp_path / "weights", b"w" * 3_000_000)
    found = verified.download(wanted, tmp_path / "new" / "copy", HERE)
    assert verified.digest(found) == wanted.digest
    assert [path.name for path in found.parent.iterdir()] == ["copy"]


def test_a_file_with_another_digest_leaves_nothing(tmp_path: Path) -> None:
    wrong = artifact(tmp_path / "weights", b"other", "0" * 64)
    with pytest.raises(StepError, match=f"has the digest sha256:.* not {wrong.digest}: look again") as found:
        verified.download(wrong, tmp_path / "new" / "copy", HERE, cure="look again", exit_code=ExitCode.BAD_ORDER)
    assert (found.value.exit_code, found.value.reason) == (ExitCode.BAD_ORDER, "DigestMismatch")
    assert list((tmp_path / "new").iterdir()) == []


def test_an_archive_replaces_what_was_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    for content in ({"old": b"1"}, {"new": b"2"}):
        verified.unpacked(artifact(tmp_path / "model.tar", archive(**content)), folder, HERE)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"new": b"2"}


def test_an_archive_with_another_digest_leaves_no_folder(tmp_path: Path) -> None:
    wrong = artifact(tmp_path / "model.tar", archive(x=b"1"), "0" * 64)
    with pytest.raises(StepError, match="correct the digest"):
        verified.unpacked(wrong, tmp_path / "model", HERE)
    assert not (tmp_path / "model").exists()
