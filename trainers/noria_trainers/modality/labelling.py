"""What gives files their labels: their folders, or a table beside them. Used by `class_file`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from noria_trainers.data.class_folder import label_by_name
from noria_trainers.data.listing import Labels, Listing
from noria_trainers.modality import annotation, label_table
from noria_trainers.modality.class_layout import are_classes, are_parts
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
    """The tables that gave them; none where folders did."""


def find(
    own: Listing, held: Listing, suffixes: Sequence[str], *, tables_in: Path | None, findings: Findings
) -> Labelling | None:
    """The names of folders, or a table's where these are no classes; none, and an error, where something else is there
    that looks like labels.

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
    elif what := annotation.found(own, files):
        words = f"{what} annotates images, but gives none a class: export {_LAYOUT}"
        findings.error("Annotations", words)
    else:
        return folders
    return None


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


def _with(names: Sequence[str], suffixes: Sequence[str]) -> list[str]:
    return [name for name in names if name.lower().endswith(tuple(suffixes))]
