"""Files of rows as bytes, unpacked where they are compressed. What a file is follows from its first bytes: names lie.

Called by `encoding`.
"""

import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from noria.contract import ExitCode
from noria_store.bounded import Zip, bounded, check_zip, opener_of
from noria_store.error import StepError
from noria_trainers.data.source import is_hidden
from noria_trainers.wording import listed

_SAVE = "save the table as CSV"
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "an Excel or other Office file", _SAVE),
    (b"PAR1", "a Parquet file", "name it .parquet, or set source.format to Parquet"),
    (b"ARROW1", "an Arrow or Feather file", "save the table as Parquet"),
    (b"FEA1", "a Feather file", "save the table as Parquet"),
    (b"ORC", "an ORC file", "save the table as Parquet"),
    (b"Obj\x01", "an Avro file", "save the table as Parquet"),
    (b"\x89HDF", "an HDF5 file", _SAVE),
    (b"SQLite format 3", "an SQLite database", "save one table of it as CSV"),
    (b"\x93NUMPY", "a NumPy file", _SAVE),
    (b"\x80\x04\x95", "a pickle of Python", "save the table as CSV or Parquet"),
    (b"\x80\x05\x95", "a pickle of Python", "save the table as CSV or Parquet"),
    (b"X\n\0\0\0", "a file of R", "save the table with write.csv"),
    (b"RDX2\nX\n", "a file of R", "save the table with write.csv"),
    (b"RDX3\nX\n", "a file of R", "save the table with write.csv"),
    (b"$FL2", "an SPSS file", _SAVE),
    (b"<stata_dta>", "a Stata file", _SAVE),
    (b"@relation", "an ARFF file of Weka", _SAVE),
    (b"@RELATION", "an ARFF file of Weka", _SAVE),
    (b"%PDF", "a PDF document", _SAVE),
    (b"{\\rtf", "an RTF document", "save it as plain text"),
    (b"\x89PNG", "a PNG image", "put images into one folder per class, and use task ImageClassification"),
    (b"\xff\xd8\xff", "a JPEG image", "put images into one folder per class, and use task ImageClassification"),
    (b"Rar!", "a RAR archive", "unpack it, or pack it as zip"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it, or pack it as zip"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "unpack it, or compress it with gzip"),
    (b"\x04\x22\x4d\x18", "compressed with lz4", "unpack it, or compress it with gzip"),
    (b"\xff\x06\0\0sNaPpY", "compressed with Snappy", "unpack it, or compress it with gzip"),
    (b"\x1f\x9d", "compressed with compress", "unpack it, or compress it with gzip"),
    (b"PK\x05\x06", "a zip without files", "pack it again"),
    (b"PK\x07\x08", "a part of a zip", "unpack it, or pack it as one zip"),
    (b"version https://git-lfs.github.com/", "a pointer of Git LFS", "fetch the file itself with git lfs pull"),
)
"""First bytes of files that hold no rows of text, what such a file is, and what to do."""
_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<([!?][^>]*|[a-z][\w:.-]*(\s[^>]*)?)>(?!\s*[,;\t|])", re.IGNORECASE)
"""How HTML and XML begin. A first column may be called `<TICKER>`."""
_TAR_AT = 257
"""Where in its first bytes a tar archive says what it is."""
_OFFICE = {"xl/": "an Excel workbook", "word/": "a Word document", "content.xml": "an OpenDocument file"}


def opened(path: Path, file: str) -> BinaryIO:
    """The file's text as bytes. Raises StepError where it is a file of another kind; `file` is how to call it."""
    with path.open("rb") as raw:
        head = raw.read(512)
    if head.startswith(b"PK\x03\x04"):
        return _member(path, file)
    if opener := opener_of(head):
        unpacked = bounded(cast(BinaryIO, opener(path)), path.stat().st_size, file)
        _refuse_packed(unpacked.read(512), file)
        unpacked.seek(0)
        return unpacked
    _refuse_foreign(head, file)
    return path.open("rb")


def _member(path: Path, file: str) -> BinaryIO:
    """The only file in a zip."""
    try:
        archive = Zip(path, file)
    except zipfile.BadZipFile as error:
        message = f"{file} is a damaged zip or Excel file: {error}; upload it again, tables as CSV"
        raise StepError(ExitCode.BAD_DATA, "BadFile", message) from error
    names = [info.filename for info in archive.infolist() if not info.is_dir() and not is_hidden(info.filename)]
    for part, what in _OFFICE.items():
        if any(name.startswith(part) for name in names):
            raise _other_kind(file, what, _SAVE)
    if len(names) != 1:
        raise _other_kind(file, f"a zip of {len(names)} files ({listed(names)})", "unpack it and use one of them")
    if PurePosixPath(names[0]).suffix.lower() in (".zip", ".gz"):
        raise _other_kind(file, f"an archive with another one in it, {names[0]}", "unpack it")
    check_zip(archive, path.stat().st_size, file)
    member = archive.open(names[0])
    _refuse_packed(member.read(512), file)
    member.seek(0)
    return cast(BinaryIO, member)


def _refuse_packed(head: bytes, file: str) -> None:
    """The same for what was unpacked."""
    if opener_of(head) or head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise _other_kind(file, "an archive with another one in it", "unpack it")
    if head.startswith(b"PAR1"):
        raise _other_kind(file, "a Parquet file that is compressed as a whole", "unpack it, and name it .parquet")
    _refuse_foreign(head, file)


def _refuse_foreign(head: bytes, file: str) -> None:
    for magic, what, cure in _FOREIGN:
        if head.startswith(magic):
            raise _other_kind(file, what, cure)
    if head[_TAR_AT:].startswith(b"ustar"):
        raise _other_kind(file, "a tar archive", "unpack it and use one of its files")
    if _PAGE.match(head) or head.lstrip().lower().startswith((b"<!doctype", b"<?xml")):
        raise _other_kind(file, "an HTML or XML page", "download the file itself; such a page often asks to sign in")


def _other_kind(file: str, what: str, cure: str) -> StepError:
    return StepError(ExitCode.BAD_DATA, "OtherKind", f"{file} is {what}: {cure}")
