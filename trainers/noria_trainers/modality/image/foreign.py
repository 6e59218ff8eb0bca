"""What a file is that people take for an image and that nothing here decodes. Used by `reading`."""

_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_HEIC = (
    "HEIC: convert it to JPEG, as `magick mogrify -format jpg *.HEIC` does; "
    "iPhones take JPEG with Settings > Camera > Formats > Most Compatible"
)
_MARKS = (
    (128, b"DICM", "DICOM: export it as PNG"),
    (0, b"%PDF", "PDF: export its pages as PNG"),
    (0, b"\x93NUMPY", "a NumPy array, not an image: save it as PNG"),
    (0, b"version https://git-lfs", "a Git LFS pointer, not an image: run git lfs pull"),
    (0, b"PK\x03\x04", "a zip archive, not an image: unpack it"),
)
_HEAD_BYTES = 1024


def foreign(data: bytes) -> str:
    """What it is, and what to do where that is known."""
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF:
        return _HEIC
    for place, mark, words in _MARKS:
        if data[place : place + len(mark)] == mark:
            return words
    head = data[:_HEAD_BYTES].lower()
    if b"<svg" in head:
        return "SVG: export it as PNG"
    if b"<html" in head or b"<!doctype html" in head:
        return "a web page, not an image: download the image itself"
    return "not an image"
