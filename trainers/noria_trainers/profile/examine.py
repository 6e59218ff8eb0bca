"""Reads a source and finds out what it holds, before anything is written.

Called by the profile step and by `noria-trainer upload`, so that both say the same.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noria.contract import ExitCode, Format, ProfileOrder, Task
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.data import source, splits, table
from noria_trainers.data.manifest import SPLITS, Manifest, Split, SplitName
from noria_trainers.profile import check, document, folder, statistic
from noria_trainers.profile import table as profile_table
from noria_trainers.profile.content import Gathered
from noria_trainers.profile.finding import Findings, listed

REVISION_FORMAT = 1
"""Part of every revision's digest: raise it when the same examples would be written otherwise."""
REVISION_DIGITS = 16


@dataclass(frozen=True)
class Examined:
    """What a source holds; `gathered` is none where nothing could be made of it."""

    order: ProfileOrder
    findings: Findings
    gathered: Gathered | None
    splits: NDArray[np.int8]

    @cached_property
    def revision(self) -> str:
        """Digest of the examples, their division and everything of the order that forms the revision."""
        assert self.gathered is not None
        examples, order = self.gathered.examples, self.gathered.examples.order
        columns = [(column.name, column.type) for column in self.gathered.content.columns]
        header = [REVISION_FORMAT, self.order.task, self.gathered.target, examples.classes, columns]
        found = hashlib.sha256(json.dumps(header).encode())
        for array, kind in ((examples.digests, "<u8"), (examples.labels, "<f8"), (self.splits, "i1")):
            found.update(np.ascontiguousarray(array[order]).astype(kind).tobytes())
        return found.hexdigest()[:REVISION_DIGITS]

    def chosen(self, split: SplitName) -> NDArray[np.int64]:
        """The examples of a split, in the revision's order."""
        assert self.gathered is not None
        order = self.gathered.examples.order
        return np.asarray(order[self.splits[order] == SPLITS.index(split)])

    def manifest(self) -> Manifest:
        """What the revision will say of itself, but for its shards. Meta-features see the training split only."""
        assert self.gathered is not None
        examples, content, train = self.gathered.examples, self.gathered.content, self.chosen("train")
        with np.errstate(all="ignore"):
            found = {**statistic.common(examples, train), **content.meta_features(train)}
        counts = splits.class_counts(self.splits, examples.class_index, max(1, len(examples.classes)))
        return Manifest(
            task=self.order.task,
            revision=self.revision,
            classes=examples.classes,
            target=self.gathered.target,
            columns=content.columns,
            splits={
                name: Split(
                    examples=int(counts[:, i].sum()),
                    class_counts=dict(zip(examples.classes, counts[:, i].tolist(), strict=False)),
                    shards=(),
                )
                for i, name in enumerate(SPLITS)
            },
            meta_features={name: value for name, value in found.items() if np.isfinite(value)},
            image=content.image(train),
        )


def examine(order: ProfileOrder, store: Store, scratch: Path) -> Examined:
    """Read the order's source from `store` and check it. Raises StepError where it cannot be read at all."""
    findings = Findings()
    gathered = _gather(order, store, scratch, findings)
    if gathered is None:
        return Examined(order, findings, None, np.zeros(0, np.int8))
    examples, shares = gathered.examples, splits.Shares(order.holdout_fraction)
    check.classes(findings, examples, order.checks)
    if examples.times is not None:
        found = splits.by_time(examples.times, shares)
    else:
        keys = examples.digests[:, 0] if examples.groups is None else examples.groups
        found = splits.by_hash(keys, examples.class_index, shares, order.checks.min_examples_per_class)
    check.splits(findings, examples, found, order.checks, shares)
    check.duplicates(findings, examples, found, rare=not gathered.content.columns)
    return Examined(order, findings, gathered, found)


def _gather(order: ProfileOrder, store: Store, scratch: Path, findings: Findings) -> Gathered | None:
    scratch.mkdir(parents=True, exist_ok=True)
    files = source.find(order.source, store, scratch)
    if not files:
        words = f"{order.source.uri} does not exist or is empty: upload examples there, or correct source.uri"
        findings.error("NoExamples", words)
        return None
    format_ = source.infer_format(order.source, order.task, files)
    if format_ is Format.IMAGE_FOLDER:
        if order.task not in (Task.IMAGE_CLASSIFICATION, Task.TEXT_CLASSIFICATION):
            words = (
                f"{order.task} is read from CSV, Parquet or JSON lines, not from folders: correct task or source.format"
            )
            raise StepError(ExitCode.BAD_ORDER, "BadFormat", words)
        return folder.gather(order, files, store, scratch, findings)
    rows = table.read(_of_format(files, format_, findings), format_, store, scratch)
    if not len(rows.table):
        findings.error("NoExamples", f"{order.source.uri} has no rows: upload some, or correct source.uri")
        return None
    names = rows.table.column_names
    absent = [column.name for column in order.columns if column.name not in names]
    if absent:
        findings.error(
            "ColumnMissing",
            f"declared in columns but not there: {listed(absent)}; there is {listed(names, 20)}",
            absent,
        )
    if order.task is Task.TEXT_CLASSIFICATION:
        return document.gather(order, rows, scratch, findings)
    return profile_table.gather(order, rows, findings)


def _of_format(files: list[source.File], format_: Format, findings: Findings) -> list[source.File]:
    """The files whose name tells the format; a single file may have any name."""
    fitting = [file for file in files if file.name.lower().endswith(source.TABLES[format_])]
    if len(files) == 1 or not fitting:
        return files
    others = [file.name for file in files if file not in fitting]
    if others:
        findings.warning("OtherFiles", f"not {format_}, left out: {listed(others)}", others)
    return fitting
