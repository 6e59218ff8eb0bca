"""Reads a source and finds out what it holds, before anything is written."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noria.contract import TASKS, ExitCode, Format, ProfileOrder, Source, replaced, shown
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.data import source
from noria_trainers.data.examples import Examples
from noria_trainers.data.format import DATA_FILES, infer_format
from noria_trainers.data.history import Earlier
from noria_trainers.data.manifest import SPLITS, Manifest, Split, SplitName, SplitRule
from noria_trainers.data.revision import Revision
from noria_trainers.data.source import File
from noria_trainers.data.split_keys import SplitKeys
from noria_trainers.data.splits import LEFT_OUT
from noria_trainers.modality import past
from noria_trainers.modality.content import FoundSource, Gathered
from noria_trainers.modality.modality import modality_of
from noria_trainers.profile import check, class_name, leakage, statistic
from noria_trainers.profile.division import divide
from noria_trainers.profile.finding import Findings
from noria_trainers.wording import counted, listed

REVISION_FORMAT = 1
"""Part of every revision's digest: raise it when the same examples would be written otherwise."""
REVISION_DIGITS = 16


@dataclass(frozen=True)
class DividedExamples:
    """Everything readable of a source, and which split each example is in."""

    order: ProfileOrder
    gathered: Gathered
    splits: NDArray[np.int8]
    """Indices into SPLITS [n]."""
    rule: SplitRule
    """How they came about."""
    earlier: Earlier = field(default_factory=Earlier)
    """What only earlier revisions had."""

    @cached_property
    def revision(self) -> str:
        """Digest of the examples, their division and everything of the order that forms the revision."""
        examples, order = self.gathered.examples, self.gathered.examples.order
        columns = [
            (column.name, column.type, *([column.spelling.to_json()] if column.spelling else []))
            for column in self.gathered.content.columns
        ]
        header = [REVISION_FORMAT, self.order.task, self.gathered.target, examples.classes, columns, *self._keyed]
        digest = hashlib.sha256(json.dumps(header).encode())
        for array, kind in ((examples.digests, "<u8"), (examples.labels, "<f8"), (self.splits, "i1")):
            digest.update(np.ascontiguousarray(array[order]).astype(kind).tobytes())
        return digest.hexdigest()[:REVISION_DIGITS]

    @property
    def _keyed(self) -> Iterator[str]:
        """What else the revision says of how its examples are known and divided."""
        if self.gathered.examples.lasting is not None:
            yield from (each.to_json() for each in self.gathered.keyed_by)
        if self.rule.group or self.rule.time:
            yield self.rule.to_json()

    @property
    def count(self) -> int:
        """Examples in all splits."""
        return int(np.count_nonzero(self.splits != LEFT_OUT))

    def chosen(self, split: SplitName) -> NDArray[np.int64]:
        """Indices [k] of the examples of a split, in the revision's order."""
        order = self.gathered.examples.order
        return np.asarray(order[self.splits[order] == SPLITS.index(split)])

    @cached_property
    def keys(self) -> SplitKeys:
        """The keys of the examples of each split, in the revision's order."""
        chosen = [self.chosen(name) for name in SPLITS]
        found = SplitKeys.of(self.gathered.examples, chosen, rule=self.rule)
        return replace(found, columns=self.gathered.keyed_by)

    def manifest(self) -> Manifest:
        """What the revision will say of itself, but for its shards. Meta-features see the training split only."""
        examples, content, train = self.gathered.examples, self.gathered.content, self.chosen("train")
        with np.errstate(all="ignore"):
            meta_features = {**statistic.common(examples, train), **content.meta_features(train)}
        counts = {name: examples.class_counts(self.splits == index) for index, name in enumerate(SPLITS)}
        return Manifest(
            task=self.order.task,
            revision=self.revision,
            classes=examples.classes,
            target=self.gathered.target,
            columns=content.columns,
            splits={
                name: Split(
                    examples=int(np.count_nonzero(self.splits == index)),
                    class_counts=dict(zip(examples.classes, counts[name].tolist(), strict=False)),
                    shards=(),
                )
                for index, name in enumerate(SPLITS)
            },
            meta_features={name: value for name, value in meta_features.items() if np.isfinite(value)},
            image=content.image(train),
            duplicates="divided" if examples.divided else None,
            rule=self.rule,
        )


@dataclass(frozen=True)
class Examined:
    """What was found out about a source."""

    order: ProfileOrder
    findings: Findings
    divided: DividedExamples | None
    """None where no examples could be made of the source."""

    @property
    def examples(self) -> Examples | None:
        """The examples, also of a source that is refused."""
        return self.divided.gathered.examples if self.divided else None

    @property
    def count(self) -> int:
        """Examples in all splits."""
        return self.divided.count if self.divided else 0

    @property
    def accepted(self) -> DividedExamples | None:
        """What a revision can be made of; none where the source is refused."""
        return None if self.findings.refused else self.divided


def examine(order: ProfileOrder, store: Store, scratch: Path, platform: Store | None = None) -> Examined:
    """Read the order's source from `store` and check it. Raises StepError where it cannot be read at all.

    The order's previous revision, if any, is in the store `platform`.
    """
    findings = Findings()
    previous = past.previous(order, platform, findings)
    gathered = _gather(order, store, scratch, findings, previous)
    if gathered is None:
        return Examined(order, findings, None)
    check.classes(findings, gathered.examples, order.checks)
    class_name.check(findings, gathered.examples)
    check.skew(findings, gathered.examples, TASKS[order.task].metrics)
    rare = not gathered.content.columns
    known = past.known(previous, gathered, scratch, findings)
    divided = divide(findings, gathered.examples, order, rare=rare, past=known)
    check.splits(findings, divided.examples, divided.splits, divided.least)
    check.duplicates(findings, divided.examples, divided.splits, rare=rare)
    examples = replace(gathered, examples=divided.examples)
    found = DividedExamples(order, examples, divided.splits, divided.rule, divided.earlier)
    leakage.check(findings, gathered.content.rows(found.chosen("train")), gathered.examples.classes, gathered.target)
    return Examined(order, findings, found)


def _gather(
    order: ProfileOrder, store: Store, scratch: Path, findings: Findings, previous: Revision | None
) -> Gathered | None:
    scratch.mkdir(parents=True, exist_ok=True)
    files = source.find(order.source, store, scratch)
    links = _links(order, findings)
    if not files:
        message = f"{shown(order.source.uri)} does not exist or is empty: upload examples there, or correct source.uri"
        if links:
            message = f"{shown(order.source.uri)} holds nothing but links that lead out of it: copy the files there"
        findings.error("NoExamples", message)
        return None
    held = _holdout(order, store, scratch, findings)
    places = {file.uri for file in held}
    own = [file for file in files if file.uri not in places]
    if not own:
        message = f"all files of {shown(order.source.uri)} are held out: correct source.uri or holdout.uri"
        findings.error("NoExamples", message)
        return None
    modality = modality_of(order.task)
    format_ = infer_format(order.source, modality.formats, own)
    if order.holdout_column and format_ is Format.IMAGE_FOLDER:
        words = "holdout.column needs rows, but the examples are files in folders: name their folder in holdout.uri"
        findings.error("HoldoutColumn", words)
    if held:
        held_format = infer_format(replaced(order.source, uri=order.holdout_uri), modality.formats, held)
        if held_format is not format_:
            words = f"holdout.uri holds {held_format}, but source.uri {format_}: give both in one format"
            findings.error("HoldoutFormat", words)
    if findings.refused:
        return None
    columns = past.columns_of(previous)
    endings = (*modality.suffixes, *DATA_FILES)
    with _unchanged({order.source.uri: files, str(order.holdout_uri): held}, endings, store, scratch):
        return modality.gather(FoundSource(order, own, format_, store, scratch, held, columns), findings)


@contextmanager
def _unchanged(
    found: Mapping[str, Sequence[File]], endings: tuple[str, ...], store: Store, scratch: Path
) -> Iterator[None]:
    """Raises StepError where the files found at each URI are others after the block, also instead of one raised there:
    half a file may look damaged. The only file counts, and those with the endings: there may be a log.
    """
    failure = None
    try:
        yield
    except StepError as error:
        failure = error
    for uri, files in found.items():
        names = source.changed(Source(uri=uri), files, store, scratch) if files else []
        only = files[0].name if len(files) == 1 else None
        names = [name for name in names if name == only or name.lower().endswith(endings)]
        if names:
            what = f"{counted(len(names), 'file')} of {shown(uri)} changed while the source was read: {listed(names)}"
            raise StepError(ExitCode.BAD_DATA, "SourceChanged", f"{what}; look again when the upload has finished")
    if failure is not None:
        raise failure


def _links(order: ProfileOrder, findings: Findings) -> list[str]:
    """The links of the source and its hold-out that are not followed, with a warning."""
    uris = [order.source.uri, *filter(None, [order.holdout_uri])]
    links = [name for uri in uris for name in source.links_left_out(uri)]
    if links:
        what = f"{counted(len(links), 'link')} left out, leading out of the folder, nowhere or back to it"
        findings.warning("Links", f"{what}: {listed(links)}; put the files themselves there", links)
    return links


def _holdout(order: ProfileOrder, store: Store, scratch: Path, findings: Findings) -> list[File]:
    """The files of the order's hold-out, if it names a source for it; an error where there are none."""
    if order.holdout_uri is None:
        return []
    folder = scratch / "holdout"
    folder.mkdir(exist_ok=True)
    files = source.find(Source(uri=order.holdout_uri), store, folder)
    if not files:
        message = f"{shown(order.holdout_uri)} does not exist or is empty: upload the examples to hold out, or correct"
        findings.error("NoHoldout", f"{message} holdout.uri")
    return files
