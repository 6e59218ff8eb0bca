"""Gathers images or texts from folders, of which each is a class. Called by `examine`."""

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from noria.contract import Column, ProfileOrder, Task
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.data import source
from noria_trainers.data.examples import Examples, digest, digests
from noria_trainers.data.folder import LARGEST_BYTES, Member, members
from noria_trainers.data.manifest import ImageShape
from noria_trainers.data.parallel import in_order
from noria_trainers.data.shards import Spool
from noria_trainers.data.source import File
from noria_trainers.profile import check, image, text
from noria_trainers.profile.content import Gathered
from noria_trainers.profile.finding import Findings, counted, listed
from noria_trainers.profile.image import ImageFacts
from noria_trainers.progress import shown

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


@dataclass(frozen=True)
class Piles:
    """Every file, by what can be done with it."""

    good: list[Looked] = field(default_factory=list)
    """Without content, which is in the spool in the same order."""
    unlabelled: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Neither images nor texts, by their names."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """With why."""
    empty: dict[str, str] = field(default_factory=dict)


def gather(
    order: ProfileOrder, files: Sequence[File], store: Store, scratch: Path, findings: Findings
) -> Gathered | None:
    """All readable, labelled files; none, and an error, where there are none."""
    noun, suffixes, look = _KINDS[order.task]
    piles = Piles()
    with Spool(scratch / "examples", noun) as spool, members(files, store, scratch) as (total, found):
        looked = in_order(look, _fitting(found, suffixes, piles.others))
        _sort(shown(looked, what="checking", total=total, unit=noun + "s"), piles, spool)
    _tell(findings, order, piles, noun)
    if not piles.good:
        cure = f"put {noun}s ({', '.join(suffixes)}) into one folder per class below it"
        findings.error("NoExamples", f"{order.source.uri} has no readable, labelled {noun}s: {cure}")
        return None
    return _gathered(piles.good, spool, findings)


def _fitting(found: Iterator[Member], suffixes: Sequence[str], others: list[str]) -> Iterator[Member]:
    for member in found:
        if PurePosixPath(member.name).suffix.lower() in ("", *suffixes):
            yield member
        else:
            others.append(member.name)


def _sort(looked: Iterator[Looked], piles: Piles, spool: Spool) -> None:
    for each in looked:
        if each.label is None:
            piles.unlabelled.append(each.name)
        elif each.why:
            (piles.empty if each.why == _EMPTY else piles.unreadable)[each.name] = each.why
        else:
            spool.append(each.content)
            piles.good.append(replace(each, content=b""))


def _tell(findings: Findings, order: ProfileOrder, piles: Piles, noun: str) -> None:
    if piles.others:
        words = f"{counted(len(piles.others), 'file')} left out, no {noun}s: {listed(piles.others)}"
        findings.warning("OtherFiles", words, piles.others)
    if piles.unlabelled:
        cure = "put them into a folder named after their class"
        words = f"{counted(len(piles.unlabelled), 'file')} left out, in no class's folder: {listed(piles.unlabelled)}"
        findings.warning("NoClass", f"{words}; {cure}", piles.unlabelled)
    total = len(piles.good) + len(piles.unreadable) + len(piles.empty)
    left_out = {"Unreadable": piles.unreadable, "Empty": piles.empty}
    check.left_out(findings, order.checks, total=total, unit="file", found=left_out)


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


_KINDS: dict[Task, tuple[str, tuple[str, ...], Callable[[Member], Looked]]] = {
    Task.IMAGE_CLASSIFICATION: ("image", source.IMAGES, _image),
    Task.TEXT_CLASSIFICATION: ("text", source.TEXTS, _text),
}
"""What a folder of the task holds, how such files end, and how to look at one."""
