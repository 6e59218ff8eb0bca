"""An image of the user's as the bytes of a file. Used by `plan`."""

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noria_client.error import InputError

_COLOURS = {1: 0, 3: 2, 4: 6}
"""Colour type of PNG by channels."""


def is_pil(given: Any) -> bool:
    """Whether it is an image of Pillow's, which need not be installed."""
    return type(given).__module__.partition(".")[0] == "PIL" and hasattr(given, "getbands")


def file_of(given: Any) -> bytes:
    """The bytes of an image file: of a path, of bytes, of an array [h, w] or [h, w, c] or of a PIL image.

    Raises InputError.
    """
    if isinstance(given, bytes | bytearray | memoryview):
        return bytes(given)
    if isinstance(given, str | os.PathLike):
        return _read(Path(given))
    if is_pil(given):
        return _png_of_pil(given)
    if isinstance(given, np.ndarray):
        return png(given)
    raise InputError(f"an image is a path, bytes, an array or a PIL image, not {type(given).__name__}")


def png(pixels: NDArray[Any]) -> bytes:
    """A PNG file of pixels uint8 [h, w], [h, w, 1], [h, w, 3] or [h, w, 4]. Raises InputError."""
    whole = pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
    if whole.ndim != 3 or whole.shape[2] not in _COLOURS or 0 in whole.shape:
        raise InputError(f"an image is an array [height, width] or [height, width, 3], not {list(pixels.shape)}")
    if whole.dtype != np.uint8:
        raise InputError(
            f"pixels are uint8 from 0 to 255, not {whole.dtype}: for 0 to 1, (255 * image).astype('uint8')"
        )
    height, width, channels = whole.shape
    head = struct.pack(">IIBBBBB", width, height, 8, _COLOURS[channels], 0, 0, 0)
    lines = np.zeros((height, 1 + width * channels), np.uint8)  # each begins with its filter: none
    lines[:, 1:] = whole.reshape(height, -1)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except IsADirectoryError as error:
        raise InputError(f"{path} is a folder: give its files, sorted(Path({str(path)!r}).glob('*.jpg'))") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def _png_of_pil(image: Any) -> bytes:
    """Upright, as the EXIF block of the file that it was opened from says."""
    from PIL import ImageOps  # installed, since the image is one of its own

    upright, written = ImageOps.exif_transpose(image), io.BytesIO()
    is_clear = "A" in upright.getbands() or "transparency" in upright.info
    kept = upright if upright.mode in ("L", "RGB", "RGBA", "I;16") else upright.convert("RGBA" if is_clear else "RGB")
    kept.save(written, "PNG")
    return written.getvalue()
