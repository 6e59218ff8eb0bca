"""Files of one text each: as UTF-8, whatever they are written in. Used by `reading`.

What encoding from before Unicode a file has is told by the words of all files: one has too few.
"""

import io
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from noria_trainers.data.encoding import foreign_words, wide_encoding
from noria_trainers.data.examples import digest, digests
from noria_trainers.data.legacy import encodings_of
from noria_trainers.data.spool import Spool
from noria_trainers.modality.class_file import ClassFiles, FileKind
from noria_trainers.modality.content import FoundSource
from noria_trainers.modality.record import Records
from noria_trainers.modality.text.name import FEATURE
from noria_trainers.profile import check
from noria_trainers.profile.finding import Findings
from noria_trainers.wording import counted, listed

_MOST_WORDS = 2_000
_SPOOL = "decoded"


@dataclass(frozen=True)
class TextFacts:
    """How a file is written."""

    wide: str | None = None
    """UTF-16 or UTF-32; none of other ones."""
    words: tuple[bytes, ...] = ()
    """Some that are not UTF-8, of a file that is not decoded."""


def read(data: bytes) -> tuple[bytes, TextFacts]:
    """The file in UTF-8 without a byte order mark, unless it is of an older encoding; raises ValueError where it is of
    none that is known."""
    if wide := wide_encoding(data[:4096]):
        try:
            return data.decode(wide).removeprefix("\ufeff").encode(), TextFacts(wide=wide.upper())
        except UnicodeError as error:
            raise ValueError(f"not {wide.upper()}, as it begins: save it as UTF-8") from error
    try:
        return data.decode("utf-8-sig").encode(), TextFacts()
    except UnicodeDecodeError:
        words = foreign_words(io.BytesIO(data))
    if not words:
        raise ValueError("not UTF-8 in some lines: save it as UTF-8")
    if not encodings_of(words):
        raise ValueError("not UTF-8, nor any other text that is known: save it as UTF-8")
    return data, TextFacts(words=tuple(words))


TEXT_FILE = FileKind("text", (".txt",), read, otherwise="if it is a table, set source.format to CSV")


def decoded(files: ClassFiles[TextFacts], source: FoundSource, findings: Findings) -> ClassFiles[TextFacts]:
    """The files with all texts in UTF-8, without those whose encoding may be several."""
    _warn(findings, files, {i: str(fact.wide) for i, fact in enumerate(files.facts) if fact.wide}, "")
    older = [i for i, fact in enumerate(files.facts) if fact.words]
    if not older:
        return files
    words = list(dict.fromkeys(word for i in older for word in files.facts[i].words))[:_MOST_WORDS]
    likely = encodings_of(words)
    if len(likely) == 1:
        ((encoding, text),) = likely
        _warn(findings, files, dict.fromkeys(older, encoding), f", in which {files.examples.name(older[0])} has {text}")
        return _stored(files, dict.fromkeys(older, encoding), np.arange(len(files.facts)), source)
    named = " or ".join(f"{name} ({text})" for name, text in likely)
    why = f"not UTF-8 but {named}: save it as UTF-8" if named else "not UTF-8: save it as UTF-8"
    lost = {files.examples.name(i): why for i in older}
    unfit = {"Unreadable": lost}
    check.left_out(findings, source.order.checks, total=len(files.facts), unit="file", unfit=unfit)
    return _stored(files, {}, np.setdiff1d(np.arange(len(files.facts)), older), source)


def _warn(findings: Findings, files: ClassFiles[TextFacts], encodings: dict[int, str], example: str) -> None:
    if not encodings:
        return
    names = [files.examples.name(i) for i in encodings]
    what = f"{counted(len(names), 'file')} not UTF-8 but seemingly {listed(sorted(set(encodings.values())))}{example}"
    findings.warning("OtherEncoding", f"{what}: read as such; if words are garbled, save them as UTF-8", names)


def _stored(
    files: ClassFiles[TextFacts], encodings: dict[int, str], kept: NDArray[np.int64], source: FoundSource
) -> ClassFiles[TextFacts]:
    """The files that are kept [k], those with an encoding decoded."""
    examples, hashed = files.examples, list[bytes]()
    with Spool(source.scratch / _SPOOL, FEATURE.stored) as spool:
        for i in kept.tolist():
            content = files.records.spool.read(i)
            if i in encodings:
                content = content.decode(encodings[i], "replace").encode()
            spool.append(content)
            hashed.append(digest(content))
    labels = files.records.labels[kept]
    chosen = replace(
        examples,
        name=lambda index: examples.name(int(kept[index])),
        labels=labels,
        digests=digests(hashed),
        given=None if examples.given is None else examples.given[kept],
    )
    return ClassFiles(chosen, Records(spool, labels), [files.facts[i] for i in kept.tolist()])
