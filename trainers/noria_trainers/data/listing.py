"""What a folder or archive of examples holds. Made by `class_folder` and `archive`."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from noria_store.bounded import DAMAGED

LARGEST_BYTES = 64 << 20
"""Of one example; a larger file is not read."""
Labels = Mapping[str, str | None]
"""The label of each file by its name; none where it has none."""


LARGEST_NOTE = 16 << 20
_NOTES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")
_LIST = re.compile(
    r"(^|[/_ -])[a-z_ -]*(label|class|train|test|val|annotation|list|meta|truth)[a-z_ -]*\.txt$", re.IGNORECASE
)
"""How people call a list of files; there may be a text beside each image."""


def is_note(name: str, size: int) -> bool:
    """Whether the file may say what the others are."""
    is_named = name.lower().endswith(_NOTES) or _LIST.search(name) is not None
    return is_named and size <= LARGEST_NOTE


@dataclass(frozen=True)
class Member:
    """An example not yet read. `name` is its path below the source, `label` none where nothing gives one."""

    name: str
    label: str | None
    size: int
    read: Callable[[], bytes]
    held: bool = False
    """Whether it belongs to the source's hold-out."""


@dataclass(frozen=True)
class Listing:
    """The files of a folder or archive by their names, none of them read."""

    names: Sequence[str]
    members: Callable[[Labels], Iterator[Member]]
    """Each file with its label, in an order of its own; one of a tar must be read before the next is asked for."""
    notes: Mapping[str, Callable[[], bytes]]
    """Small files that may say what the others are, by their names."""
    empty: Sequence[str] = ()
    """Folders that hold no file."""
    outside: Sequence[str] = ()
    """Members of an archive that are left out because their names lead out of it."""
    links: Sequence[str] = ()
    """Links of an archive, which are left out."""
    encoding: str = ""
    """How the names were read, where an archive does not say how they are encoded."""

    def note(self, name: str) -> bytes:
        """The content of a note, empty where it is damaged or encrypted."""
        try:
            return self.notes[name]()
        except (*DAMAGED, RuntimeError):
            return b""
