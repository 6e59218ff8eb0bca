"""Profile, training and served model see image files as people have them alike: as the picture saved plainly."""

import importlib.util
import io
import struct
import sys
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from PIL import Image

from noria.contract import Metric, Task
from noria_trainers import export
from noria_trainers.families import FAMILIES
from noria_trainers.families.image_cnn.design import network
from noria_trainers.modality.image import decoder, look
from noria_trainers.modality.image.depth import whites_of
from noria_trainers.modality.image.description import meta_features, typical
from noria_trainers.modality.image.inputs import Images
from noria_trainers.modality.image.reading import read
from noria_trainers.training.objective import Objective

HEIGHT, WIDTH = 23, 36
Make = Callable[[], tuple[bytes, Image.Image]]
CLASSES = ("left", "right")
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def picture(seed: int) -> Image.Image:
    """Colours that differ from corner to corner."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    ramps = np.stack([x * 6, y * 9, (x + y) * 4], -1)
    noise = np.random.default_rng(seed).integers(-20, 21, ramps.shape)
    return Image.fromarray(np.clip(ramps + noise, 0, 255).astype(np.uint8))


def clear(image: Image.Image, seed: int, *, levels: int = 256) -> Image.Image:
    """With a random transparency of so many levels."""
    opaque = np.random.default_rng(seed).integers(0, levels, (HEIGHT, WIDTH)) * 255 // (levels - 1)
    made = image.convert("RGBA")
    made.putalpha(Image.fromarray(opaque.astype(np.uint8)))
    return made


def on_white(image: Image.Image) -> Image.Image:
    wide = np.asarray(image.convert("RGBA"), np.float64)
    opaque = wide[..., 3:] / 255
    return Image.fromarray(np.round(wide[..., :3] * opaque + 255 * (1 - opaque)).astype(np.uint8))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def tagged(orientation: int, *, little: bool) -> Image.Exif:
    made = Image.Exif()
    made.endian = "<" if little else ">"
    made[0x010F], made[0x0112] = "Magrathea", orientation
    return made


def deep_png(values: NDArray[np.integer], colour: int) -> bytes:
    """A PNG file of 16 bits; `values` [h, w, channels]."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def gif(*blocks: bytes, frame: tuple[int, int, int, int] = (0, 0, 3, 2), own_palette: bool = False) -> bytes:
    """A GIF file of 3 x 2 pixels of four colours, of which the blue one is number 2, with the blocks before its frame;
    `frame` is left, top, width, height."""
    palette = bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])
    dull = bytes([9, 9, 9] * 4)
    indices = [0, 1, 2, 2, 1, 0][: frame[2] * frame[3]]
    codes = [4, *indices, 5]  # clear, pixels and end, 3 bits each: so few need no wider codes before a clear code
    bits = "".join(f"{code:03b}"[::-1] for code in _with_clears(codes))
    packed = bytes(int(bits[i : i + 8][::-1], 2) for i in range(0, len(bits), 8))
    descriptor = b"," + struct.pack("<HHHHB", *frame, 0x81 if own_palette else 0)
    return (
        b"GIF89a" + struct.pack("<HHBBB", 3, 2, 0x81, 0, 0) + (dull if own_palette else palette) + b"".join(blocks)
        + descriptor + (palette if own_palette else b"") + b"\2" + bytes([len(packed)]) + packed + b"\0;"
    )  # fmt: skip


def _with_clears(codes: list[int]) -> list[int]:
    """With a clear code after every two pixels, so that codes stay 3 bits wide."""
    head, *pixels, end = codes
    return [head, *(code for i in range(0, len(pixels), 2) for code in (*pixels[i : i + 2], 4)), end]


def control(colour: int, *, transparent: bool = True) -> bytes:
    return b"!\xf9\4" + bytes([int(transparent), 0, 0, colour, 0])


def comment(*parts: bytes) -> bytes:
    return b"!\xfe" + b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def pixels_of(clear: int | None) -> Image.Image:
    """What a `gif` shows."""
    colours = [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    if clear is not None:
        colours[clear] = [255, 255, 255]
    return Image.fromarray(np.array([[colours[i] for i in row] for row in ((0, 1, 2), (2, 1, 0))], np.uint8))


def reopened(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return image


def turned(kind: str, orientation: int, little: bool, **options: object) -> tuple[bytes, Image.Image]:
    plain = saved(picture(orientation), kind, **options)
    data = saved(picture(orientation), kind, exif=tagged(orientation, little=little), **options)
    upright = reopened(plain).convert("RGB")
    return data, upright.transpose(TURNS[orientation]) if orientation in TURNS else upright


def same(kind: str, mode: str, **options: object) -> tuple[bytes, Image.Image]:
    data = saved(picture(1).convert(mode), kind, **options)
    return data, on_white(reopened(data))


def transparent(kind: str, image: Image.Image, **options: object) -> tuple[bytes, Image.Image]:
    data = saved(image, kind, **options)
    return data, on_white(reopened(data))


def deep(colour: int, white: int) -> tuple[bytes, Image.Image]:
    """`white` is the largest value of the range that the values have."""
    full = np.asarray(clear(picture(3), 4) if colour in (4, 6) else picture(3))
    full = np.concatenate([full[..., :1], full[..., 3:]], -1) if colour in (0, 4) else full
    eight = Image.fromarray(full[..., 0]) if colour == 0 else None
    eight = eight or (Image.fromarray(full, "LA") if colour == 4 else Image.fromarray(full))
    values = full.astype(np.int64) * (white // 255)
    if colour in (4, 6):
        values[..., -1] = full[..., -1].astype(np.int64) * 257
    return deep_png(values, colour), on_white(eight)


SERVED: dict[str, Make] = {
    **{
        f"{kind} {'II' if little else 'MM'} {number}": partial(turned, kind, number, little)
        for kind in ("JPEG", "PNG")
        for little in (True, False)
        for number in range(1, 9)
    },
    "JPEG with a colour profile": lambda: turned("JPEG", 6, True, icc_profile=bytes(70_000), comment=b"Exif\0\0"),
    "JPEG progressive": lambda: same("JPEG", "RGB", progressive=True),
    "JPEG grey": lambda: same("JPEG", "L"),
    "JPEG CMYK": lambda: same("JPEG", "CMYK"),
    **{f"{kind} {mode}": partial(same, kind, mode) for kind in ("PNG", "GIF") for mode in ("1", "L", "P", "RGB")},
    "BMP L": lambda: same("BMP", "L"),
    "BMP RGB": lambda: same("BMP", "RGB"),
    "PNG RGBA": lambda: transparent("PNG", clear(picture(1), 2)),
    "PNG LA": lambda: transparent("PNG", clear(picture(1), 2).convert("LA")),
    "PNG palette with transparency": lambda: transparent("PNG", clear(picture(1), 2).quantize(90)),
    "PNG of one transparent colour": lambda: transparent("PNG", picture(1).convert("P"), transparency=7),
    "PNG of one transparent grey": lambda: transparent("PNG", picture(1).convert("L"), transparency=90),
    "GIF of one transparent colour": lambda: transparent("GIF", clear(picture(1), 2, levels=2)),
    "GIF that moves": lambda: transparent(
        "GIF", clear(picture(1), 2, levels=2), save_all=True, append_images=[picture(2)], loop=0, comment=b"!"
    ),
    **{f"PNG of 16 bits, colour type {colour}": partial(deep, colour, 65535) for colour in (0, 2, 4, 6)},
}  # fmt: skip
GIFS = {
    "plain": (gif(), None),
    "one transparent colour": (gif(control(2)), 2),
    "its own palette": (gif(control(1), own_palette=True), 1),
    "a comment before": (gif(comment(b"made by hand"), control(2)), 2),
    "a comment that looks like a control": (gif(comment(control(0)[:-1])), None),
    "a comment that hides another one": (gif(comment(control(0)[:-1]), control(2)), 2),
    "a comment in two parts": (gif(comment(b"!\xf9\4\1\0\0", b"\0\0"), control(1)), 1),
    "a long profile": (gif(b"!\xff" + b"".join([b"\xff" + bytes(255)] * 900) + b"\0", control(1)), 1),
    "a comment between": (gif(control(2), comment(b",")), 2),
    "a colour that is not in the palette": (gif(control(200)), None),
}  # fmt: skip
"""GIF files, and their transparent colour."""
CONVERTED: dict[str, Make] = {
    "BMP 1": lambda: same("BMP", "1"),
    "BMP P": lambda: same("BMP", "P"),
    "BMP packed": lambda: (saved(picture(1).convert("RGBA"), "DIB"), picture(1)),
    "WEBP": lambda: same("WEBP", "RGB", lossless=True),
    "WEBP RGBA": lambda: transparent("WEBP", clear(picture(1), 2), lossless=True),
    "WEBP turned": lambda: turned("WEBP", 8, True, lossless=True),
    "TIFF": lambda: same("TIFF", "RGB"),
    "TIFF turned": lambda: turned("TIFF", 6, False),
    "TIFF of 16 bits": lambda: (
        saved(Image.fromarray(np.asarray(picture(1).convert("L"), np.uint16) * 257), "TIFF"),
        picture(1).convert("L"),
    ),
    "PPM": lambda: same("PPM", "RGB"),
    "GIF with two controls": lambda: (gif(control(0), control(1)), pixels_of(1)),
    "GIF with a text": lambda: (gif(control(0), b"!\1\x0c" + bytes(12) + b"\1x\0"), pixels_of(0)),
    "GIF whose first frame is a part of the picture": lambda: (
        part := gif(control(2), frame=(1, 0, 2, 2)),
        on_white(reopened(part)),
    ),
    "AVIF": lambda: same("AVIF", "RGB"),
}


@pytest.fixture(scope="module", params=[1, 3], ids=["grey", "colour"])
def answer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., NDArray[np.float32]]:
    """Scores of a served model for image files."""
    folder = tmp_path_factory.mktemp("model")
    inputs = Images(20, 20, request.param)
    keras.utils.set_random_seed(1)
    whole = network({**FAMILIES["image-cnn"].defaults, "width": 8}, inputs.shape, 2)
    objective = Objective.of(Task.IMAGE_CLASSIFICATION, Metric.ACCURACY, np.arange(9) % 2, 2, 0.0)
    export.save(inputs, whole, objective, CLASSES, folder)
    loaded = tf.saved_model.load(str(folder))

    def scores(*files: bytes) -> NDArray[np.float32]:
        found = loaded.signatures["serving_default"](image_bytes=tf.constant(list(files)))
        return np.asarray(found["scores"])

    return scores


def test_a_served_model_sees_a_file_as_the_picture_saved_plainly(answer: Callable[..., NDArray[np.float32]]) -> None:
    made = {name: make() for name, make in SERVED.items()}
    odd = answer(*[data for data, _ in made.values()])
    plain = answer(*[saved(image.convert("RGB"), "PNG") for _, image in made.values()])
    differ = [name for name, one, other in zip(made, odd, plain, strict=True) if abs(one - other).max() > 1e-5]
    assert differ == []
    assert len(np.unique(plain.round(4), axis=0)) > 10


@pytest.mark.parametrize("make", SERVED.values(), ids=SERVED)
def test_what_a_served_model_decodes_is_stored_as_it_is(make: Make) -> None:
    data, image = make()
    content, facts = read(data)
    assert content == data
    assert (facts.width, facts.height, facts.converted) == (*image.size, None)
    grey = np.asarray(image.convert("RGB"), np.float64) @ [0.299, 0.587, 0.114] / 255
    assert (facts.brightness, facts.contrast) == pytest.approx((grey.mean(), grey.std()), abs=0.01)


def test_the_transparency_of_a_gif_is_found_block_by_block() -> None:
    for name, (data, clear) in GIFS.items():
        pixels = np.asarray(decoder.decode(*(part[0] for part in decoder.prepare(tf.constant([data])).parts)))
        assert pixels.tolist() == np.asarray(pixels_of(clear)).tolist(), name
        assert read(data)[1].converted is None, name


def test_other_files_are_converted_and_a_served_model_refuses_them(answer: Callable[..., NDArray[np.float32]]) -> None:
    for name, make in CONVERTED.items():
        data, image = make()
        content, facts = read(data)
        assert facts.converted == data_format(name), name
        assert (facts.width, facts.height) == image.size, name
        plain = saved(image.convert("RGB"), "PNG")
        assert answer(content) == pytest.approx(answer(plain), abs=1e-5), name
        with pytest.raises(tf.errors.InvalidArgumentError, match="row 1 cannot be decoded: send JPEG, PNG"):
            answer(plain, data, plain)


def data_format(name: str) -> str:
    return {"BMP packed": "DIB"}.get(name, name.split()[0])


def test_all_rows_that_cannot_be_decoded_are_named(answer: Callable[..., NDArray[np.float32]]) -> None:
    good = saved(picture(0), "PNG")
    bad = [b"", b"no image", good[:60], b"\xff\xd8\xff" + bytes(100), b"BM", b"GIF8", b"\x89PNG\r\n\x1a\n"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="row 1, 3, 4, 5, 6 cannot be decoded"):
        answer(good, bad[0], good, *bad[1:])
    for data in bad:
        with pytest.raises(tf.errors.InvalidArgumentError, match="row 0 cannot be decoded"):
            answer(data)


@pytest.mark.parametrize(("white", "found"), [(65535, 65535), (4080, 4095), (2040, 2047)])
def test_images_of_12_bits_are_as_bright_as_their_copies_of_8(white: int, found: int) -> None:
    deep_files = [deep(0, white) for _ in range(3)]
    facts = [read(data)[1] for data, _ in deep_files]
    copies = [read(saved(image, "PNG"))[1] for _, image in deep_files]
    assert typical(facts).whites == (found,)
    name = "imageBrightnessMean"
    assert meta_features(facts)[name] == pytest.approx(meta_features(copies)[name], abs=0.01)
    pixels = Images(HEIGHT, WIDTH, 3, (found,)).encode({"image_bytes": tf.constant([deep_files[0][0]])})["image"][0]
    assert np.abs(pixels.numpy().astype(int) - np.asarray(deep_files[0][1].convert("RGB"), int)).max() <= 1


@pytest.mark.parametrize(
    ("bits", "found"),
    [
        pytest.param([], [8, 10, 12, 14, 16], id="no images of 16 bits: whatever cameras have"),
        pytest.param([12] * 9 + [16] * 9, [12, 16], id="two cameras"),
        pytest.param([12] * 99 + [16], [12, 16], id="one odd image stays whole"),
        pytest.param([16] * 95 + [12] * 5, [16], id="few dark pictures stay dark"),
        pytest.param([12] * 60 + [11] * 30 + [10] * 20, [12], id="many darker pictures"),
        pytest.param([3] * 5, [8], id="8 bits at least"),
        pytest.param([11] * 5, [11], id="an odd number of bits"),
    ],
)
def test_the_ranges_of_a_dataset(bits: list[int], found: list[int]) -> None:
    assert whites_of((1 << each) - 2 for each in bits) == tuple((1 << each) - 1 for each in found)


def test_images_of_12_and_16_bits_lie_side_by_side() -> None:
    made = [deep(0, white) for white in (4080, 65535) * 3]
    facts = [read(data)[1] for data, _ in made]
    copies = [read(saved(image, "PNG"))[1] for _, image in made]
    for name in ("imageBrightnessMean", "imageContrastMean"):
        assert meta_features(facts)[name] == pytest.approx(meta_features(copies)[name], abs=0.01)
    for whites in (typical(facts).whites, Images(1, 1, 3).whites):
        encoded = Images(HEIGHT, WIDTH, 3, whites).encode({"image_bytes": tf.constant([data for data, _ in made])})
        for pixels, (_, image) in zip(encoded["image"].numpy(), made, strict=True):
            assert np.abs(pixels.astype(int) - np.asarray(image.convert("RGB"), int)).max() <= 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"\0\0\0\x18ftypheic" + bytes(40), "HEIC: convert it to JPEG", id="HEIC"),
        pytest.param(bytes(128) + b"DICM" + bytes(9), "DICOM: export it as PNG", id="DICOM"),
        pytest.param(b"<!DOCTYPE html><html>", "a web page, not an image", id="HTML"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull", id="Git LFS"),
        pytest.param(b'<?xml version="1.0"?><svg/>', "SVG: export it as PNG", id="SVG"),
        pytest.param(b"hello", "not an image", id="text"),
        pytest.param(saved(Image.fromarray(np.full((4, 4), 0.5, np.float32)), "TIFF"), "32 bits", id="fractions"),
        pytest.param(saved(picture(0), "JPEG")[:-99], "truncated", id="cut off"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(data)


def test_threads_that_begin_together_make_tensorflow_warn_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.find_spec(look.__name__)
    assert spec is not None
    assert spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, look.__name__, fresh)
    spec.loader.exec_module(fresh)
    warned: list[str] = []
    monkeypatch.setattr(tf.get_logger(), "warning", lambda words, *_: warned.append(words))
    data, threads = saved(picture(0), "PNG"), 16
    with ThreadPoolExecutor(threads) as pool:
        seen = list(pool.map(fresh.look, [data] * threads))
    assert len(set(map(repr, seen))) == 1
    assert warned == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP"])
def test_what_the_profile_accepts_of_damaged_files_a_served_model_decodes(kind: str) -> None:
    whole, random = saved(picture(5), kind), np.random.default_rng(7)
    accepted = []
    for number in range(60):
        data = bytearray(whole)
        place = int(random.integers(len(data)))
        if number % 3 == 0:
            data[place] ^= 1 << int(random.integers(8))
        elif number % 3 == 1:
            del data[len(data) - 1 - place // 20 :]
        else:
            data[place:place] = b"A\0"
        try:
            accepted.append(read(bytes(data))[0])
        except ValueError:
            continue
    found = Images(20, 20, 3).encode({"image_bytes": tf.constant(accepted)})
    assert np.all(found["valid"])
    assert len(accepted) > 3
