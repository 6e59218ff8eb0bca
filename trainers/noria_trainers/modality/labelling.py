"""What gives files their labels: their folders, a table beside them, or their names. Used by `class_file`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from noria_trainers.data.class_folder import label_by_name
from noria_trainers.data.listing import Labels, Listing
from noria_trainers.modality import annotation, label_name, label_table
from noria_trainers.modality.class_layout import are_classes, are_parts, are_splits
from noria_trainers.modality.label_table import LabelTable
from noria_trainers.profile.finding import Findings
from noria_trainers.wording import counted, listed

_LAYOUT = "a folder per class, or one CSV file with the columns file and label"


@dataclass(frozen=True)
class Labelling:
    """The label of each file of the source and of its hold-out."""

    own: Labels
    held: Labels
    tables: tuple[str, ...] = ()
    """The tables that gave them."""
    by_name: bool = False
    """Whether files' names did."""

    @property
    def by_folder(self) -> bool:
        """Whether folders did."""
        return not self.tables and not self.by_name


def find(
    own: Listing, held: Listing, suffixes: Sequence[str], *, tables_in: Path | None, findings: Findings
) -> Labelling | None:
    """The names of folders; where these are no classes a table's, or what files' names begin or end with; none, and an
    error, where something else is there that looks like labels.

    `tables_in` is where to unpack tables; none for files of which no table gives the labels.
    """
    folders = Labelling(label_by_name(own.names, suffixes), label_by_name(held.names, suffixes))
    if (scratch := tables_in) is None:
        return folders
    files = _with(own.names, suffixes)
    by_folder = {name: folders.own[name] for name in files}
    has_classes = are_classes(by_folder)
    if not files or (has_classes and not are_parts(by_folder)):
        return folders
    seen = label_table.tables(own, files, scratch)
    tables = [each for each in seen if not each.why]
    if len(tables) == 1:
        return _by_table(tables[0], own, held, suffixes, scratch=scratch, findings=findings)
    what = "" if seen else annotation.found(own, files)
    named = {} if seen or what else label_name.labels(files)
    if named and _are_better(named, by_folder, has_classes=has_classes):
        return _by_name(named, own, held, suffixes, findings)
    if has_classes:
        return folders
    if len(tables) > 1:
        names = [each.name for each in tables]
        words = f"{listed(names)} each give images a class: keep one table with all of them"
        findings.error(
            "LabelTable", f"{words}, or name the folder of one in source.uri and of another in holdout.uri", names
        )
    elif seen:
        why = "; ".join(f"{each.name} {each.why}" for each in seen)
        findings.error("LabelTable", f"{why}: give each image one class, by {_LAYOUT}", [each.name for each in seen])
    elif what:
        words = f"{what} annotates images, but gives none a class: export {_LAYOUT}"
        findings.error("Annotations", words)
    elif sheet := annotation.sheet(own):
        findings.error("Annotations", f"{sheet} may give images their classes, but is not read: export {_LAYOUT}")
    else:
        return folders
    return None


def _are_better(named: Mapping[str, str], by_folder: Labels, *, has_classes: bool) -> bool:
    """Whether labels in files' names say more than their folders: not where these are splits, or may be classes and one
    of the labels lies in a single folder, as the images of one patient do.
    """
    folders: dict[str, set[str | None]] = {}
    for name, label in named.items():
        folders.setdefault(label, set()).add(by_folder[name])
    if has_classes and any(len(each) == 1 for each in folders.values()):
        return False
    return not are_splits([*{str(by_folder[name]) for name in named}])


def _by_table(
    table: LabelTable, own: Listing, held: Listing, suffixes: Sequence[str], *, scratch: Path, findings: Findings
) -> Labelling:
    files, held_files = _with(own.names, suffixes), _with(held.names, suffixes)
    labels = table.of(files)
    of_held = [each for each in label_table.tables(held, held_files, scratch) if not each.why]
    held_labels = (of_held[0] if len(of_held) == 1 else table).of(held_files)
    missing = len(table.labels) - len(labels) - (0 if of_held else len(held_labels))
    if missing > 0:
        words = f"{counted(missing, 'row')} of {table.name} left out: no image is there for them, or several are"
        findings.warning("LabelTable", f"{words}; check the names of files", count=missing)
    return Labelling(
        {name: labels.get(name) for name in own.names},
        {name: held_labels.get(name) for name in held.names},
        (table.name, *(each.name for each in of_held)),
    )


def _by_name(
    named: Mapping[str, str], own: Listing, held: Listing, suffixes: Sequence[str], findings: Findings
) -> Labelling:
    first = {label: name for name, label in reversed([*named.items()])}
    shown = [f"{label} ({PurePosixPath(first[label]).name})" for label in sorted(first)]
    words = f"the classes are taken from the files' names: {listed(shown)}"
    findings.warning(
        "NamesAsClasses", f"{words}; if these are no classes, put images into one folder per class", [*first]
    )
    of_held = {name: label for name, label in label_name.labels(_with(held.names, suffixes)).items() if label in first}
    return Labelling(
        {name: named.get(name) for name in own.names}, {name: of_held.get(name) for name in held.names}, by_name=True
    )


def _with(names: Sequence[str], suffixes: Sequence[str]) -> list[str]:
    return [name for name in names if name.lower().endswith(tuple(suffixes))]
