"""Archives and compressed files that would unpack to far more than they weigh, and honest ones that are read."""

import bz2
import gzip
import io
import lzma
import shutil
import struct
import tarfile
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from noria.contract import Artifact, ExitCode
from noria_store import bounded, verified
from noria_store.error import StepError
from noria_store.store import Store

HERE = Store.from_environment(environment={})
PACKERS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rule at a size that takes no time."""
    monkeypatch.setattr(bounded, "HARMLESS_BYTES", 1 << 20)


def tar(*members: tuple[tarfile.TarInfo, bytes], **options: object) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", **options) as archive:  # type: ignore[call-overload]  # options of any kind
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def sparse() -> bytes:
    """GNU's old format: a file of 4 GiB that is one hole, in a kilobyte."""
    info = tarfile.TarInfo("hole")
    info.type = tarfile.GNUTYPE_SPARSE
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[386:410] = b"00000000000\0" + b"00000000000\0"
    block[483:495] = b"40000000000\0"
    block[148:156] = b" " * 8
    block[148:156] = f"{sum(block):06o}\0 ".encode()
    return bytes(block) + bytes(1024)


def sparse_by_pax() -> bytes:
    info = tarfile.TarInfo("hole")
    info.pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": str(4 << 30), "GNU.sparse.numblocks": "1"}
    return tar((info, b"x"), format=tarfile.PAX_FORMAT)


def long_header(kind: bytes) -> bytes:
    """A header that says a name or an attribute of 256 MiB follows."""
    info = tarfile.TarInfo("header")
    info.type, info.size = kind, 256 << 20
    return info.tobuf() + bytes(2 << 20)


BOMBS: dict[str, bytes] = {
    "sparse": sparse(),
    "sparse by pax": sparse_by_pax(),
    "long name": long_header(tarfile.GNUTYPE_LONGNAME),
    "pax header": long_header(tarfile.XHDTYPE),
    "global pax header": long_header(tarfile.XGLTYPE),
    **{f"zeros in {name}": pack(tar((tarfile.TarInfo("x"), bytes(4 << 20)))) for name, pack in PACKERS.items()},
    "empty gzip members": gzip.compress(b"") + gzip.compress(tar((tarfile.TarInfo("x"), bytes(4 << 20)))),
}


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in BOMBS.items()])
def test_an_artifact_that_would_grow_without_measure_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.tar").write_bytes(data)
    artifact = Artifact(uri=str(tmp_path / "model.tar"), digest=f"sha256:{sha256(data).hexdigest()}")
    with pytest.raises(StepError, match=r"the artifact (unpacks to|has)") as found:
        verified.unpacked(artifact, tmp_path / "model", HERE)
    assert (found.value.exit_code, found.value.reason) == (ExitCode.BAD_DATA, "UnsafeArtifact")
    assert not (tmp_path / "model").exists()


def noise(size: int) -> bytes:
    """Bytes that hardly shrink, as those of weights."""
    return b"".join(sha256(struct.pack("I", number)).digest() for number in range(size // 32))


@pytest.mark.parametrize("pack", [bytes, *PACKERS.values()], ids=["plain", *PACKERS])
def test_an_honest_artifact_of_any_size_is_unpacked(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    content, long = noise(1200 << 10), "folder/" + "n" * 200
    (tmp_path / "model.tar").write_bytes(data := pack(tar((tarfile.TarInfo(long), content))))
    artifact = Artifact(uri=str(tmp_path / "model.tar"), digest=f"sha256:{sha256(data).hexdigest()}")
    folder = verified.unpacked(artifact, tmp_path / "model", HERE)
    assert (folder / long).read_bytes() == content


def test_a_disk_that_is_full_is_no_fault_of_the_artifact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space left"):
        verified.unpack(io.BytesIO(tar((tarfile.TarInfo("x"), b"x"))), tmp_path)


@pytest.mark.parametrize("module", [gzip, bz2, lzma])
def test_a_compressed_file_is_read_as_far_as_is_sane(module: object, tmp_path: Path) -> None:
    path = tmp_path / "rows"
    for content, is_sane in ((b"a,b\n" * 1000, True), (noise(1200 << 10), True), (b"a,b\n" * (1 << 20), False)):
        path.write_bytes(module.compress(content))  # type: ignore[attr-defined]  # all three have it
        with bounded.bounded(module.open(path), path.stat().st_size, "rows.gz") as unpacked:  # type: ignore[attr-defined]
            assert unpacked.read(3) == content[:3]
            unpacked.seek(0)
            if is_sane:
                assert b"".join(unpacked) == content
            else:
                with pytest.raises(StepError, match=r"rows\.gz unpacks to more than 1 MiB"):
                    b"".join(unpacked)


def zipped(path: Path, content: bytes, claimed: int | None = None) -> Path:
    """A zip of one file, that says it has another size."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cat/1.png", content)
    if claimed is not None:
        data = path.read_bytes().replace(struct.pack("<I", len(content)), struct.pack("<I", claimed))
        path.write_bytes(data)
    return path


def test_a_zip_is_refused_for_what_it_says_and_gives_no_more_than_that(tmp_path: Path) -> None:
    for content, claimed, is_sane in (
        (b"x" * 1000, None, True),
        (bytes(4 << 20), None, False),
        (bytes(4 << 20), 10, True),
    ):
        path = zipped(tmp_path / "x.zip", content, claimed)
        with zipfile.ZipFile(path) as archive:
            if not is_sane:
                with pytest.raises(StepError, match=r"x\.zip unpacks to more than 1 MiB"):
                    bounded.check_zip(archive, path.stat().st_size, "x.zip")
                continue
            bounded.check_zip(archive, path.stat().st_size, "x.zip")
            (member,) = archive.infolist()
            if claimed is None:
                assert bounded.member_bytes(archive, member) == content
            else:
                with pytest.raises(zipfile.BadZipFile):
                    bounded.member_bytes(archive, member)


def test_an_archive_of_too_many_members_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MOST_FILES", 2)
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(3):
            archive.writestr(f"cat/{number}.png", b"")
    with pytest.raises(StepError, match="more than 2 members"):
        bounded.Zip(path, "x.zip")


def test_a_list_of_members_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    size = bounded.MOST_DIRECTORY_BYTES + 1
    with path.open("wb") as file:
        file.truncate(size)
        file.seek(size)
        file.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, size, 0, 0))
    with pytest.raises(StepError, match=r"x\.zip has a list of members of 256 MiB: divide it") as found:
        bounded.Zip(path, "x.zip")
    assert found.value.reason == "UnsafeArchive"


def test_an_honest_zip_is_read_and_closed(tmp_path: Path) -> None:
    content = noise(3 << 20)
    path = zipped(tmp_path / "x.zip", content)
    with bounded.Zip(path, "x.zip") as archive:
        file = archive.fp
        assert bounded.member_bytes(archive, archive.infolist()[0]) == content
    assert file is not None
    assert file.closed
    path.write_bytes(b"PK\3\4 cut off")
    with pytest.raises(zipfile.BadZipFile):
        bounded.Zip(path, "x.zip")


class Dripping(io.BytesIO):
    """A stream that gives a byte at a time, as a slow server does."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(1, -1 if size is None else size))


def test_a_compressed_archive_that_comes_byte_by_byte_is_known() -> None:
    with bounded.open_tar(Dripping(gzip.compress(tar((tarfile.TarInfo("x"), b"1")))), "x.tgz") as archive:
        assert [member.name for member in archive] == ["x"]
