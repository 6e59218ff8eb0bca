"""Whether an image can be decoded, and what it is like. Called by the profile for every image, in threads."""

import io
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from noria_trainers.data.examples import digest
from noria_trainers.data.manifest import ImageShape
from noria_trainers.profile.statistic import spread

DECODABLE = ("JPEG", "MPO", "PNG", "GIF", "BMP")
"""What a SavedModel can decode too; MPO is how cameras write JPEG."""
LARGEST_PIXELS = 64_000_000
_GREY_MODES = ("1", "L", "LA", "I", "I;16", "F")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # LARGEST_PIXELS is stricter


@dataclass(frozen=True)
class ImageFacts:
    """What the profile remembers of an image."""

    digest: bytes
    size: int
    height: int
    width: int
    is_grey: bool
    brightness: float
    """Mean of the grey values, 0 to 1."""
    contrast: float
    """Their standard deviation."""


def look(data: bytes) -> ImageFacts:
    """Decodes the image; raises ValueError with the reason where it cannot be."""
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
        raise ValueError("no image") from error
    except Exception as error:  # damaged files make decoders raise anything
        raise ValueError(str(error) or type(error).__name__) from error
    height, width = grey.shape
    return ImageFacts(digest(data), len(data), height, width, is_grey, float(grey.mean()), float(grey.std()))


def typical(facts: list[ImageFacts]) -> ImageShape:
    """The median size; grey where all are."""
    height, width = (int(np.median([getattr(each, side) for each in facts])) for side in ("height", "width"))
    return ImageShape(height=height, width=width, channels=1 if all(each.is_grey for each in facts) else 3)


def meta_features(facts: list[ImageFacts]) -> dict[str, float]:
    """Sizes, colour and light of the training images."""

    def values(name: str) -> NDArray[np.float64]:
        return np.asarray([getattr(each, name) for each in facts], np.float64)

    height, width = values("height"), values("width")
    return {
        "imageGreyShare": float(values("is_grey").mean()),
        "imageSizes": float(len(np.unique(np.stack([height, width]), axis=1).T)),
        **spread("imageHeight", height),
        **spread("imageWidth", width),
        **spread("imageAspect", width / height),
        **spread("imageBrightness", values("brightness")),
        **spread("imageContrast", values("contrast")),
        **spread("imageBytesPerPixel", values("size") / (height * width)),
    }
