"""The keys of a stored revision, whatever version wrote it. Called by `past` and where revisions are compared."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noria_store.verified import digest_of
from noria_trainers.data.examples import Examples
from noria_trainers.data.history import EARLIER, Earlier, History, file_name
from noria_trainers.data.manifest import SPLITS, SplitName, SplitRule
from noria_trainers.data.revision import Revision
from noria_trainers.data.split_keys import APART, KeyedSplit, SplitKeys, splits_from
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


def comparable_keys(revisions: Sequence[Revision], scratch: Path) -> tuple[SplitKeys, ...]:
    """The keys of each revision, made of what all of them store where they have keys of different columns.

    They stay incomparable where that does not tell apart rows that differ.
    """
    found = tuple(split_keys(each, scratch) for each in revisions)
    if all(each.is_comparable(found[0]) for each in found):
        return found
    columns = [{(each.name, each.type): each for each in revision.manifest.columns} for revision in revisions]
    shared = tuple(column for key, column in columns[0].items() if all(key in each for each in columns))
    if not shared:
        return found
    hashed = [_hashed(each, [column.name for column in shared], scratch) for each in revisions]
    if any(map(_loses, found, hashed)):
        return found
    return tuple(each.keyed_by(shared, features) for each, features in zip(found, hashed, strict=True))


def _hashed(revision: Revision, names: Sequence[str], scratch: Path) -> list[NDArray[np.uint64]]:
    """Hash of the values in these columns of each split's rows [n]."""
    return [TableSplit(revision, name, scratch).digests(names)[:, 0] for name in SPLITS]


def _loses(known: SplitKeys, hashed: Sequence[NDArray[np.uint64]]) -> bool:
    """Whether rows that differ have the same hash."""
    before = len(np.unique(np.concatenate([each.features for each in known.all])))
    return len(np.unique(np.concatenate(hashed))) < APART * before


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


def history(revision: Revision, scratch: Path, matched: Matched | None) -> History | None:
    """How the revision and those before it divided examples; `matched` says by what rows of it are known again.

    None where that does not tell apart rows that differ.
    """
    known = split_keys(revision, scratch)
    found = History.of(known, earlier(revision))
    if matched is None:
        return replace(found, features_only=revision.manifest.keys is None and bool(revision.manifest.columns))
    hashed = _hashed(revision, matched.names, scratch)
    if _loses(known, hashed):
        return None
    return replace(found, features=np.concatenate(hashed), features_only=True)


def earlier(revision: Revision) -> Earlier:
    """What the revision's folder says of examples that only revisions before it had."""
    found = Earlier()
    for name in revision.names_beside():
        data = revision.beside(name) if name.startswith(EARLIER) else None
        if data is not None and file_name(data) == name:
            found += Earlier.from_bytes(data)
    return found
