"""An object as a listing has it. Made by `local` and `s3`, used by `store`."""

from typing import NamedTuple


class Entry(NamedTuple):
    """An object that is not read yet."""

    key: str
    size: int
    mark: str
    """What tells its content from what was there before or comes after."""
