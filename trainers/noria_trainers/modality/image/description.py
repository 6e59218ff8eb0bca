"""What images are like, for the choice of configurations and the size of networks' inputs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from noria_trainers.data.manifest import ImageShape
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
    """Mean of the grey values, 0 to 1."""
    contrast: float
    """Their standard deviation."""


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
