"""Names of a zip's members as people wrote them. Used by `archive`.

A zip marks names of UTF-8. Others are code page 437 by the format, but programs also write UTF-8 without the mark, or
the encoding of the machine.
"""

import re
import zipfile
from collections.abc import Sequence

from noria_trainers.data.encoding import encodings_of, looks_like_words
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


def read(infos: Sequence[zipfile.ZipInfo]) -> tuple[list[str], str]:
    """The name of each member, and a remark on their encoding, empty where there is no doubt of it."""
    raw = [
        info.filename.encode(_BY_FORMAT) for info in infos if not info.flag_bits & _MARK and not info.filename.isascii()
    ]
    encoding, remark = _encoding(raw)
    return [_posix(_decoded(info, encoding)) for info in infos], remark


def _decoded(info: zipfile.ZipInfo, encoding: str) -> str:
    marked = info.flag_bits & _MARK or encoding == _BY_FORMAT
    return info.filename if marked else info.filename.encode(_BY_FORMAT).decode(encoding)


def _encoding(raw: Sequence[bytes]) -> tuple[str, str]:
    try:
        b"\n".join(raw).decode()
        return "utf-8", ""
    except UnicodeDecodeError:
        pass
    words = [*dict.fromkeys(word for name in raw for word in _BETWEEN_WORDS.split(name) if not word.isascii())]
    shown = words[0].decode(_BY_FORMAT)
    if looks_like_words(words, _BY_FORMAT):
        return _BY_FORMAT, ""
    likely = encodings_of(words)
    likely = [each for each in likely if _is_common(words, each[0])] or likely
    cure = "if names are garbled, pack it again with names in UTF-8"
    if len(likely) == 1 and _decodes(raw, likely[0][0]):
        return likely[0][0], f"names are not UTF-8 but seem to be {likely[0][0]} ({likely[0][1]}): {cure}"
    may_be = f"; it may be {listed(f'{word} ({name})' for name, word in likely)}" if likely else ""
    return _BY_FORMAT, f"names are not UTF-8, {shown} for example{may_be}: {cure}"


def _is_common(words: Sequence[bytes], encoding: str) -> bool:
    """Whether all characters beyond ASCII are in daily use."""
    first, last = _COMMON.get(encoding, (0, 255))
    letters = {char for word in words for char in word.decode(encoding) if not char.isascii()}
    return all(first <= char.encode(encoding)[0] <= last for char in letters)


def _decodes(raw: Sequence[bytes], encoding: str) -> bool:
    try:
        b"\n".join(raw).decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _posix(name: str) -> str:
    """Some programs for Windows write backslashes between folders, against the format."""
    return name if "/" in name else name.replace("\\", "/")
