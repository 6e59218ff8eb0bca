"""Examples in folders: the sub folder's name is the label. Also in a zip or tar of such folders.

Used by `modality.class_file`.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from noria_store.store import Store
from noria_store.uri import is_s3
from noria_trainers.data import archive, member_name
from noria_trainers.data.listing import Labels, Listing, Member, is_note
from noria_trainers.data.source import ARCHIVES, File, is_hidden, local


@contextmanager
def listing(files: Sequence[File], store: Store, scratch: Path) -> Iterator[Listing]:
    """What the folder or archive holds."""
    if len(files) == 1 and files[0].name.lower().endswith(ARCHIVES):
        with archive.listing(local(files[0], store, scratch), files[0].uri) as found:
            yield found
        return

    def members(labels: Labels) -> Iterator[Member]:
        return (Member(file.name, labels[file.name], file.size, _reader(store, file.uri)) for file in files)

    notes = {file.name: _reader(store, file.uri) for file in files if is_note(file.name, file.size)}
    _, encoding = member_name.of_system([file.uri for file in files])
    yield Listing([file.name for file in files], members, notes, _empty_folders(files), encoding=encoding)


def label_by_name(names: Sequence[str], suffixes: Sequence[str] = ()) -> dict[str, str | None]:
    """Each name's label: its first folder below those that names with one of the suffixes share.

    Names with other endings, and a few above the folders of most, say nothing of where the folders of classes are.
    """
    parts = {name: PurePosixPath(name).parts for name in names}
    examples = [each for name, each in parts.items() if name.lower().endswith(tuple(suffixes))] or [*parts.values()]
    shared: tuple[str, ...] = ()
    while examples := [each for each in examples if len(each) > len(shared) + 1]:
        deeper = sum(len(each) > len(shared) + 2 for each in examples)
        if len({each[len(shared)] for each in examples}) > 1 or deeper <= len(examples) / 2:
            break
        shared = examples[0][: len(shared) + 1]
    return {name: _label(each, shared) for name, each in parts.items()}


def _label(parts: tuple[str, ...], shared: tuple[str, ...]) -> str | None:
    depth = len(shared)
    return parts[depth] if len(parts) > depth + 1 and parts[:depth] == shared else None


def _empty_folders(files: Sequence[File]) -> list[str]:
    """Folders on this machine without a file, beside those of the files."""
    if len(files) < 2 or is_s3(files[0].uri):
        return []
    root = Path(files[0].uri).parents[len(PurePosixPath(files[0].name).parts) - 1]
    names = sorted(
        name
        for path, folders, found in os.walk(root)
        if (name := Path(path).relative_to(root).as_posix()) != "."
        if not folders and not is_hidden(name) and all(is_hidden(each) for each in found)
    )
    return member_name.of_system(names)[0]


def _reader(store: Store, uri: str) -> Callable[[], bytes]:
    return lambda: store.read(uri)
