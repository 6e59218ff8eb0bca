"""The interface of a modality, and which modality a task has. Called wherever examples are read, fed in or shown."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from noria.contract import TASKS, Format, Task
from noria.contract import Modality as Kind
from noria_trainers.data.manifest import SplitName
from noria_trainers.data.revision import Revision
from noria_trainers.modality.content import FoundSource, Gathered
from noria_trainers.modality.example_name import ExampleNames
from noria_trainers.modality.image.modality import ImageModality
from noria_trainers.modality.made_up import MadeUp
from noria_trainers.modality.stored import StoredSplit
from noria_trainers.modality.table.modality import TableModality
from noria_trainers.modality.text.modality import TextModality
from noria_trainers.profile.finding import Findings


class Modality(Protocol):
    """How examples of one kind are found, stored and fed in.

    The profile gathers a source's examples and writes them to shards:

        modality = modality_of(order.task)
        format_ = infer_format(order.source, modality.formats, files)
        gathered = modality.gather(FoundSource(order, files, format_, store, scratch), findings)

    Trials read the shards, show the training examples to a design, and get them in the form that it trains on:

        train = modality.split(revision, "train", scratch)
        design = family.design(parameters, Problem(texts=train.texts, table=train.table, ...))
        for features, labels in train.encoded(design.inputs).epoch(seed=0, number=0, batch=64): ...

    A served model takes the same examples by the names of its signature:

        for inputs, labels in modality.split(revision, "holdout", scratch).batches(64): ...
    """

    @property
    def formats(self) -> tuple[Format, ...]:
        """Formats that such examples are read from."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How files end that hold one example each; none where examples are rows only."""

    @property
    def pads_empty_batches(self) -> bool:
        """Whether networks of this modality convolve: on some processors that fails for a batch without examples."""

    @property
    def refusal(self) -> str:
        """What a client is told of a row that a served model cannot read; empty where it reads any."""

    @property
    def example_names(self) -> ExampleNames:
        """What examples are named by where their content must not be shown."""

    def gather(self, source: FoundSource, findings: Findings) -> Gathered | None:
        """All readable, labelled examples of the source; none, and an error in `findings`, where there are none."""

    def split(self, revision: Revision, name: SplitName, scratch: Path) -> StoredSplit:
        """The examples of a revision's split, downloaded when they are first asked for."""

    def made_up(self, revision: Revision, scratch: Path) -> MadeUp:
        """Examples that are like those of the training split without being any of them."""


MODALITIES: Mapping[Kind, Modality] = {
    Kind.IMAGE: ImageModality(),
    Kind.TEXT: TextModality(),
    Kind.TABLE: TableModality(),
}


def modality_of(task: Task) -> Modality:
    """What the task's examples are."""
    return MODALITIES[TASKS[task].modality]


def split_of(revision: Revision, name: SplitName, scratch: Path) -> StoredSplit:
    """The examples of a revision's split."""
    return modality_of(revision.manifest.task).split(revision, name, scratch)


def told_by(names: Sequence[str]) -> Task | None:
    """The only task whose examples are files with such names; none where there are several, or only tables."""
    lower = [name.lower() for name in names]
    for kind, modality in MODALITIES.items():
        if any(name.endswith(modality.suffixes) for name in lower):
            tasks = [task for task, row in TASKS.items() if row.modality is kind]
            return tasks[0] if len(tasks) == 1 else None
    return None
