"""Names of files that are not marked as UTF-8, as people wrote them. Used by `archive` and `source`.

A zip marks names of UTF-8. Others are code page 437 by the format, but programs also write UTF-8 without the mark, or
the encoding of the machine; so do programs that pack a tar or unpack a zip.
"""

import os
import re
import zipfile
from collections.abc import Sequence

from noria_trainers.data.legacy import encodings_of, looks_like_words
from noria_trainers.wording import listed

_MARK = 0x800
_BY_FORMAT = "cp437"
_BETWEEN_WORDS = re.compile(rb"[\x00-\x3f]+")
"""Bytes that are no part of a letter in any encoding."""
_COMMON = {
    "cp932": (0x82, 0x97),
    "euc_jp": (0xA4, 0xCF),
    "gb18030": (0xB0, 0xD7),
    "big5": (0xA4, 0xC6),
    "euc_kr": (0xB0, 0xC8),
}
"""The first bytes of the characters that are in daily use: Kana, Hangul and the first level of Han characters."""


def of_zip(infos: Sequence[zipfile.ZipInfo]) -> tuple[list[str], str]:
    """The name of each member, and a remark on their encoding, empty where there is no doubt of it."""
    raw = [
        info.filename.encode(_BY_FORMAT) for info in infos if not info.flag_bits & _MARK and not info.filename.isascii()
    ]
    if raw and not _is_utf8(raw) and looks_like_words(_words(raw), _BY_FORMAT):
        return [_posix(info.filename) for info in infos], ""
    encoding, remark = _encoding(raw)
    return [_posix(_decoded(info, encoding or _BY_FORMAT)) for info in infos], remark


def of_system(names: Sequence[str]) -> tuple[list[str], str]:
    """The names of a tar or a file system without what stands for bytes that are not UTF-8, and a remark on them."""
    parts = {part for name in names if not name.isascii() for part in os.fsencode(name).split(b"/")}
    encoding, remark = _encoding(sorted(part for part in parts if not _is_utf8([part])))
    return [_readable(name, encoding or "ascii") for name in names], remark


def _readable(name: str, encoding: str) -> str:
    if name.isascii():
        return name
    parts = os.fsencode(name).split(b"/")
    return "/".join(part.decode("utf-8" if _is_utf8([part]) else encoding, "backslashreplace") for part in parts)


def _decoded(info: zipfile.ZipInfo, encoding: str) -> str:
    marked = info.flag_bits & _MARK or encoding == _BY_FORMAT
    return info.filename if marked else info.filename.encode(_BY_FORMAT).decode(encoding)


def _encoding(raw: Sequence[bytes]) -> tuple[str | None, str]:
    """The encoding of the names, none where it is not known, and what to say of it."""
    if _is_utf8(raw):
        return "utf-8", ""
    words = _words(raw)
    likely = encodings_of(words)
    likely = [each for each in likely if _is_common(words, each[0])] or likely
    cure = "if they are garbled, name them in UTF-8 and pack an archive again"
    if len(likely) == 1 and _decodes(raw, likely[0][0]):
        return likely[0][0], f"names are not UTF-8 but seem to be {likely[0][0]} ({likely[0][1]}): {cure}"
    may_be = f", but may be {listed(f'{name} ({word})' for name, word in likely)}" if likely else ""
    return None, f"names are not UTF-8{may_be}: {cure}"


def _words(raw: Sequence[bytes]) -> list[bytes]:
    return [*dict.fromkeys(word for name in raw for word in _BETWEEN_WORDS.split(name) if not word.isascii())]


def _is_common(words: Sequence[bytes], encoding: str) -> bool:
    """Whether all characters beyond ASCII are in daily use."""
    first, last = _COMMON.get(encoding, (0, 255))
    letters = {char for word in words for char in word.decode(encoding) if not char.isascii()}
    return all(first <= char.encode(encoding)[0] <= last for char in letters)


def _is_utf8(raw: Sequence[bytes]) -> bool:
    return _decodes(raw, "utf-8")


def _decodes(raw: Sequence[bytes], encoding: str) -> bool:
    try:
        b"\n".join(raw).decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _posix(name: str) -> str:
    """Some programs for Windows write backslashes between folders, against the format."""
    return name if "/" in name else name.replace("\\", "/")
