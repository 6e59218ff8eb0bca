"""Files of images: whether one can be decoded, and what it is like. Called for every image, in threads.

The decoder of served models decides. What it cannot decode and Pillow can is converted to PNG.
"""

import io
import warnings
from contextlib import nullcontext
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from PIL import Image, ImageOps, UnidentifiedImageError

from noria_trainers.lazy import Lazy
from noria_trainers.modality.class_file import FileKind
from noria_trainers.modality.image.description import ImageFacts
from noria_trainers.modality.image.foreign import foreign

if TYPE_CHECKING:
    from noria_trainers.modality.image import look
else:
    look = Lazy("noria_trainers.modality.image.look")

LARGEST_PIXELS = 64_000_000
_LARGE_PIXELS = 4_000_000
_LARGE = BoundedSemaphore(2)
"""Images of more pixels are decoded by so many threads at a time: each takes some 20 bytes a pixel."""
_DECODABLE = ("JPEG", "MPO", "PNG", "GIF", "BMP", "DIB")
"""Formats that served models decode, or some files of them; MPO is how cameras write JPEG."""
_GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "F")
_DEEP_MODES = ("I;16", "I;16B", "I;16L", "I;16N")
_DEEPEST = 65535
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # LARGEST_PIXELS is stricter


def read(data: bytes) -> tuple[bytes, ImageFacts]:
    """The file, as PNG where it must be converted, and what it is like; raises ValueError, with why, where it cannot be
    decoded."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            pixels = image.width * image.height
            if pixels > LARGEST_PIXELS:
                raise ValueError(f"{image.width} x {image.height} pixels: make it smaller")
            with _LARGE if pixels > _LARGE_PIXELS else nullcontext():
                return _read(data, image)
    except ValueError:
        raise
    except UnidentifiedImageError as error:
        raise ValueError(foreign(data)) from error
    except Exception as error:  # damaged files make decoders raise anything
        raise ValueError(str(error) or type(error).__name__) from error


def _read(data: bytes, image: Image.Image) -> tuple[bytes, ImageFacts]:
    is_grey, content, converted = image.mode in _GREY_MODES, data, None
    try:
        if image.format not in _DECODABLE:
            raise ValueError(image.format)
        seen = look.look(data)
    except ValueError:
        content, converted = _plain(image), image.format
        seen = look.look(content)
    facts = ImageFacts(
        len(content), seen.height, seen.width, is_grey, seen.brightness, seen.contrast, seen.peak, converted
    )
    return content, facts


def _plain(image: Image.Image) -> bytes:
    """A PNG file of the first picture, upright, of as many bits."""
    image.load()
    upright = ImageOps.exif_transpose(image)
    file = io.BytesIO()
    if upright.mode in ("I", "F", *_DEEP_MODES):
        _deep(upright).save(file, "PNG")
    elif upright.has_transparency_data:
        upright.convert("RGBA").save(file, "PNG")
    else:
        upright.convert("L" if upright.mode in ("1", "L") else "RGB").save(file, "PNG")
    return file.getvalue()


def _deep(image: Image.Image) -> Image.Image:
    """With 16 bits; an image of 32 bits may hold no more."""
    if image.mode in _DEEP_MODES:
        return image
    low, high = image.getextrema()
    if image.mode == "F" or not 0 <= float(str(low)) <= float(str(high)) <= _DEEPEST:
        raise ValueError(f"{image.format} of 32 bits with values from {low} to {high}: save it with 8 or 16 bits")
    return image.convert("I;16")


IMAGE_FILE = FileKind(
    "image",
    (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".jfif", ".jpe", ".avif", ".jp2", ".ppm"),
    read,
    refused=(".heic", ".heif", ".svg", ".dcm"),
    is_key=True,
    has_tables=True,
    otherwise="or call them by their class, as cat_001.jpg; or add a CSV file with the columns file and label",
)
