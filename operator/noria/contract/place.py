"""Where everything is stored in the bucket, or below a folder in its place. A folder's URI ends with `/`."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

REPORT = "report.json"
"""What a step reported, in its destination."""
MANIFEST, PROFILE = "manifest.json", "profile.json"
"""In a revision: written last, so a revision that has it is complete; and everything found out, for people."""
CHECKPOINT, HISTORY, PREDICTIONS = "checkpoint.npz", "history.json", "predictions.npz"
"""In a trial's folder: its checkpoint, its history by epoch, and its predictions for the validation set."""
MODEL, CARD, CARD_PAGE = "model.tar", "card.md", "card.html"
"""A version that can be served, in the folder of a trial or of the best; and its model card, as text and as a page."""
PROOF = "proof.json"
"""In a proof's folder, beside the answers that it rests on: the whole comparison, written last."""

BEFORE = "before.json"
"""In the folder of a watch: how the version before has served."""


class Top(StrEnum):
    """Folders of Noria's own at the top of the bucket; people upload to others."""

    DATASETS = "datasets"
    RUNS = "runs"
    EXPERIENCE = "experience"
    PROOFS = "proofs"


OF_NAMESPACES = (Top.DATASETS, Top.RUNS, Top.PROOFS)
"""Those with a folder for each namespace."""


@dataclass(frozen=True)
class Places:
    """The layout below a root: `s3://BUCKET`, or a folder."""

    root: str

    @property
    def experience(self) -> str:
        """Results that all choices learn from."""
        return _folder(self.root, Top.EXPERIENCE)

    def dataset(self, namespace: str, name: str) -> str:
        """Revisions of a Dataset."""
        return _folder(self.root, Top.DATASETS, namespace, name)

    def runs(self, namespace: str, name: str, *, uid: str | None = None) -> str:
        """Runs of a TrainingJob; without its uid, also those of others with its name."""
        return _folder(self.root, Top.RUNS, namespace, name, *([] if uid is None else [uid]))

    def proofs(self, namespace: str, name: str, *, uid: str | None = None) -> str:
        """Proofs of a Model's versions; without its uid, also those of others with its name."""
        return _folder(self.root, Top.PROOFS, namespace, name, *([] if uid is None else [uid]))


def revision(dataset: str, id: str) -> str:
    """A revision of a Dataset."""
    return _folder(dataset, id)


def own_experience(dataset: str) -> str:
    """Results that stay with a Dataset, and go with it."""
    return _folder(dataset, Top.EXPERIENCE)


def profile_report(dataset: str, *, uid: str, number: int) -> str:
    """The report of this profile run."""
    return _folder(dataset, "profiles", uid) + f"{number}.json"


def run(runs: str, number: int) -> str:
    """A run of a TrainingJob."""
    return _folder(runs, str(number))


def run_of(folder: str) -> str | None:
    """Namespace, TrainingJob, its uid and the number of the run that a folder belongs to; none outside of runs."""
    _, mark, below = folder.rpartition(f"/{Top.RUNS}/")
    parts = below.split("/")[:4]
    return "/".join(parts) if mark and len(parts) == 4 else None


def choose_report(run: str, attempt: int) -> str:
    """The report of this attempt to choose."""
    return run + (f"choose-{attempt}.json" if attempt else "choose.json")


def trial(run: str, name: str) -> str:
    """A trial of a run."""
    return _folder(run, name)


def best(run: str) -> str:
    """What a run concludes with."""
    return _folder(run, "best")


def proof(proofs: str, version: int) -> str:
    """The proof of a Model's version."""
    return _folder(proofs, str(version))


def watch(proof: str, moment: str) -> str:
    """The watch that followed the promotion at this moment of the version that was proven there."""
    return _folder(proof, "watch", moment)


def notification_report(folder: str, id: str) -> str:
    """The report on a notification about what the folder belongs to."""
    return _folder(folder, "notifications") + f"{id}.json"


def report(folder: str, attempt: int = 0) -> str:
    """The report of this attempt at the step that writes into a folder."""
    return folder + (f"report-{attempt}.json" if attempt else REPORT)


def log(report: str) -> str:
    """The end of the log of the step that writes this report: beside it, `log.txt` for `report.json`."""
    name = report.rpartition("/")[2].removesuffix(".json")
    stem = REPORT.removesuffix(".json")
    return folder_of(report) + (f"log{name.removeprefix(stem)}" if name.startswith(stem) else f"{name}-log") + ".txt"


def unreported(uris: Iterable[str]) -> tuple[str, ...]:
    """Of files in a run's folder, the logs of trials that left no report: they failed."""
    found = [(folder_of(uri), uri.rpartition("/")[2], uri) for uri in uris]
    stem = REPORT.removesuffix(".json")
    reported = {folder for folder, name, _ in found if name.startswith(stem) and name.endswith(".json")}
    return tuple(uri for folder, name, uri in found if name.startswith("log") and folder not in reported)


def folder_of(uri: str) -> str:
    """The folder of a file."""
    return uri.rpartition("/")[0] + "/"


def _folder(*names: str) -> str:
    return "/".join([names[0].rstrip("/"), *names[1:], ""])
