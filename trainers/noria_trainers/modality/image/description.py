"""What images are like, for the choice of configurations and the size of networks' inputs."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from noria_trainers.data.manifest import ImageShape
from noria_trainers.modality.image.depth import FULL_RANGE, white_for, whites_of
from noria_trainers.profile.statistic import spread


@dataclass(frozen=True)
class ImageFacts:
    """What the profile remembers of an image."""

    size: int
    """Of the file in bytes."""
    height: int
    """In pixels."""
    width: int
    """In pixels."""
    is_grey: bool
    brightness: float
    """Mean of the grey values, 0 to 1; of 16 bits, 1 is the full range."""
    contrast: float
    """Their standard deviation."""
    peak: int | None = None
    """The largest value of an image of 16 bits."""
    converted: str | None = None
    """The format that it was converted from."""


def typical(facts: list[ImageFacts]) -> ImageShape:
    """The median size; grey where all are; the ranges of those of 16 bits."""
    height, width = (int(np.median([getattr(each, side) for each in facts])) for side in ("height", "width"))
    channels: Literal[1, 3] = 1 if all(each.is_grey for each in facts) else 3
    return ImageShape(height=height, width=width, channels=channels, whites=_whites(facts))


def _whites(facts: list[ImageFacts]) -> tuple[int, ...]:
    return whites_of(each.peak for each in facts if each.peak is not None)


def meta_features(facts: list[ImageFacts]) -> dict[str, float]:
    """Sizes, colour and light of the training images."""

    def values(name: str) -> NDArray[np.float64]:
        return np.asarray([getattr(each, name) for each in facts], np.float64)

    height, width = values("height"), values("width")
    whites = _whites(facts)
    scale = np.asarray([1 if each.peak is None else FULL_RANGE / white_for(each.peak, whites) for each in facts])
    return {
        "imageGreyShare": float(values("is_grey").mean()),
        "imageSizes": float(len(np.unique(np.stack([height, width]), axis=1).T)),
        **spread("imageHeight", height),
        **spread("imageWidth", width),
        **spread("imageAspect", width / height),
        **spread("imageBrightness", np.minimum(values("brightness") * scale, 1.0)),
        **spread("imageContrast", values("contrast") * scale),
        **spread("imageBytesPerPixel", values("size") / (height * width)),
    }
