"""The steps in this process, without an operator: orders are made here and reports are kept in a folder."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from noria.contract import (
    HOLDOUT_FRACTION,
    Artifact,
    ChooseOrder,
    ChooseReport,
    ChosenConfiguration,
    Column,
    ConcludeOrder,
    ConcludeReport,
    Ensemble,
    ExitCode,
    FailureKind,
    FailureReport,
    FinishedTrial,
    Format,
    Metric,
    Order,
    ProfileOrder,
    ProfileReport,
    Report,
    Source,
    Strategy,
    Task,
    TrainOrder,
    TrainReport,
    place,
    replaced,
)
from noria.contract.place import PROFILE
from noria_store import verified
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.steps.frame import answer, outcome
from noria_trainers.steps.tail import Tail

R = TypeVar("R", bound=Report)
LANDMARK_SECONDS = 60.0
"""CPU time for the quick scores of a table."""
_TRIALS_OWN: dict[int, FailureKind] = {
    ExitCode.BAD_DATA: FailureKind.BAD_DATA,
    ExitCode.CRASHED: FailureKind.CRASHED,
}
"""Exit codes that say something about one trial alone, with the kind of failure."""


@dataclass(frozen=True)
class Options:
    """What the user asks for."""

    data: str
    """Path or URI."""
    task: Task
    out: Path
    target: str | None
    format: Format | None
    columns: tuple[Column, ...]
    metric: Metric
    strategy: Strategy
    trials: int
    ensemble: Ensemble
    seed: int
    holdout: str | None = None
    """Path or URI of the examples to hold out."""
    holdout_column: str | None = None
    holdout_fraction: float | None = None
    """None: the usual share."""

    @property
    def id(self) -> str:
        """Eight hex digits that distinguish runs on one revision."""
        asked = json.dumps([self.metric, self.strategy, self.trials, self.seed])
        return hashlib.sha256(asked.encode()).hexdigest()[:8]


class InProcess:
    """Everything below one folder: `revisions/`, `runs/`, `experience/` and `model/`, the versions to serve."""

    def __init__(self, options: Options, store: Store, scratch: Path) -> None:
        self.options, self.store, self.scratch = options, store, scratch

    def profile(self) -> ProfileReport:
        """The revision of the data as they are now."""
        options, latest = self.options, self._latest.read_text() if self._latest.exists() else ""
        order = ProfileOrder(
            task=options.task,
            source=Source(uri=options.data, format=options.format),
            target=options.target,
            columns=options.columns,
            holdout_fraction=options.holdout_fraction or HOLDOUT_FRACTION,
            holdout_column=options.holdout_column,
            holdout_uri=options.holdout,
            landmark_seconds=LANDMARK_SECONDS,
            previous=place.revision(self._revisions, latest) if latest else None,
            destination=self._revisions,
            report=f"{self.scratch}/{PROFILE}",  # of today's data, so it is not kept
        )
        report = self.answer(order, ProfileReport)
        if report.revision and report.revision != latest:
            self._latest.write_text(report.revision)
        return report

    def start(self, revision: str) -> "Run":
        """A run on the revision, or an earlier one with the same options, to continue."""
        return Run(
            self,
            place.revision(self._revisions, revision),
            self.options.out / "runs" / f"{revision}-{self.options.id}",
        )

    @property
    def _revisions(self) -> str:
        return f"{self.options.out}/revisions/"

    @property
    def _latest(self) -> Path:
        """Holds the name of the task's last revision, whose examples stay in their splits."""
        return self.options.out / "revisions" / f"latest-{self.options.task}"

    def answer(self, order: Order, kind: type[R], tail: Tail | None = None) -> R:
        """The step's report, stored or fresh."""
        report = answer(order, self.store, self.scratch, tail)
        if not isinstance(report, kind):
            raise TypeError(f"the step {order.step} does not answer with a {kind.__name__}")
        return report


class Run:
    """One run on one revision."""

    def __init__(self, steps: InProcess, revision: str, folder: Path) -> None:
        self._steps, self._options, self._revision, self._folder = steps, steps.options, revision, folder

    def choose(self) -> ChooseReport:
        """The configurations to train."""
        order = ChooseOrder(
            task=self._options.task,
            metric=self._options.metric,
            revision=self._revision,
            strategy=self._options.strategy,
            trials=self._options.trials,
            experience=self._experience,
            seed=self._options.seed,
            report=f"{self._folder}/choice.json",
        )
        return self._steps.answer(order, ChooseReport)

    def train(self, name: str, chosen: ChosenConfiguration) -> FinishedTrial:
        """A trained configuration, or how it failed; the others continue. Raises StepError where all would fail."""
        destination = place.trial(str(self._folder), name)
        order = TrainOrder(
            task=self._options.task,
            metric=self._options.metric,
            revision=self._revision,
            configuration=chosen.configuration,
            seed=self._options.seed,
            destination=destination,
            report=place.report(destination),
        )
        trial = FinishedTrial(
            name=name, configuration=chosen.configuration, report=order.report, why=chosen.why or None
        )
        with Tail() as tail:
            report, code = outcome(lambda: self._steps.answer(order, TrainReport, tail))
        if isinstance(report, TrainReport):
            return replaced(trial, score=report.score)
        if isinstance(report, FailureReport) and code not in _TRIALS_OWN:
            raise StepError(ExitCode(code), report.reason, report.message)
        return replaced(trial, failure=_TRIALS_OWN[code])

    def conclude(self, trials: tuple[FinishedTrial, ...]) -> ConcludeReport:
        """The best trial with its honest score."""
        order = ConcludeOrder(
            task=self._options.task,
            metric=self._options.metric,
            revision=self._revision,
            trials=trials,
            ensemble=self._options.ensemble,
            experience=self._experience,
            seed=self._options.seed,
            destination=f"{self._best}/",
            report=place.report(f"{self._best}/"),
        )
        return self._steps.answer(order, ConcludeReport)

    def place(self, artifact: Artifact) -> Path:
        """Put the version where a server looks, complete or not at all; its folder, named by the next number."""
        versions, mark = self._options.out / "model", self._best / "version"
        if mark.exists() and (versions / mark.read_text()).is_dir():
            return versions / mark.read_text()
        taken = [int(path.name) for path in versions.glob("*") if path.name.isdecimal()]
        version = versions / str(max(taken, default=0) + 1)
        folder = verified.unpacked(artifact, versions.with_name(".model-unpacked"), self._steps.store)
        versions.mkdir(exist_ok=True)
        shutil.move(folder, version)
        mark.write_text(version.name)
        return version

    @property
    def _best(self) -> Path:
        """Apart where no ensemble may be: the same trials are concluded either way."""
        return self._folder / ("best" if self._options.ensemble is Ensemble.IF_BETTER else "best-alone")

    @property
    def _experience(self) -> str:
        return place.Places(str(self._options.out)).experience
