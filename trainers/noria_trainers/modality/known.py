"""The keys of a stored revision, whatever version wrote it. Called by `examine` and where revisions are compared."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from noria_trainers.data.examples import Examples
from noria_trainers.data.history import EARLIER, Earlier, History
from noria_trainers.data.manifest import SPLITS, SplitName, SplitRule
from noria_trainers.data.revision import Revision
from noria_trainers.data.split_keys import KeyedSplit, SplitKeys, digest_of, splits_from
from noria_trainers.modality.content import Matched
from noria_trainers.modality.modality import split_of
from noria_trainers.modality.table.split import TableSplit


def split_keys(revision: Revision, scratch: Path) -> SplitKeys:
    """The keys of the revision's examples, in the order of `StoredSplit.batches`.

    Where no file has them they are those of its shards; groups and times are then unknown.
    """
    manifest = revision.manifest
    divided = manifest.duplicates == "divided"
    rule = manifest.rule or SplitRule()
    if manifest.keys is not None:
        data = revision.beside(manifest.keys.name)
        if data is not None and digest_of(data) == manifest.keys.digest:
            return SplitKeys(**splits_from(data), rule=rule, columns=manifest.keys.columns, divided=divided)
    return SplitKeys(**_derived(revision, scratch), rule=rule, columns=manifest.columns, divided=divided)


def _derived(revision: Revision, scratch: Path) -> dict[SplitName, KeyedSplit]:
    """Made of the stored features, which are those that were hashed but for constant columns."""
    stored = [split_of(revision, name, scratch) for name in SPLITS]
    hashed = [each.digests() for each in stored]
    every = Examples(
        name=str,
        classes=revision.manifest.classes,
        labels=np.concatenate([each.labels for each in stored]),
        digests=np.concatenate(hashed),
        divided=revision.manifest.duplicates == "divided",
    )
    ends = np.cumsum([len(each) for each in hashed])[:-1]
    features = np.split(every.digests[:, 0], ends)
    keys = np.split(every.keys, ends)
    return {name: KeyedSplit(key, hashed) for name, key, hashed in zip(SPLITS, keys, features, strict=True)}


def history(revision: Revision, scratch: Path, matched: Matched | None) -> History:
    """How the revision and those before it divided examples; `matched` says by what rows of it are known again."""
    known = split_keys(revision, scratch)
    earlier = Earlier()
    for name in revision.names_beside():
        if name.startswith(EARLIER) and (data := revision.beside(name)) is not None:
            earlier += Earlier.from_bytes(data)
    found = History.of(known, earlier)
    if matched is None:
        return replace(found, features_only=revision.manifest.keys is None and bool(revision.manifest.columns))
    hashed = [TableSplit(revision, name, scratch).digests(matched.names)[:, 0] for name in SPLITS]
    return replace(found, features=np.concatenate(hashed), features_only=True)
