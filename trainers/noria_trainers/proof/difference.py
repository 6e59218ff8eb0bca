"""What makes a candidate answer other questions than the served version. Used by `steps.prove`."""

from collections.abc import Iterator, Sequence

from noria.contract import ProvenVersion
from noria_trainers.data.manifest import Manifest
from noria_trainers.modality.table.raw import Raw
from noria_trainers.wording import listed

MOST = 20
"""Differences that are listed."""


def differences(
    candidate: ProvenVersion, served: ProvenVersion, given: Manifest, known: Manifest
) -> tuple[tuple[str, ...], bool]:
    """In sentences what only a person can decide about, and whether both can answer the same examples all the same.

    `given` and `known` are the manifests of the candidate's and of the served version's revisions. Classes that the
    candidate has in addition are no difference.
    """
    if candidate.task is not served.task or given.task is not known.task:
        return (f"its task is {candidate.task}, not {served.task}",), False
    found = []
    if candidate.metric is not served.metric:
        found.append(f"its metric is {candidate.metric}, not {served.metric}")
    if given.target != known.target:
        found.append(f"its target is column {given.target}, not {known.target}")
    gone = [name for name in known.classes if name not in given.classes]
    if gone:
        added = [name for name in given.classes if name not in known.classes]
        found.append(f"it lacks {_classes(gone)}" + (f" and has {_classes(added)} instead" if added else ""))
    columns = list(_columns(given, known))
    lost = [words for words, is_lost in columns if is_lost]
    found += [words for words, _ in columns]
    return tuple(found[:MOST]), not lost and given.target == known.target


def _classes(names: Sequence[str]) -> str:
    return f"{'class' if len(names) == 1 else 'classes'} {listed(names)}"


def _columns(given: Manifest, known: Manifest) -> Iterator[tuple[str, bool]]:
    """What differs, and whether the served version cannot be asked for it."""
    before, after = ({each.name: each for each in manifest.columns} for manifest in (known, given))
    asked, asking = (Raw(manifest.columns) for manifest in (known, given))
    inputs, others = asked.signature(), asking.signature()
    for name, column in before.items():
        if name not in after:
            yield f"it does not take column {name}", True
        elif after[name].type is not column.type:
            yield f"its column {name} is {after[name].type}, not {column.type}", True
        elif others[asking.names[name]].dtype != inputs[asked.names[name]].dtype:
            kinds = (spec.dtype.name for spec in (others[asking.names[name]], inputs[asked.names[name]]))
            yield f"its column {name} takes {' instead of '.join(kinds)}", False
    for name in after.keys() - before.keys():
        yield f"it takes column {name} in addition", False
