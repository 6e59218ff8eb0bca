"""Files of images: whether one can be decoded. Called for every image, in threads."""

import io
import warnings

import numpy as np
from PIL import Image, UnidentifiedImageError

from noria_trainers.modality.class_file import FileKind
from noria_trainers.modality.image.description import ImageFacts

DECODABLE = ("JPEG", "MPO", "PNG", "GIF", "BMP")
"""What a SavedModel can decode too; MPO is how cameras write JPEG."""
LARGEST_PIXELS = 64_000_000
_GREY_MODES = ("1", "L", "LA", "I", "I;16", "F")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # LARGEST_PIXELS is stricter


def read(data: bytes) -> tuple[bytes, ImageFacts]:
    """The file as it is, and what it is like; raises ValueError, with why, where it cannot be decoded."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.format not in DECODABLE:
                raise ValueError(f"{image.format}: convert it to JPEG or PNG")
            if image.width * image.height > LARGEST_PIXELS:
                raise ValueError(f"{image.width} x {image.height} pixels: make it smaller")
            image.load()
            grey = np.asarray(image.convert("L"), np.float32) / 255
            is_grey = image.mode in _GREY_MODES
    except ValueError:
        raise
    except UnidentifiedImageError as error:
        raise ValueError("not an image") from error
    except Exception as error:  # damaged files make decoders raise anything
        raise ValueError(str(error) or type(error).__name__) from error
    height, width = grey.shape
    return data, ImageFacts(len(data), height, width, is_grey, float(grey.mean()), float(grey.std()))


IMAGE_FILE = FileKind("image", (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff"), read)
"""Files of formats that cannot be decoded count too: the message asks their owner to convert them."""
