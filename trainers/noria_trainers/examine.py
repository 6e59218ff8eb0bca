"""Reads a source and finds out what it holds, before anything is written.

Called by the profile step and by `noria upload`, so that both say the same.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noria.contract import ProfileOrder
from noria_store.store import Store
from noria_trainers.data import source, splits
from noria_trainers.data.format import infer_format
from noria_trainers.data.manifest import SPLITS, Manifest, Split, SplitName
from noria_trainers.modality.content import FoundSource, Gathered
from noria_trainers.modality.modality import modality_of
from noria_trainers.profile import check, statistic
from noria_trainers.profile.finding import Findings

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
    modality = modality_of(order.task)
    format_ = infer_format(order.source, modality.formats, files)
    return modality.gather(FoundSource(order, files, format_, store, scratch), findings)
