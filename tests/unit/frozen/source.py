"""Small sources, the same bytes on every machine and with every version of a library."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

from PIL import Image

SIZE = 12
"""Pixels of an image's side."""


def images(folder: Path) -> Path:
    """Bright above or bright below, with noise; PNG without compression, since compressors differ."""
    random = Random(0)
    for name in ("above", "below"):
        (folder / name).mkdir(parents=True)
        for number in range(60):
            rows = [120 if (row < SIZE // 2) == (name == "above") else 0 for row in range(SIZE)]
            pixels = bytes(shift + random.randrange(120) for shift in rows for _ in range(3 * SIZE))
            image = Image.frombytes("RGB", (SIZE, SIZE), pixels)
            image.save(folder / name / f"{number}.png", compress_level=0)
    return folder


def texts(path: Path) -> Path:
    """Six words of two vocabularies that share one."""
    random = Random(0)
    words = {"sport": ["match", "goal", "team", "week"], "science": ["atom", "cell", "theory", "week"]}
    rows = (
        {"text": " ".join([*random.choices(words[label], k=6), str(number)]), "label": label}
        for number in range(80)
        for label in words
    )
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def classes(path: Path) -> Path:
    """Two classes that a number and a category tell apart, with some holes."""
    return _table(path, (_row(size, kind, "large" if value > 1 else "small") for size, kind, value in _drawn()))


def values(path: Path) -> Path:
    """A value that a number and a category give."""
    return _table(path, (_row(size, kind, f"{value:.3f}") for size, kind, value in _drawn()))


def clicks(path: Path) -> Path:
    """Clicks that a number and a category bring about."""
    return _table(path, (_row(size, kind, int(value > 1)) for size, kind, value in _drawn()))


def sums(path: Path) -> Path:
    """Classes by the sum of eight numbers and the size of a ninth: naive Bayes and neighbors are better together."""
    random = Random(0)
    names = [f"x{number}" for number in range(9)]
    rows = []
    for _ in range(3000):
        numbers = [random.gauss(0, 1) for _ in names]
        level = 2 * sum(numbers[:8]) + 2.5 * (1 if abs(numbers[8]) > 0.67 else -1)
        rows.append([*(f"{number:.4f}" for number in numbers), "up" if level > 0 else "down"])
    return _table(path, rows, (*names, "label"))


def _drawn() -> Iterable[tuple[float, int, float]]:
    random = Random(0)
    for _ in range(400):
        size, kind = random.gauss(0, 1), random.randrange(3)
        yield size, kind, 3 * size + kind + random.gauss(0, 0.1)


def _row(size: float, kind: int, label: object) -> Sequence[object]:
    return "" if abs(size) < 0.05 else f"{size:.4f}", f"kind-{kind}", label


def _table(path: Path, rows: Iterable[Sequence[object]], head: Sequence[str] = ("size", "kind", "label")) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
    return path
