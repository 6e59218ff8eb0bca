"""The encoding of a text file. Called by `csv_file` and `json_file`."""

import codecs
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from noria.contract import ExitCode
from noria_store.error import StepError
from noria_trainers.data.file_rows import LONGEST, Remark
from noria_trainers.data.legacy import encodings_of
from noria_trainers.data.unpacked import opened

DAMAGED = "surrogateescape"
"""How bytes that are not UTF-8 are kept in the text, so that only their lines are lost."""
_UTF8 = "utf-8-sig"
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = 1 << 20
_MOST_WORDS = 2_000


@dataclass(frozen=True)
class _NotUnicode:
    """What is in a file that is not UTF-8."""

    sound: int
    """Lines of UTF-8 that are not ASCII."""
    damaged: int
    """Lines that are not UTF-8."""
    line: int
    """The first of these."""
    words: list[bytes]
    """The first different words that are not UTF-8."""


def open_text(path: Path, file: str) -> tuple[TextIO, tuple[Remark, ...]]:
    """The file as text with its own line ends, and a remark where it is not UTF-8.

    Raises StepError where its encoding is not known.
    """
    encoding, remarks = _encoding(lambda: opened(path, file), file)
    errors = DAMAGED if encoding == _UTF8 else "replace"
    return io.TextIOWrapper(opened(path, file), encoding, errors=errors, newline=""), remarks


def is_damaged(line: str) -> bool:
    """Whether bytes of the line are not UTF-8."""
    if line.isascii():
        return False
    try:
        line.encode()
    except UnicodeEncodeError:
        return True
    return False


def _encoding(content: Callable[[], BinaryIO], file: str) -> tuple[str, tuple[Remark, ...]]:
    with content() as found:
        head = found.read(4096)
    wide = next((name for mark, name in _MARKS if head.startswith(mark)), None) or _wide_without_mark(head)
    if wide is not None:
        return wide, (_remark(f"{file} is {wide.upper()}, not UTF-8", "it is read as such"),)
    if _is_utf8(content):
        return _UTF8, ()
    found_words = _not_unicode(content)
    if found_words.sound >= found_words.damaged:
        return _UTF8, ()
    return _legacy(found_words, file)


def _wide_without_mark(head: bytes) -> str | None:
    """UTF-16 of mostly Latin text has a zero in every second byte."""
    half = max(1, len(head) // 2)
    for name, zeros in (("utf-16-le", head[1::2].count(0)), ("utf-16-be", head[::2].count(0))):
        if zeros > 0.4 * half and head.count(0) < 1.2 * half:
            return name
    return None


def _is_utf8(content: Callable[[], BinaryIO]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with content() as found:
        try:
            while block := found.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _not_unicode(content: Callable[[], BinaryIO]) -> _NotUnicode:
    sound, numbers, words = 0, [], dict[bytes, None]()
    with content() as found:
        for number, line in enumerate(iter(lambda: found.readline(LONGEST), b""), 1):
            if line.isascii():
                continue
            try:
                line.decode()
                sound += 1
            except UnicodeDecodeError:
                numbers.append(number)
                if len(words) < _MOST_WORDS:
                    words.update(dict.fromkeys(word for word in _split(line) if not word.isascii()))
    return _NotUnicode(sound, len(numbers), min(numbers, default=0), list(words))


def _split(line: bytes) -> list[bytes]:
    return line.translate(bytes.maketrans(b',;|"', b"    ")).split()


def _legacy(found: _NotUnicode, file: str) -> tuple[str, tuple[Remark, ...]]:
    """The only encoding in which the words look like words; else all that they may be, for the owner to tell."""
    likely = encodings_of(found.words)
    what = f"{file} is not UTF-8"
    if len(likely) == 1:
        (name, text), where = likely[0], f"line {found.line}"
        return name, (_remark(f"{what} but seems to be {name}, in which {where} has {text}", "it is read as such"),)
    if not likely:
        raise StepError(ExitCode.BAD_DATA, "BadEncoding", f"{what}, nor any other text that is known: save it as UTF-8")
    named = ", ".join(f"{name} ({text})" for name, text in likely)
    cure = f"save it as UTF-8, for example: iconv -f {likely[0][0]} -t utf-8"
    raise StepError(ExitCode.BAD_DATA, "BadEncoding", f"{what}; line {found.line} may be {named}: {cure}")


def _remark(what: str, how: str) -> Remark:
    return Remark("OtherEncoding", f"{what}: {how}; if words are garbled, save it as UTF-8")
