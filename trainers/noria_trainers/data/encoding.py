"""The encoding of a text file. Called by `csv_file` and `json_file`, for files of one text each by `text_file`."""

import codecs
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from noria.contract import ExitCode
from noria_store.error import StepError
from noria_trainers.data.file_rows import LONGEST, Remark
from noria_trainers.data.legacy import encodings_of
from noria_trainers.data.unpacked import opened
from noria_trainers.wording import counted

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
_MOST_WORDS, _MOST_OF_ONE = 2_000, 50
_SINGLE = ("cp1252", "cp1250", "cp1251")
"""Encodings of a byte for each character, which lines of a file of UTF-8 may have."""
_LEAST_MIXED = 0.1
"""Share of either kind of lines in a file that two programs wrote; a few others are damaged."""


class _Encoding(NamedTuple):
    """How to read a file."""

    name: str
    errors: str = "replace"
    remarks: tuple[Remark, ...] = ()


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

    @property
    def is_mixed(self) -> bool:
        """Whether both kinds of lines are more than damage."""
        return self.damaged > 1 and min(self.sound, self.damaged) > _LEAST_MIXED * (self.sound + self.damaged)


def open_text(path: Path, file: str) -> tuple[TextIO, tuple[Remark, ...]]:
    """The file as text with its own line ends, and a remark where it is not UTF-8.

    Raises StepError where its encoding is not known.
    """
    found = _encoding(lambda: opened(path, file), file)
    return io.TextIOWrapper(opened(path, file), found.name, errors=found.errors, newline=""), found.remarks


def foreign_words(content: BinaryIO) -> list[bytes]:
    """The first different words of an older encoding in a file that is not UTF-8; none where only few lines are not."""
    found = _not_unicode(lambda: content)
    return found.words[:_MOST_OF_ONE] if found.sound < found.damaged else []


def is_damaged(line: str) -> bool:
    """Whether bytes of the line are not UTF-8."""
    if line.isascii():
        return False
    try:
        line.encode()
    except UnicodeEncodeError:
        return True
    return False


def _encoding(content: Callable[[], BinaryIO], file: str) -> _Encoding:
    with content() as found:
        head = found.read(4096)
    wide = wide_encoding(head)
    if wide is not None:
        return _Encoding(wide, remarks=_remarks(f"{file} is {wide.upper()}, not UTF-8", "it is read as such"))
    if _is_utf8(content):
        return _Encoding(_UTF8, DAMAGED)
    if head.count(0) > len(head) // 100:
        raise StepError(ExitCode.BAD_DATA, "OtherKind", f"{file} is no text: save it as UTF-8, tables as CSV")
    lines = _not_unicode(content)
    likely = encodings_of(lines.words)
    if lines.is_mixed and len(likely) == 1 and likely[0][0] in _SINGLE:
        (name, text), count = likely[0], counted(lines.damaged, "line")
        what = f"{file} is UTF-8 but for {count} that seem to be {name}, in which line {lines.line} has {text}"
        return _Encoding(_UTF8, _errors(name), _remarks(what, "they are read as such"))
    if lines.sound >= lines.damaged:
        return _Encoding(_UTF8, DAMAGED)
    return _legacy(lines, likely, file)


def wide_encoding(head: bytes) -> str | None:
    """UTF-16 or UTF-32, by the first bytes of a file; none where these are of neither."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), None) or _wide_without_mark(head)


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


def _legacy(found: _NotUnicode, likely: list[tuple[str, str]], file: str) -> _Encoding:
    """The only encoding in which the words look like words; else all that they may be, for the owner to tell."""
    what = f"{file} is not UTF-8"
    if len(likely) == 1:
        (name, text), where = likely[0], f"line {found.line}"
        what = f"{what} but seems to be {name}, in which {where} has {text}"
        return _Encoding(name, remarks=_remarks(what, "it is read as such"))
    if not likely:
        raise StepError(ExitCode.BAD_DATA, "BadEncoding", f"{what}, nor any other text that is known: save it as UTF-8")
    named = ", ".join(f"{name} ({text})" for name, text in likely)
    cure = f"save it as UTF-8, for example: iconv -f {likely[0][0]} -t utf-8"
    raise StepError(ExitCode.BAD_DATA, "BadEncoding", f"{what}; line {found.line} may be {named}: {cure}")


def _remarks(what: str, how: str) -> tuple[Remark]:
    return (Remark("OtherEncoding", f"{what}: {how}; if words are garbled, save it as UTF-8"),)


def _errors(name: str) -> str:
    """The name by which codecs know what reads bytes that are not UTF-8 in that encoding."""
    return f"noria-{name}"


def _reads(encoding: str) -> Callable[[UnicodeError], tuple[str, int]]:
    def read(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        return error.object[error.start : error.end].decode(encoding, "replace"), error.end

    return read


for _name in _SINGLE:
    codecs.register_error(_errors(_name), _reads(_name))
