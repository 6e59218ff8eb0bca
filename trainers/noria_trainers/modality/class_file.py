"""Gathers files that hold one example each and lie in a folder per class."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import PurePosixPath
from typing import Generic, TypeVar

import numpy as np

from noria_store.bounded import DAMAGED
from noria_store.error import StepError
from noria_trainers.data.class_folder import listing
from noria_trainers.data.examples import Examples, digest, digests
from noria_trainers.data.listing import LARGEST_BYTES, Listing, Member
from noria_trainers.data.parallel import in_order
from noria_trainers.data.splits import HOLDOUT, UNDECIDED
from noria_trainers.data.spool import Spool
from noria_trainers.modality import class_layout, labelling
from noria_trainers.modality.content import HELD, FoundSource
from noria_trainers.modality.record import SPOOL, Records
from noria_trainers.profile import check
from noria_trainers.profile.finding import Findings
from noria_trainers.progress import shown
from noria_trainers.wording import counted, listed

_UNREADABLE = (*DAMAGED, RuntimeError, OSError, ValueError)
"""What a damaged or encrypted member of an archive and a file that cannot be decoded raise."""
_EMPTY = "empty"
Facts = TypeVar("Facts")
"""What is kept of a file to describe the dataset."""


@dataclass(frozen=True)
class FileKind(Generic[Facts]):
    """A kind of file: its noun, its endings and how to read one."""

    noun: str
    suffixes: tuple[str, ...]
    read: Callable[[bytes], tuple[bytes, Facts]]
    """From a file's bytes to those that are stored, and facts; raises ValueError, with why, where it is unreadable."""
    refused: tuple[str, ...] = ()
    """Endings of files that cannot be read: `read` says what to do."""
    is_key: bool = False
    """Whether the file makes the key, and not what is stored, which another version may convert to other bytes."""
    has_tables: bool = False
    """Whether a table beside the files may give their labels."""
    otherwise: str = ""
    """What to do where the source is no folder of such files."""


@dataclass(frozen=True)
class CheckedFile(Generic[Facts]):
    """A file that was read: its content and facts, or why there are none."""

    name: str
    label: str | None
    held: bool = False
    content: bytes = b""
    digest: bytes = b""
    facts: tuple[Facts, ...] = ()
    """One; none of a file that was not read."""
    why: str = ""


@dataclass(frozen=True)
class CheckedFiles(Generic[Facts]):
    """Every file, by what can be done with it."""

    labelled: list[CheckedFile[Facts]] = field(default_factory=list)
    """Without content, which is in the spool in the same order."""
    unlabelled: list[str] = field(default_factory=list)
    unfit: list[str] = field(default_factory=list)
    """Of another kind, by their names."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """With why."""
    empty: dict[str, str] = field(default_factory=dict)
    _lost: set[str | None] = field(default_factory=set)
    """The labels of those that cannot be read."""

    @property
    def labels(self) -> set[str | None]:
        """The labels of all files that are examples, read or not."""
        return {each.label for each in self.labelled} | self._lost

    def add(self, file: CheckedFile[Facts], spool: Spool) -> None:
        """Sort the file into one of the lists."""
        if file.label is None:
            self.unlabelled.append(file.name)
        elif file.why:
            (self.empty if file.why == _EMPTY else self.unreadable)[file.name] = file.why
            self._lost.add(file.label)
        else:
            spool.append(file.content)
            self.labelled.append(replace(file, content=b""))


@dataclass(frozen=True)
class ClassFiles(Generic[Facts]):
    """All readable, labelled files."""

    examples: Examples
    records: Records
    facts: list[Facts]
    """Of each file."""


def gather(source: FoundSource, kind: FileKind[Facts], findings: Findings) -> ClassFiles[Facts] | None:
    """All readable, labelled files; none, and an error, where there are none."""
    files: CheckedFiles[Facts] = CheckedFiles()
    suffixes = (*kind.suffixes, *kind.refused)
    with Spool(source.scratch / SPOOL, kind.noun) as spool, _listings(source) as (own, held):
        scratch = source.scratch if kind.has_tables else None
        labels = labelling.find(own, held, suffixes, tables_in=scratch, findings=findings)
        if labels is None:
            return None
        every = chain(own.members(labels.own), map(_held, held.members(labels.held)))
        checked = in_order(lambda member: _checked(member, kind), _fitting(every, suffixes, files.unfit))
        total = len(own.names) + len(held.names)
        for each in shown(checked, what="checking", total=total, unit=kind.noun + "s"):
            files.add(each, spool)
    for packed in (own, held):
        class_layout.warn_of_members(packed, findings)
    _report(files, kind.noun, source, labels.tables, findings)
    if not files.labelled:
        cure = class_layout.cure_for(own, kind.noun, kind.suffixes, kind.otherwise)
        if files.unreadable or files.empty:
            cure = "correct or replace the files that are named"
        findings.error("NoExamples", f"{source.uri} has no readable, labelled {kind.noun}s: {cure}")
        return None
    if labels.by_folder:
        class_layout.warn_of_empty_folders(own, suffixes, kind.noun, files.labels, findings)
    return _class_files(files.labelled, spool, findings)


@contextmanager
def _listings(source: FoundSource) -> Iterator[tuple[Listing, Listing]]:
    """What the source and its hold-out hold."""
    with (
        listing(source.files, source.store, source.scratch) as own,
        listing(source.held, source.store, source.scratch) as held,
    ):
        yield own, held


def _held(member: Member) -> Member:
    return replace(member, name=f"{HELD} {member.name}", held=True)


def _fitting(every: Iterator[Member], suffixes: Sequence[str], unfit: list[str]) -> Iterator[Member]:
    """The members whose name has one of the suffixes, or none; the names of others go into `unfit`."""
    for member in every:
        if PurePosixPath(member.name).suffix.lower() in ("", *suffixes):
            yield member
        else:
            unfit.append(member.name)


def _checked(member: Member, kind: FileKind[Facts]) -> CheckedFile[Facts]:
    """Reads the member; a fault of the file becomes its `why`, a fault of the store ends the profile run."""
    if member.label is None:
        return CheckedFile(member.name, None)
    if member.size > LARGEST_BYTES:
        return CheckedFile(member.name, member.label, why=f"larger than {LARGEST_BYTES >> 20} MiB")
    try:
        data = member.read()
        if not data.strip():
            return CheckedFile(member.name, member.label, why=_EMPTY)
        content, facts = kind.read(data)
        hashed = digest(data if kind.is_key else content)
        return CheckedFile(member.name, member.label, member.held, content, hashed, (facts,))
    except StepError as error:
        if error.reason != "NotFound":
            raise
        return CheckedFile(member.name, member.label, why="deleted during the profile run")
    except _UNREADABLE as error:
        return CheckedFile(member.name, member.label, why=str(error))


def _report(
    files: CheckedFiles[Facts], noun: str, source: FoundSource, tables: Sequence[str], findings: Findings
) -> None:
    unfit = [name for name in files.unfit if name.removeprefix(f"{HELD} ") not in tables]
    if unfit:
        message = f"{counted(len(unfit), 'file')} left out, not {noun}s: {listed(unfit)}"
        findings.warning("OtherFiles", message, unfit)
    if files.unlabelled:
        where, cure = "not in the folder of a class", "put them into a folder named after their class"
        if tables:
            where, cure = f"without a class in {listed(tables)}", "add a row for each that has one"
        message = f"{counted(len(files.unlabelled), 'file')} left out, {where}: {listed(files.unlabelled)}"
        findings.warning("NoClass", f"{message}; {cure}", files.unlabelled)
    total = len(files.labelled) + len(files.unreadable) + len(files.empty)
    left_out = {"Unreadable": files.unreadable, "Empty": files.empty}
    check.left_out(findings, source.order.checks, total=total, unit="file", unfit=left_out)


def _class_files(files: list[CheckedFile[Facts]], spool: Spool, findings: Findings) -> ClassFiles[Facts]:
    classes = tuple(sorted({str(each.label) for each in files}))
    class_layout.check_classes(classes, [(each.name, str(each.label)) for each in files if not each.held], findings)
    index = {name: number for number, name in enumerate(classes)}
    labels = np.asarray([index[str(each.label)] for each in files], np.int64)
    held = np.asarray([each.held for each in files])
    examples = Examples(
        name=lambda i: files[i].name,
        classes=classes,
        labels=labels,
        digests=digests([each.digest for each in files]),
        given=np.where(held, HOLDOUT, UNDECIDED).astype(np.int8) if held.any() else None,
    )
    return ClassFiles(examples, Records(spool, labels), [fact for each in files for fact in each.facts])
