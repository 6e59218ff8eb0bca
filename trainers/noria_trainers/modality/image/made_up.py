"""Images of smooth noise, in the formats and the size of those of a revision. For `made_up`."""

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from noria_trainers.data.manifest import ImageShape, Manifest
from noria_trainers.modality.image.name import FEATURE
from noria_trainers.modality.made_up import MadeUp

SEEN = 64
"""Images whose format is looked at."""
_MAGIC = {b"\xff\xd8": "JPEG", b"\x89P": "PNG", b"GI": "GIF", b"BM": "BMP"}
_COARSE = 8
"""Height and width of the noise before it is made smooth."""
_GRAIN = 12
"""Levels of noise in each pixel: without it files would be too easy to decode."""
_PICTURE = "picture.jpg"
_COMMAND = f"""printf '{{"instances": [{{"b64": "%s"}}]}}' "$(base64 -w0 {_PICTURE})\""""


def made_up(manifest: Manifest, seen: Sequence[bytes]) -> MadeUp:
    """One image in each of the formats of some training images, of which nothing else is taken."""
    if (shape := manifest.image) is None:
        raise ValueError("a revision without images has no typical one")
    formats = sorted({_MAGIC.get(data[:2], "PNG") for data in seen})
    files = np.empty(len(formats), object)
    files[:] = [_file(shape, each) for each in formats]
    smallest = _file(ImageShape(height=1, width=1, channels=1), "PNG")
    return MadeUp(
        inputs={FEATURE.served: files},
        instance={"b64": base64.b64encode(smallest).decode()},
        note="the value of b64 is the file as `base64 -w0 FILE` prints it",
        command=_COMMAND,
        file=_PICTURE,
    )


def _file(shape: ImageShape, format: str) -> bytes:
    draw = np.random.default_rng(0)
    coarse = draw.integers(0, 256 - _GRAIN, (_COARSE, _COARSE, 3), np.uint8)
    pixels = np.array(Image.fromarray(coarse).resize((shape.width, shape.height), Image.Resampling.BILINEAR))
    pixels += draw.integers(0, _GRAIN, pixels.shape, np.uint8)
    image = Image.fromarray(pixels).convert("L" if shape.channels == 1 else "RGB")
    file = io.BytesIO()
    image.save(file, format)
    return file.getvalue()
