"""Files of every format, damaged at random: each is accepted, or refused in words, within seconds and little memory.

`make test-files` tries 2,000 of them; `make test` a sample.
"""

import bz2
import csv
import gzip
import io
import json
import os
import random
import resource
import signal
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from noria.contract import ExitCode, ProfileOrder, Source, Task, termination_message
from noria_store.store import Store
from noria_trainers.modality.image import reading
from noria_trainers.steps import profile
from noria_trainers.steps.frame import outcome

CASES = int(os.environ.get("NORIA_MUTATED_FILES", "100"))
BATCHES = 10
SECONDS, MEBIBYTES = 20, 512
"""CPU time that one file may take, however busy the machine is, and what all of them may add to TensorFlow."""
ROWS = 60
Content = Mapping[str, bytes]
"""Files by name: one, or several that are a folder."""
Mutation = Callable[[random.Random, bytes], bytes]


def table(rng: random.Random) -> list[dict[str, object]]:
    return [
        {"size": round(rng.gauss(0, 1), 3), "kind": rng.choice("abc"), "note": f"what {i} sæys", "label": "yn"[i % 2]}
        for i in range(ROWS)
    ]


def delimited(rng: random.Random, delimiter: str) -> bytes:
    text = io.StringIO()
    rows = table(rng)
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def parquet(rng: random.Random) -> bytes:
    data = io.BytesIO()
    columns = pa.Table.from_pylist(table(rng))
    codes = pa.array([10**18 + 7 * i for i in range(ROWS)])
    lists = pa.array([[1, 2]] * ROWS)
    moments = pa.array(range(ROWS), pa.duration("us"))
    whole = columns.append_column("code", codes).append_column("list", lists).append_column("took", moments)
    pq.write_table(whole, data, compression=rng.choice(["none", "snappy", "zstd", "gzip"]))
    return data.getvalue()


def picture(rng: random.Random) -> bytes:
    data = io.BytesIO()
    image = Image.frombytes("RGB", (9, 9), rng.randbytes(243))
    image.save(data, rng.choice(["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"]))
    return data.getvalue()


def pictures(rng: random.Random) -> dict[str, bytes]:
    return {f"{kind}/{i}.png": picture(rng) for i in range(12) for kind in ("cat", "dog")}


def zipped(files: Content) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def tarred(files: Content, mode: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:  # type: ignore[call-overload]  # the mode is a variable
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


def texts(rng: random.Random) -> dict[str, bytes]:
    return {f"{kind}/{i}.txt": f"{kind} says {i} æ".encode() for i in range(12) for kind in ("cat", "dog")}


def lines(rng: random.Random) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in table(rng)).encode()


TABLE_TASKS: list[Task] = [task for task in Task if task is not Task.IMAGE_CLASSIFICATION]
TABLES: dict[str, Callable[[random.Random], bytes]] = {
    "x.csv": lambda rng: delimited(rng, ","),
    "x.tsv": lambda rng: delimited(rng, "\t"),
    "x.txt": lambda rng: delimited(rng, ";"),
    "x.csv.gz": lambda rng: gzip.compress(delimited(rng, ",")),
    "x.csv.bz2": lambda rng: bz2.compress(delimited(rng, ",")),
    "x.csv.zip": lambda rng: zipped({"x.csv": delimited(rng, ",")}),
    "x.jsonl": lines,
    "x.json": lambda rng: json.dumps(table(rng), indent=rng.choice([None, 1])).encode(),
    "columns.json": lambda rng: pa.Table.from_pylist(table(rng)).to_pydict().__repr__().replace("'", '"').encode(),
    "x.parquet": parquet,
}
ARCHIVES: dict[str, Callable[[Content], bytes]] = {
    "x.zip": zipped,
    "x.tar": lambda files: tarred(files, "w"),
    "x.tar.gz": lambda files: tarred(files, "w:gz"),
    "x.tar.xz": lambda files: tarred(files, "w:xz"),
}
FOLDERS: dict[Task, Callable[[random.Random], dict[str, bytes]]] = {
    Task.IMAGE_CLASSIFICATION: pictures,
    Task.TEXT_CLASSIFICATION: texts,
}


def cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def flip(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([1, 4, 40]) if data else 0):
        changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def swap(rng: random.Random, data: bytes) -> bytes:
    one, two, three = sorted(rng.randrange(len(data) + 1) for _ in range(3))
    return data[:one] + data[two:three] + data[one:two] + data[three:]


def insert(what: bytes) -> Mutation:
    def mutated(rng: random.Random, data: bytes) -> bytes:
        for _ in range(rng.choice([1, 5])):
            at = rng.randrange(len(data) + 1)
            data = data[:at] + what + data[at:]
        return data

    return mutated


def repeat_start(rng: random.Random, data: bytes) -> bytes:
    return data[: data.find(b"\n") + 1] * rng.choice([1, 2, 50]) + data


def recode(rng: random.Random, data: bytes) -> bytes:
    encoding = rng.choice(["utf-16", "utf-16-le", "utf-32", "cp1252", "shift_jis", "utf-7", "cp500"])
    return data.decode("utf-8", "replace").encode(encoding, "replace")


MUTATIONS: dict[str, Mutation] = {
    "cut": cut,
    "flip": flip,
    "swap": swap,
    "zeros": insert(b"\0"),
    "quotes": insert(b'"'),
    "newlines": insert(b"\n"),
    "returns": insert(b"\r"),
    "delimiters": insert(b","),
    "brackets": insert(b"[" * 5_000),
    "digits": insert(b"9" * 5_000),
    "long": insert(b"long " * 300_000),
    "many": insert(b",x" * 20_000),
    "start": repeat_start,
    "encoding": recode,
    "twice": lambda rng, data: data + data,
    "nothing": lambda rng, data: b"",
}


def case(seed: int) -> tuple[str, Task, dict[str, bytes]]:
    """What the case is, its task, and its files."""
    rng = random.Random(seed)
    kind = rng.choice(["table", "table", "table", "archive", "folder"])
    if kind == "table":
        name = rng.choice(list(TABLES))
        task = rng.choice(TABLE_TASKS)
        files = {name: TABLES[name](rng)}
    else:
        task, make = rng.choice(list(FOLDERS.items()))
        files = make(rng)
        if kind == "archive":
            name = rng.choice(list(ARCHIVES))
            files = {name: ARCHIVES[name](files)}
    chosen = [rng.choice(list(MUTATIONS)) for _ in range(rng.choice([1, 1, 2, 3]))]
    for mutation in chosen:
        for name in files if len(files) == 1 else rng.sample(list(files), rng.choice([1, 5])):
            files[name] = MUTATIONS[mutation](rng, files[name])
    return f"seed {seed}: {task} of {next(iter(files))}, {', '.join(chosen)}", task, files


@contextmanager
def alarm(what: str) -> Iterator[None]:
    """Fails where the block works too long; one that waits for ever ends with the test's own time."""

    def stop(number: int, frame: object) -> None:
        pytest.fail(f"{what}: not done after {SECONDS} s of CPU time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def profiled(what: str, task: Task, files: Content, folder: Path) -> int:
    """Profiles the files as the step does; its exit code."""
    for name, content in files.items():
        path = folder / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    source = folder / "source" / next(iter(files)) if len(files) == 1 else folder / "source"
    order = ProfileOrder(
        task=task,
        source=Source(uri=str(source)),
        target=None if task is Task.IMAGE_CLASSIFICATION else "label",
        destination=f"{folder}/out/",
        report=f"{folder}/report",
        landmark_seconds=0,
    )
    store = Store.from_environment(environment={})
    with alarm(what):
        report, code = outcome(lambda: profile.run(order, store, folder / "scratch", store))
    assert code in (ExitCode.DONE, ExitCode.BAD_DATA, ExitCode.BAD_ORDER), f"{what}: {report}"
    assert termination_message(report)
    return code


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    """TensorFlow, which takes over half a GiB and many seconds, whatever the first image is like."""
    reading.read(picture(random.Random(0)))


@pytest.mark.timeout(60 + CASES // BATCHES * SECONDS)
@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_damaged_file_is_read_or_refused_in_words(batch: int, tmp_path: Path, figures: list[str]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    codes = Counter(profiled(*case(seed), tmp_path / str(seed)) for seed in range(batch, CASES, BATCHES))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10
    assert grown < MEBIBYTES
    figures.append(
        f"mutated files, batch {batch}: {codes[0]} accepted, {codes.total() - codes[0]} refused, {grown} MiB"
    )
