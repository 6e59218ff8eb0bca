"""Gathers images or texts from folders, of which each is a class. Called by `examine`."""

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from noria.contract import Column, ProfileOrder, Task
from noria_trainers.data import source
from noria_trainers.data.examples import Examples, digest, digests
from noria_trainers.data.folder import LARGEST_BYTES, Member, members
from noria_trainers.data.manifest import ImageShape
from noria_trainers.data.parallel import in_order
from noria_trainers.data.shards import Spool
from noria_trainers.data.source import File
from noria_trainers.error import StepError
from noria_trainers.profile import check, image, text
from noria_trainers.profile.content import Gathered
from noria_trainers.profile.finding import Findings, counted, listed
from noria_trainers.profile.image import ImageFacts
from noria_trainers.progress import shown
from noria_trainers.store import Store

SPLIT_NAMES = frozenset({"train", "training", "test", "testing", "val", "valid", "validation", "eval"})
_UNREADABLE = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError)
"""What a damaged or encrypted member of an archive and a file that cannot be decoded raise."""


@dataclass(frozen=True)
class Looked:
    """A file after a look at it: its content and facts, or why there are none."""

    name: str
    label: str | None
    content: bytes = b""
    facts: ImageFacts | bytes = b""
    """Of an image; the digest of a text."""
    why: str = ""


@dataclass(frozen=True)
class Files:
    """Images or texts on disk."""

    spool: Spool
    labels: NDArray[np.int64]
    facts: list[ImageFacts]
    """Of images; empty for texts."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """None."""
        return ()

    def meta_features(self, chosen: NDArray[np.int64]) -> dict[str, float]:
        """Numbers that describe the chosen examples."""
        if self.facts:
            return image.meta_features([self.facts[i] for i in chosen])
        return text.meta_features(self.spool.read(int(i)).decode() for i in chosen)

    def image(self, chosen: NDArray[np.int64]) -> ImageShape | None:
        """What the chosen images are like."""
        return image.typical([self.facts[i] for i in chosen]) if self.facts else None

    def shards(self, name: str, chosen: NDArray[np.int64], folder: Path) -> Iterator[Path]:
        """TFRecord files of the chosen examples."""
        return self.spool.shards(name, chosen, self.labels, folder)


def gather(
    order: ProfileOrder, files: Sequence[File], store: Store, scratch: Path, findings: Findings
) -> Gathered | None:
    """All readable, labelled files; none, and an error, where there are none."""
    is_image = order.task is Task.IMAGE_CLASSIFICATION
    suffixes, look = (source.IMAGES, _image) if is_image else (source.TEXTS, _text)
    noun = "image" if is_image else "text"
    good: list[Looked] = []
    unlabelled: list[str] = []
    left_out: dict[str, dict[str, str]] = {"Unreadable": {}, "Empty": {}}
    others: list[str] = []
    with Spool(scratch / "examples", noun) as spool, members(files, store, scratch) as (total, found):
        chosen = _fitting(found, suffixes, others)
        for each in shown(in_order(look, chosen), what="checking", total=total, unit=noun + "s"):
            if each.label is None:
                unlabelled.append(each.name)
            elif each.why:
                left_out["Empty" if each.why == _EMPTY else "Unreadable"][each.name] = each.why
            else:
                spool.append(each.content)
                good.append(Looked(each.name, each.label, facts=each.facts))
    if others:
        findings.warning("OtherFiles", f"{counted(len(others), 'file')} no {noun}s: {listed(others)}; left out", others)
    if unlabelled:
        cure = "put them into a folder named after their class"
        words = f"{counted(len(unlabelled), 'file')} in no class's folder, left out: {listed(unlabelled)}; {cure}"
        findings.warning("NoClass", words, unlabelled)
    readable = len(good) + sum(map(len, left_out.values()))
    check.left_out(findings, order.checks, total=readable, unit="file", found=left_out)
    if not good:
        cure = f"put {noun}s ({', '.join(suffixes)}) into one folder per class below it"
        findings.error("NoExamples", f"{order.source.uri} has no readable, labelled {noun}s: {cure}")
        return None
    return _gathered(good, spool, findings)


def _fitting(found: Iterator[Member], suffixes: Sequence[str], others: list[str]) -> Iterator[Member]:
    for member in found:
        if PurePosixPath(member.name).suffix.lower() in ("", *suffixes):
            yield member
        else:
            others.append(member.name)


def _gathered(good: list[Looked], spool: Spool, findings: Findings) -> Gathered:
    classes = tuple(sorted({str(each.label) for each in good}))
    if len(classes) > 1 and {name.lower() for name in classes} <= SPLIT_NAMES:
        words = f"the folders {listed(classes)} are splits, not classes; Noria splits by itself: name one in source.uri"
        findings.error("SplitFolders", words, classes)
    index = {name: number for number, name in enumerate(classes)}
    labels = np.asarray([index[str(each.label)] for each in good], np.int64)
    facts = [each.facts for each in good if isinstance(each.facts, ImageFacts)]
    found = [each.facts.digest if isinstance(each.facts, ImageFacts) else each.facts for each in good]
    examples = Examples(name=lambda i: good[i].name, classes=classes, labels=labels, digests=digests(found))
    return Gathered(examples, Files(spool, labels, facts))


_EMPTY = "empty"


def _looked(member: Member, facts: Callable[[bytes], tuple[bytes, ImageFacts | bytes]]) -> Looked:
    """Reads the member; what is wrong with it alone becomes its `why`, a store that fails ends the profile."""
    if member.label is None:
        return Looked(member.name, None)
    if member.size > LARGEST_BYTES:
        return Looked(member.name, member.label, why=f"larger than {LARGEST_BYTES >> 20} MiB")
    try:
        content = member.read()
        if not content.strip():
            return Looked(member.name, member.label, why=_EMPTY)
        return Looked(member.name, member.label, *facts(content))
    except StepError as error:
        if error.reason != "NotFound":
            raise
        return Looked(member.name, member.label, why="deleted meanwhile")
    except _UNREADABLE as error:
        return Looked(member.name, member.label, why=str(error))


def _image(member: Member) -> Looked:
    return _looked(member, lambda content: (content, image.look(content)))


def _text(member: Member) -> Looked:
    def decoded(content: bytes) -> tuple[bytes, bytes]:
        plain = content.decode("utf-8-sig").encode()
        return plain, digest(plain)

    return _looked(member, decoded)
