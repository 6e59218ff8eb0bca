"""Whether folders are laid out as classes, and what to do where they are not. Used by `class_file`."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from noria_trainers.data.class_folder import label_by_name
from noria_trainers.data.listing import Listing
from noria_trainers.data.source import ARCHIVES
from noria_trainers.profile.finding import Findings
from noria_trainers.wording import counted, listed

_SPLIT = re.compile(
    r"([xy]?(train(ing)?|test(ing)?|val(id(ation|ierung)?)?|eval(uation)?|dev|holdout|(un)?(labell?ed|annotated|supervised)|unsup|pred(ict(ion)?)?)"
    r"|entra[iî]nement|apprentissage|entrenamiento|pruebas?|treino|treinamento|teste|addestramento"
    r"|训练|訓練|学習|测试|測試|验证|驗證|テスト|検証|훈련|학습|테스트|검증|обучение|тест)"
    r"(set|data|dataset|s?daten|imgs?|images?|pics?|pictures?|photos?|files?|folder|dir|split|集|用?データ)?"
)
"""What people call the folders of splits, in a word, in several languages."""
_FILLERS = frozenset(
    (
        "set",
        "data",
        "dataset",
        "seg",
        "img",
        "imgs",
        "image",
        "images",
        "pictures",
        "photos",
        "files",
        "folder",
        "split",
    )
)
"""Words that say nothing of what is in a folder."""


def are_splits(folders: Sequence[str]) -> bool:
    """Whether the folders, two at least, are called as splits are, also behind a name that all have."""
    if len(folders) < 2:
        return False
    words = [_words(folder) for folder in folders]
    shared = set.intersection(*map(set, words))
    own = [[word for word in each if word not in shared] for each in words]
    long = [[word for word in each if len(word) > 1] for each in words]
    if all(map(_is_split, long)) and len({*map(tuple, long)}) > 1:  # trainA, testA
        return True
    return all(map(_is_split, words)) or all(map(_is_split, own))


def are_classes(labels: Mapping[str, str | None]) -> bool:
    """Whether the folders that give the labels are classes, or hold some."""
    below: dict[str, set[tuple[str, ...]]] = {}
    for name, label in labels.items():
        if label is not None:
            below.setdefault(label, set()).add(_below(name, label))
    return len(below) > 1 and (not are_splits([*below]) or any(len(each) > 1 for each in below.values()))


def are_parts(labels: Mapping[str, str | None]) -> bool:
    """Whether the folders that give the labels differ in a number only, as `images_1` and `images_2` do."""
    stems = {re.sub(r"\d+", "", label) for label in labels.values() if label is not None}
    return len(stems) == 1 and any(map(str.isalpha, *stems))


def warn_of_members(listing: Listing, findings: Findings) -> None:
    """Says which members of an archive are left out, and how its names were read."""
    if listing.outside:
        what = f"{counted(len(listing.outside), 'member')} left out, whose names lead out of the archive"
        words = f"{what}: {listed(listing.outside)}; pack it again from inside its folder"
        findings.warning("OutsideNames", words, listing.outside)
    if listing.links:
        what = f"{counted(len(listing.links), 'link')} in the archive left out: {listed(listing.links)}"
        findings.warning("Links", f"{what}; pack it again with the files themselves", listing.links)
    if listing.encoding:
        findings.warning("OtherEncoding", f"files' {listing.encoding}")


def warn_of_empty_folders(
    listing: Listing, suffixes: Sequence[str], noun: str, used: set[str | None], findings: Findings
) -> None:
    """Names the folders beside those of the classes that hold no example."""
    inside = [*listing.names, *(f"{folder}/_" for folder in listing.empty)]
    labels = {label for label in label_by_name(inside, suffixes).values() if label is not None}
    if empty := sorted(labels - used):
        what = f"{counted(len(empty), 'folder')} without {noun}s, of which no class is made: {listed(empty)}"
        findings.warning("EmptyFolders", f"{what}; put {noun}s there, or remove it", empty)


def check_classes(classes: Sequence[str], files: Sequence[tuple[str, str]], findings: Findings) -> None:
    """Says where the folders that gave the classes are splits or datasets; `files` are names with their class."""
    if are_splits(classes):
        message = f"the folders {listed(classes)} look like splits, not classes"
        cure = "set source.uri to the training folder and holdout.uri to the test folder; unpack an archive first"
        findings.error("SplitFolders", f"{message}: {cure}", classes)
        return
    first: dict[str, set[str]] = {label: set() for label in classes}
    second: dict[str, set[str]] = {label: set() for label in classes}
    for name, label in files:
        for found, folder in zip((first, second), _below(name, label), strict=False):
            found[label].add(folder)
    inner = [sorted(each) for each in first.values()]
    if len(classes) < 2 or len(inner[0]) < 2:
        return
    if all(map(are_splits, inner)) and all(len(each) > 1 for each in second.values()):
        message = f"the folders {listed(classes)} hold splits ({listed(inner[0])}) of classes: they look like datasets"
        cure = "name the training folder of one of them in source.uri and its test folder in holdout.uri"
        findings.error("SeveralDatasets", f"{message}: {cure}", classes)
    elif all(each == inner[0] for each in inner):
        message = f"the folders {listed(classes)} are taken for the classes, but each holds {listed(inner[0])}"
        cure = "if these are the classes, make them the outer folders"
        if are_splits(inner[0]):
            message = f"the folders {listed(classes)} are the classes, and each holds {listed(inner[0])}"
            cure = "all their files are divided again; to keep the division make those the outer folders, and name "
            cure += "one in source.uri and another in holdout.uri"
        findings.warning("SameFolders", f"{message}; {cure}", classes)


def cure_for(listing: Listing, noun: str, suffixes: Sequence[str], otherwise: str) -> str:
    """What to do where no file is an example; `otherwise` if the source is no folder of such."""
    if listing.outside and not listing.names:
        return "pack it again from inside its folder"
    packed = [name for name in listing.names if name.lower().endswith(ARCHIVES)]
    if packed:
        return f"unpack the archives in it ({listed(packed)}), each into a folder named after its class"
    cure = f"put {noun}s ({', '.join(suffixes)}) into one folder per class below it"
    return "; ".join((cure, otherwise)) if otherwise else cure


def _words(folder: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFC", folder)).lower()
    return re.findall(r"[^\W\d_]+", re.sub(r"hold[^a-z]?out", "holdout", apart))


def _is_split(words: Sequence[str]) -> bool:
    return sum(_SPLIT.fullmatch(word) is not None for word in words) == len(set(words) - _FILLERS) == 1


def _below(name: str, label: str) -> tuple[str, ...]:
    """The folders between that of the class and the file."""
    folders = PurePosixPath(name).parts[:-1]
    return folders[folders.index(label) + 1 :] if label in folders else ()
