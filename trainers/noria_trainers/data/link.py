"""Symbolic links below a folder on this machine. Used by `source`."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Links:
    """Links by their names below the folder."""

    folders: tuple[str, ...] = ()
    """That lead to a folder inside."""
    left_out: tuple[str, ...] = ()
    """That lead out of the folder, nowhere or around in a circle."""


def links(root: Path) -> Links:
    """The links below the folder; those that lead to a file inside are like the file itself."""
    folders, left_out = list[str](), list[str]()
    for path, inner, files in os.walk(root):
        for each in (Path(path, name) for name in (*inner, *files)):
            if not each.is_symlink():
                continue
            name = each.relative_to(root).as_posix()
            if not leads_inside(each, root) or _holds_itself(each):
                left_out.append(name)
            elif each.is_dir():
                folders.append(name)
    return Links(tuple(sorted(folders)), tuple(sorted(left_out)))


def leads_inside(path: Path, root: Path) -> bool:
    """Whether what is at the path, links followed, exists below the root."""
    return path.exists() and _real(path).is_relative_to(_real(root))


def _holds_itself(link: Path) -> bool:
    return _real(link.parent).is_relative_to(_real(link))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # Path.resolve raises where links go in a circle
