"""Folders and archives of images as people have them: what becomes a class, and what is said of the rest."""

import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from PIL import Image

from noria.contract import Problem, ProfileOrder, Severity, Source, Task
from noria_store.store import Store
from noria_trainers.data import source
from noria_trainers.examine import Examined, examine
from noria_trainers.modality import class_layout, label_name

HERE = Store.from_environment(environment={})
Look = Callable[[Path], Examined]


@cache
def picture(seed: int) -> bytes:
    data = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (8, 8), np.uint8)).save(data, "PNG")
    return data.getvalue()


def folders(*names: str, count: int = 20) -> dict[str, bytes]:
    """That many pictures below each name."""
    return {f"{name}/{i:03}.png": picture(count * at + i) for at, name in enumerate(names) for i in range(count)}


def write(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(content)
    return root


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def tarred(path: Path, files: Mapping[str, bytes]) -> Path:
    with tarfile.open(path, "w") as made:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.type, info.size = (tarfile.DIRTYPE, 0) if name.endswith("/") else (tarfile.REGTYPE, len(content))
            made.addfile(info, io.BytesIO(content))
    return path


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Examines a folder or archive of images."""

    def run(path: Path) -> Examined:
        order = ProfileOrder(
            task=Task.IMAGE_CLASSIFICATION, source=Source(uri=str(path)), destination=f"{tmp_path}/", report=""
        )
        return examine(order, HERE, tmp_path / "scratch")

    return run


def classes(found: Examined) -> tuple[str, ...]:
    assert found.examples is not None, found.findings.problems()
    return found.examples.classes


def problem(found: Examined, reason: str) -> Problem:
    by_reason = {each.reason: each for each in found.findings.problems()}
    assert reason in by_reason, by_reason
    return by_reason[reason]


def raw_zip(path: Path, files: Mapping[bytes, bytes]) -> Path:
    """A zip with names of these bytes, of which it does not say how they are encoded."""
    stand_ins = {name: f"{i:03}".ljust(len(name), "~") for i, name in enumerate(files)}
    data = zipped(path, {stand_ins[name]: content for name, content in files.items()}).read_bytes()
    for name, stand_in in stand_ins.items():
        data = data.replace(stand_in.encode(), name)
    path.write_bytes(data)
    return path


# ---- folders --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [None, zipped, tarred])
def test_folders_without_images_are_named(
    look: Look, tmp_path: Path, pack: Callable[[Path, Mapping[str, bytes]], Path] | None
) -> None:
    files = {**folders("x/circle", "x/square"), "x/star/": b"", "x/moon/readme.txt": b"soon", "x/circle/more/": b""}
    found = look(pack(tmp_path / f"x.{pack.__name__[:3]}", files) if pack else write(tmp_path / "x", files))
    named = problem(found, "EmptyFolders")
    assert (named.severity, named.names) == (Severity.WARNING, ("moon", "star"))
    assert named.message == (
        "2 folders without images, of which no class is made: moon, star; put images there, or remove it"
    )
    assert (classes(found), found.findings.refused) == (("circle", "square"), False)


def test_a_loose_image_hides_no_classes(look: Look, tmp_path: Path) -> None:
    files = {**folders("set/circle", "set/square"), "sample.png": picture(900), "set/all.png": picture(901)}
    found = look(write(tmp_path / "x", files))
    assert (classes(found), found.count) == (("circle", "square"), 40)
    assert problem(found, "NoClass").names == ("sample.png", "set/all.png")


def test_a_folder_of_datasets_is_no_dataset(look: Look, tmp_path: Path) -> None:
    inner = [f"{split}/{name}" for split in ("train", "test") for name in ("circle", "square")]
    found = look(write(tmp_path / "x", folders(*[f"{name}/{each}" for name in ("one", "two") for each in inner])))
    assert problem(found, "SeveralDatasets").message == (
        "the folders one, two hold splits (test, train) of classes: they look like datasets: "
        "name the training folder of one of them in source.uri and its test folder in holdout.uri"
    )


def test_classes_that_hold_the_same_folders_are_said(look: Look, tmp_path: Path) -> None:
    found = look(write(tmp_path / "x", folders("set1/circle", "set1/square", "set2/circle", "set2/square")))
    assert problem(found, "SameFolders").message == (
        "the folders set1, set2 are taken for the classes, but each holds circle, square; "
        "if these are the classes, make them the outer folders"
    )
    assert not found.findings.refused


def test_splits_of_each_class_are_said_to_be_divided_again(look: Look, tmp_path: Path) -> None:
    found = look(write(tmp_path / "x", folders("circle/train", "circle/val", "square/train", "square/val")))
    assert problem(found, "SameFolders").message == (
        "the folders circle, square are the classes, and each holds train, val; all their files are divided again; to "
        "keep the division make those the outer folders, and name one in source.uri and another in holdout.uri"
    )


def test_a_sheet_beside_images_is_said(look: Look, tmp_path: Path) -> None:
    found = look(write(tmp_path / "x", {**FILES, "labels.xlsx": b"PK"}))
    assert [each.message for each in found.findings.problems()] == [
        "labels.xlsx may give images their classes, but is not read: "
        "export a folder per class, or one CSV file with the columns file and label"
    ]


@pytest.mark.parametrize(
    "names",
    [
        ("1_train", "2_test"),
        ("train_images", "val_images"),
        ("training_set", "test_set"),
        ("flowers_train", "flowers_test"),
        ("TrainImages", "TestImages"),
        ("Trainingsdaten", "Testdaten"),
        ("images-train", "images-holdout", "images-dev"),
        ("seg_train", "seg_test", "seg_pred"),
        ("01 train", "02 hold-out"),
    ],
)
def test_folders_of_splits_are_known_by_many_names(look: Look, tmp_path: Path, names: tuple[str, ...]) -> None:
    inner = [f"{split}/{name}" for split in names for name in ("circle", "square")]
    named = problem(look(write(tmp_path / "x", folders(*inner))), "SplitFolders")
    assert named.names == tuple(sorted(names))


@pytest.mark.parametrize("names", [("train", "bus"), ("test_tube", "test_strip"), ("trains", "planes"), ("dev", "ops")])
def test_classes_with_names_like_splits_are_classes(look: Look, tmp_path: Path, names: tuple[str, ...]) -> None:
    found = look(write(tmp_path / "x", folders(*names)))
    assert found.findings.all() == []


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("trainA", "testA", "trainB", "testB"), True),
        (("X_train", "y_train", "X_test"), True),
        (("xtrain", "xtest"), True),
        (("entrenamiento", "prueba"), True),
        (("Entraînement", "Validation"), True),
        (("训练集", "测试集"), True),
        (("学習用データ", "テストデータ"), True),
        (("обучение", "тест"), True),
        (("labeled", "unlabeled"), True),
        (("labeled", "bus"), False),
        (("trainA", "trainB"), False),
        (("test_a", "bus"), False),
    ],
)
def test_splits_are_known_in_other_words(names: tuple[str, ...], expected: bool) -> None:
    assert class_layout.are_splits(names) is expected


def test_a_table_of_labels_needs_no_header(look: Look, tmp_path: Path) -> None:
    lines = [f"{i},{name}" for i, name in ROWS]
    found = look(write(tmp_path / "x", {**FILES, "labels.csv": table(*lines)}))
    assert (found.count, found.findings.all()) == (len(ROWS), [])


def test_splits_of_each_class_are_fine(look: Look, tmp_path: Path) -> None:
    found = look(write(tmp_path / "x", folders("circle/train", "circle/test", "square/train", "square/test")))
    assert classes(found) == ("circle", "square")
    assert not found.findings.refused


# ---- links ----------------------------------------------------------------------------------------------------------


def test_links_that_stay_inside_are_followed(look: Look, tmp_path: Path) -> None:
    root = write(tmp_path / "x", {**folders("set/circle", "set/moon", count=10), **folders("set/square", count=19)})
    (root / "set/disc").symlink_to(root / "set/moon")
    (root / "set/square/019.png").symlink_to("../circle/001.png")
    found = look(root)
    assert (classes(found), found.count) == (("circle", "disc", "moon", "square"), 50)
    assert "Links" not in {each.reason for each in found.findings.problems()}


def test_links_that_lead_outside_are_named_and_not_followed(look: Look, tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", folders("star", count=20))
    root = write(tmp_path / "x", folders("circle", "square"))
    (root / "star").symlink_to("../outside/star")
    (root / "circle/star.png").symlink_to(outside / "star/000.png")
    (root / "circle/gone.png").symlink_to("nowhere.png")
    (root / "circle/again").symlink_to(root)
    (root / "square/a").symlink_to("b")
    (root / "square/b").symlink_to("a")
    found = look(root)
    names = ["circle/again", "circle/gone.png", "circle/star.png", "square/a", "square/b", "star"]
    named = problem(found, "Links")
    assert (named.count, list(named.names), named.severity) == (6, names[:5], Severity.WARNING)
    assert named.message == (
        "6 links left out, leading out of the folder, nowhere or back to it: "
        f"{', '.join(names[:5])} and 1 more; put the files themselves there"
    )
    assert (classes(found), found.count) == (("circle", "square"), 40)


def test_a_link_of_a_linked_folder_does_not_lead_outside(look: Look, tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", folders("star"))
    root = write(tmp_path / "x", folders("circle", "all/square"))
    (root / "all/square/star.png").symlink_to(outside / "star/000.png")
    (root / "square").symlink_to("all/square")
    assert {file.name for file in source.find(Source(uri=str(root)), HERE, tmp_path)} == {
        *folders("circle", "all/square", "square")
    }


def test_a_folder_of_nothing_but_links_is_said(look: Look, tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", folders("circle", "square"))
    (tmp_path / "x").mkdir()
    for name in ("circle", "square"):
        (tmp_path / "x" / name).symlink_to(outside / name)
    found = look(tmp_path / "x")
    assert problem(found, "NoExamples").message.endswith(
        "x holds nothing but links that lead out of it: copy the files there"
    )
    assert problem(found, "Links").names == ("circle", "square")


def test_a_source_may_be_a_link_itself(look: Look, tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to(write(tmp_path / "real", folders("circle", "square")))
    assert (look(tmp_path / "x").count, look(tmp_path / "x").findings.problems()) == (40, ())


def test_folders_without_texts_are_named(tmp_path: Path) -> None:
    texts = {f"{('good', 'bad')[i % 2]}/{i}.txt": f"text number {i}".encode() for i in range(40)}
    order = ProfileOrder(
        task=Task.TEXT_CLASSIFICATION,
        source=Source(uri=str(write(tmp_path / "x", {**texts, "new/": b""}))),
        destination=f"{tmp_path}/",
        report="",
    )
    found = examine(order, HERE, tmp_path / "scratch")
    assert (classes(found), problem(found, "EmptyFolders").names) == (("bad", "good"), ("new",))


# ---- archives -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_members_outside_an_archive_are_named(
    look: Look, tmp_path: Path, pack: Callable[[Path, Mapping[str, bytes]], Path]
) -> None:
    files = {**folders("circle", "square"), "../circle/a.png": picture(900), "square/../../b.png": picture(901)}
    found = look(pack(tmp_path / f"x.{pack.__name__[:3]}", files))
    assert problem(found, "OutsideNames").names == ("../circle/a.png", "square/../../b.png")
    assert "2 members left out, whose names lead out of the archive" in problem(found, "OutsideNames").message
    assert (classes(found), found.count) == (("circle", "square"), 40)


def test_an_archive_of_nothing_but_such_members_says_how_to_pack_it(look: Look, tmp_path: Path) -> None:
    found = look(tarred(tmp_path / "x.tar", folders("../data/circle", "../data/square")))
    assert len(problem(found, "OutsideNames").names) == 5
    assert problem(found, "OutsideNames").count == 40
    assert problem(found, "NoExamples").message.endswith("images: pack it again from inside its folder")


def test_links_in_an_archive_are_named(look: Look, tmp_path: Path) -> None:
    path = tarred(tmp_path / "x.tar", folders("circle", "square"))
    with tarfile.open(path, "a") as made:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            info = tarfile.TarInfo(f"circle/link{kind.decode()}.png")
            info.type, info.linkname = kind, "circle/000.png"
            made.addfile(info)
    found = look(path)
    assert set(problem(found, "Links").names) == {"circle/link2.png", "circle/link1.png"}
    assert found.count == 40


def test_archives_in_an_archive_are_explained(look: Look, tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", folders("")).read_bytes()
    found = look(zipped(tmp_path / "x.zip", {"circle.zip": inner, "square.zip": inner}))
    cure = "unpack the archives in it (circle.zip, square.zip), each into a folder named after its class"
    assert problem(found, "NoExamples").message.endswith(cure)


@pytest.mark.parametrize(
    ("encoding", "names", "read_as", "remark"),
    [
        ("utf-8", ("圆形", "方形"), ("圆形", "方形"), None),
        ("cp437", ("Äpfel", "Gläser"), ("Gläser", "Äpfel"), None),
        ("gbk", ("圆形", "方形"), ("圆形", "方形"), "seem to be gb18030 (圆形)"),
        ("euc_kr", ("원", "사각형"), ("┐°", "╗τ░ó╟ⁿ"), "but may be euc_jp (据), gb18030 (盔), euc_kr (원)"),
        ("cp932", ("りんご", "みかん"), ("みかん", "りんご"), "seem to be cp932 (りんご)"),
    ],
)
def test_names_in_a_zip_that_are_not_marked(
    look: Look, tmp_path: Path, encoding: str, names: tuple[str, ...], read_as: tuple[str, ...], remark: str | None
) -> None:
    files = {f"{names[i % 2]}/{i}.png".encode(encoding): picture(i) for i in range(40)}
    found = look(raw_zip(tmp_path / "x.zip", files))
    assert classes(found) == read_as
    if remark is None:
        assert found.findings.problems() == ()
    else:
        assert remark in problem(found, "OtherEncoding").message
        assert "name them in UTF-8" in problem(found, "OtherEncoding").message


@pytest.mark.parametrize("is_packed", [True, False])
@pytest.mark.parametrize(
    ("encoding", "names", "read_as"),
    [
        ("gbk", ("圆形", "方形"), ("圆形", "方形")),
        ("euc_kr", ("원", "사각형"), (r"\xbb\xe7\xb0\xa2\xc7\xfc", r"\xbf\xf8")),
    ],
)
def test_names_in_a_tar_or_folder_that_are_not_utf8(
    look: Look, tmp_path: Path, encoding: str, names: tuple[str, ...], read_as: tuple[str, ...], *, is_packed: bool
) -> None:
    raw = [os.fsdecode(name.encode(encoding)) for name in names]
    files = {f"{raw[i % 2]}/{i}.png": picture(i) for i in range(40)}
    if not is_packed:
        files[f"{raw[0]}x/"] = b""
    found = look(tarred(tmp_path / "x.tar", files) if is_packed else write(tmp_path / "x", files))
    assert classes(found) == read_as
    assert problem(found, "OtherEncoding").message.startswith("files' names are not UTF-8")
    assert all("".join(each.names).isprintable() for each in found.findings.problems())


# ---- tables and annotations beside images ---------------------------------------------------------------------------

FILES = folders("images", count=40)
ROWS = [(f"{i:03}", ("circle", "square")[i % 2]) for i in range(40)]


def table(*lines: str) -> bytes:
    return "\n".join(lines).encode()


@pytest.mark.parametrize("pack", [None, zipped, tarred])
@pytest.mark.parametrize(
    ("name", "lines"),
    [
        pytest.param("labels.csv", ["id,label", *(f"{i}.png,{c}" for i, c in ROWS)], id="names"),
        pytest.param("labels.csv", ["id,label", *(f"{i}.PNG,{c}" for i, c in ROWS)], id="names in capitals"),
        pytest.param("train.csv", ["image_id,breed", *(f"{i},{c}" for i, c in ROWS)], id="without the ending"),
        pytest.param("x.csv", ["n;path;class", *(f"{i};images/{i}.png;{c}" for i, c in ROWS)], id="with folders"),
        pytest.param("x.tsv", ["class\tfile", *(f"{c}\t/kaggle/x/images/{i}.png" for i, c in ROWS)], id="elsewhere"),
        pytest.param(
            "images/_classes.csv",
            ["filename, circle, square", *(f"{i}.png,{int(c == 'circle')},{int(c == 'square')}" for i, c in ROWS)],
            id="a column per class",
        ),
        pytest.param(
            "images/metadata.jsonl",
            [f'{{"file_name": "{i}.png", "label": "{c}", "size": 3}}' for i, c in ROWS],
            id="as Hugging Face has it",
        ),
        pytest.param("labels.json", [json.dumps({f"{i}.png": c for i, c in ROWS})], id="an object of labels"),
        pytest.param("x.json", [json.dumps([{"id": i, "label": c} for i, c in ROWS])], id="an array of objects"),
        pytest.param("x.csv", ["url,label", *(f"https://x.org/a/{i}.png?v=1,{c}" for i, c in ROWS)], id="addresses"),
        pytest.param("labels.txt", [f"images/{i}.png {c}" for i, c in ROWS], id="a space between"),
        pytest.param("train_list.txt", [f"{c} images/{i}.png" for i, c in ROWS], id="the class first"),
        pytest.param("labels.txt", [f"{i}.png,{c}" for i, c in ROWS], id="a text without a header"),
        pytest.param("labels.csv", [f"{n},{i}.png,{c}" for n, (i, c) in enumerate(ROWS)], id="rows that are numbered"),
    ],
)
def test_a_table_gives_the_classes(
    look: Look,
    tmp_path: Path,
    name: str,
    lines: list[str],
    pack: Callable[[Path, Mapping[str, bytes]], Path] | None,
) -> None:
    files = {**FILES, name: table(*lines)}
    found = look(pack(tmp_path / f"x.{pack.__name__[:3]}", files) if pack else write(tmp_path / "x", files))
    assert (classes(found), found.count, found.findings.problems()) == (("circle", "square"), 40, ())
    assert found.examples is not None
    got = {found.examples.name(i)[-7:-4]: classes(found)[k] for i, k in enumerate(found.examples.labels)}
    assert got == dict(ROWS)


def test_what_a_table_does_not_name_is_said(look: Look, tmp_path: Path) -> None:
    lines = [f"{i},{c}" for i, c in [*ROWS[:30], ("900", "circle"), ("901", "square")]]
    found = look(write(tmp_path / "x", {**FILES, "labels.csv": table("id,label", *lines)}))
    assert found.count == 30
    assert problem(found, "NoClass").count == 10
    assert "10 files left out, without a class in labels.csv: images/030.png" in problem(found, "NoClass").message
    assert problem(found, "LabelTable").message.startswith("2 rows of labels.csv left out")


def test_folders_of_classes_come_before_a_table(look: Look, tmp_path: Path) -> None:
    files = {**folders("cat", "dog"), "labels.csv": table("id,label", *(f"cat/{i:03}.png,x{i}" for i in range(20)))}
    found = look(write(tmp_path / "x", files))
    assert classes(found) == ("cat", "dog")
    assert problem(found, "OtherFiles").names == ("labels.csv",)


def test_a_table_gives_the_classes_of_numbered_folders(look: Look, tmp_path: Path) -> None:
    parts = {f"images_{i % 2}/{i:03}.png": picture(i) for i in range(40)}
    found = look(write(tmp_path / "x", {**parts, "meta.csv": table("image,label", *(f"{i},{c}" for i, c in ROWS))}))
    assert (classes(found), found.findings.problems()) == (("circle", "square"), ())
    (tmp_path / "x/meta.csv").write_bytes(table("image,age", "nothing,3"))
    assert classes(look(tmp_path / "x")) == ("images_0", "images_1")


def test_the_table_of_all_gives_the_holdouts_classes_too(tmp_path: Path) -> None:
    files = {**folders("train", count=40), **{f"test/t{i:03}.png": picture(500 + i) for i in range(20)}}
    named = [f"{PurePosixPath(name).stem},{('circle', 'square')[i % 2]}" for i, name in enumerate(files)]
    root = write(tmp_path / "x", {**files, "labels.csv": table("id,label", *named)})
    order = ProfileOrder(
        task=Task.IMAGE_CLASSIFICATION,
        source=Source(uri=str(root)),
        holdout_uri=str(root / "test"),
        destination=f"{tmp_path}/",
        report="",
    )
    found = examine(order, HERE, tmp_path / "scratch")
    assert (classes(found), found.count, found.findings.problems()) == (("circle", "square"), 60, ())


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["id,a,b", *(f"{i},1,1" for i, _ in ROWS)], "gives 40 files several classes"),
        (["id,width,height", *(f"{i},640,480" for i, _ in ROWS)], "has several columns (width, height)"),
        (["id,label", *(f"{i}," for i, _ in ROWS)], "gives no image a class"),
        (["id", *(i for i, _ in ROWS)], "has no column beside the files' names"),
        (["id,label,xmin,ymin", *(f"{i},{c},1,2" for i, c in ROWS)], "holds boxes of objects"),
        (["id,label", *(f"{i},{c}{n}" for i, c in ROWS for n in "ab")], "names a file in several rows"),
    ],
)
def test_a_table_that_gives_no_class_is_said(look: Look, tmp_path: Path, lines: list[str], why: str) -> None:
    found = look(write(tmp_path / "x", {**FILES, "labels.csv": table(*lines)}))
    named = problem(found, "LabelTable")
    assert (named.severity, named.names) == (Severity.ERROR, ("labels.csv",))
    assert f"labels.csv {why}" in named.message
    assert "a folder per class, or one CSV file with the columns file and label" in named.message


def test_objects_of_each_image_are_no_class(look: Look, tmp_path: Path) -> None:
    lines = table(*(f'{{"file_name": "{i}.png", "objects": {{"bbox": [[1, 2, 3, 4]]}}}}' for i, _ in ROWS))
    found = look(write(tmp_path / "x", {**FILES, "images/metadata.jsonl": lines}))
    assert "images/metadata.jsonl holds objects (objects) for each image" in problem(found, "LabelTable").message


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("cat.0 cat.1 dog.0 dog.1", "cat dog"),
        ("cat_001 cat_002 dog_001 dog_002", "cat dog"),
        ("cat (1)|cat (2)|dog (1)|dog (2)", "cat dog"),
        ("cat1 cat2 dog1 dog2", "cat dog"),
        ("001_cat 002_dog 003_cat 004_dog", "cat dog"),
        ("great_pyrenees_1 great_pyrenees_2 pug_1 pug_2", "great_pyrenees pug"),
        ("n01440764_1 n01440764_2 n02102040_1 n02102040_2", "n01440764 n02102040"),
        ("IMG_001 IMG_002 DSC_001 DSC_002", ""),
        ("IMG_20240105_1 IMG_20240105_2 photo_1 photo_2", ""),
        ("cat_1 cat_2 cat_3 cat_4", ""),
        ("train_1 train_2 test_1 test_2", ""),
        ("001 002 003 004", ""),
        ("cat_1 002 dog_1 004", ""),
    ],
)
def test_files_names_may_be_classes(names: str, expected: str) -> None:
    stems = names.split("|" if "|" in names else " ")
    files = [f"{at}/{stem}.jpg" for at in "ab" for stem in stems]
    assert sorted(set(label_name.labels([*files, *(f"c/{name}" for name in files)]).values())) == expected.split()


def test_files_are_called_by_their_class(look: Look, tmp_path: Path) -> None:
    train = {f"train/{('cat', 'dog')[i % 2]}.{i}.png": picture(i) for i in range(40)}
    rest = {f"test1/{i}.png": picture(500 + i) for i in range(9)}
    found = look(write(tmp_path / "x", {**train, **rest, "sizes.xlsx": b"PK"}))
    assert (classes(found), found.count) == (("cat", "dog"), 40)
    assert problem(found, "NamesAsClasses").message == (
        "the classes are taken from the files' names: cat (cat.0.png), dog (dog.1.png); if these are no classes, put "
        "images into one folder per class"
    )
    assert problem(found, "NoClass").count == 9
    graded = {f"grade{g}/patient{p}_{i}.png": picture(i + 20 * p) for g in (1, 2) for p in (g, g + 2) for i in range(9)}
    assert classes(look(write(tmp_path / "z", graded))) == ("grade1", "grade2")
    parts = {
        f"part{g}/{c}_{i}.png": picture(i + 9 * len(c) + 99 * g)
        for g in (1, 2)
        for c in ("ox", "cat")
        for i in range(9)
    }
    assert classes(look(write(tmp_path / "w", parts))) == ("cat", "ox")
    both = {**train, **{name.replace("train", "test"): content for name, content in train.items()}}
    assert problem(look(write(tmp_path / "y", both)), "SplitFolders").severity is Severity.ERROR


def test_what_to_do_with_loose_images_is_said(look: Look, tmp_path: Path) -> None:
    found = look(write(tmp_path / "x", {f"{i:03}.png": picture(i) for i in range(3)}))
    assert problem(found, "NoExamples").message.endswith(
        "into one folder per class below it; or call them by their class, as cat_001.jpg; or add a CSV file with the "
        "columns file and label"
    )


def test_tables_of_each_split_are_said(look: Look, tmp_path: Path) -> None:
    lines = table("filename,circle,square", *(f"{i:03}.png,{i % 2},{1 - i % 2}" for i in range(20)))
    files = {**folders("train", "test"), "train/_classes.csv": lines, "test/_classes.csv": lines}
    named = problem(look(write(tmp_path / "x", files)), "LabelTable")
    assert named.names == ("test/_classes.csv", "train/_classes.csv")
    assert "name the folder of one in source.uri and of another in holdout.uri" in named.message


STEMS = [f"{i:03}" for i in range(40)]


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"images/_a.json": b'{"images": [], "annotations": [], "categories": []}'}, "images/_a.json (COCO)"),
        ({"export.json": b'[{"id": 1, "annotations": [], "data": {"image": "x"}}]'}, "export.json (Label Studio)"),
        ({f"labels/{i}.txt": b"0 .1 .1 .2 .2" for i in STEMS}, "labels/000.txt and 39 more (YOLO)"),
        (
            {
                **folders("train/images", "valid/images", count=20),
                **{f"train/labels/{i:03}.txt": b"0 .1 .1 .2 .2" for i in range(20)},
            },
            "train/labels/000.txt and 19 more (YOLO)",
        ),
        ({f"Annotations/{i}.xml": b"<annotation/>" for i in STEMS}, "Annotations/000.xml and 39 more (Pascal VOC)"),
        ({"annotations.xml": b"<annotations/>"}, "annotations.xml (CVAT)"),
        ({"images/000.json": b'{"shapes": [], "imagePath": "000.png"}'}, "images/000.json (LabelMe)"),
        (
            {"images/_a.json": b'[{"image": "000.png", "annotations": [{"coordinates": {}}]}]'},
            "images/_a.json (CreateML)",
        ),
        ({"x.ndjson": b'{"data_row": {"id": "000.png"}, "projects": {}}\n' * 2}, "x.ndjson (Labelbox)"),
    ],
)
def test_annotations_are_said(look: Look, tmp_path: Path, files: dict[str, bytes], named: str) -> None:
    found = look(write(tmp_path / "x", files if "train/images/000.png" in files else {**FILES, **files}))
    assert [each.message for each in found.findings.problems()] == [
        f"{named} annotates images, but gives none a class: "
        "export a folder per class, or one CSV file with the columns file and label"
    ]
    assert found.findings.refused
