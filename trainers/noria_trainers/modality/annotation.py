"""Annotations of annotation tools beside images, which give no image one class. Used by `labelling`."""

from collections.abc import Sequence
from itertools import islice
from pathlib import PurePosixPath

from noria_trainers.data.listing import Listing
from noria_trainers.wording import listed

_MOST = 20
"""Files that are looked into."""
_BY_KEYS = (
    ("COCO", (b'"images"', b'"annotations"')),
    ("CreateML", (b'"annotations"', b'"coordinates"')),
    ("Labelbox", (b'"data_row"', b'"projects"')),
    ("LabelMe", (b'"shapes"', b'"imagePath"')),
    ("VGG Image Annotator", (b'"regions"', b'"filename"')),
    ("Label Studio", (b'"annotations"', b'"data"')),
    ("Label Studio", (b'"completions"', b'"data"')),
)
"""Keys of the JSON files that tools write."""
_JSON, _SHEETS = (".json", ".ndjson", ".jsonl"), (".xlsx", ".xls", ".ods")
_BESIDE = {".txt": "YOLO", ".xml": "Pascal VOC", ".json": "LabelMe"}
"""Whose files are called like the images, one for each."""


def found(listing: Listing, images: Sequence[str]) -> str:
    """The annotations' files and their format, as in `x.json (COCO)`; empty where there are none."""
    for name in islice((note for note in listing.notes if note.lower().endswith(_JSON)), _MOST):
        data = listing.note(name)
        for tool, keys in _BY_KEYS:
            if all(key in data for key in keys):
                return f"{name} ({tool})"
    stems = {PurePosixPath(name).stem for name in images}
    for suffix, tool in _BESIDE.items():
        files = [name for name in listing.names if name.lower().endswith(suffix)]
        beside = [name for name in files if PurePosixPath(name).stem in stems]
        if len(beside) > max(1, len(files) / 2):
            return f"{listed(beside, 1)} ({tool})"
    whole = next((name for name in listing.names if PurePosixPath(name).name.lower() == "annotations.xml"), None)
    return f"{whole} (CVAT)" if whole else ""


def sheet(listing: Listing) -> str | None:
    """A workbook beside the images."""
    return next((name for name in listing.names if name.lower().endswith(_SHEETS)), None)
