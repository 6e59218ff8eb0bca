"""Two versions, and the anchor, asked about the same examples. Called by `steps.prove`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noria.contract import ProvenVersion, ProveOrder, replaced
from noria_store.store import Store
from noria_trainers.conclusion.holdout import constant
from noria_trainers.data.manifest import Manifest
from noria_trainers.data.revision import Revision
from noria_trainers.proof.answer import TIMED, WARM, Answers, LoadedModel, latencies, load
from noria_trainers.proof.examples import HeldOut, some
from noria_trainers.proof.judge import NewClass
from noria_trainers.proof.kept import Compared, Cost
from noria_trainers.proof.projection import classes_of, projected
from noria_trainers.target.resample import Floats
from noria_trainers.target.target import target_of
from noria_trainers.wording import counted

MOST_EXAMPLES = 100_000
"""Of a larger hold-out so many are compared, drawn by the order's seed."""


@dataclass(frozen=True)
class Version:
    """One of the versions."""

    order: ProvenVersion
    revision: Revision
    model: LoadedModel | str
    """Or why it cannot be loaded."""
    artifact_bytes: int | None

    @classmethod
    def of(cls, order: ProvenVersion, store: Store, scratch: Path) -> "Version":
        """Downloaded and loaded. Raises StepError where its artifact or revision is gone."""
        revision = Revision.open(store, order.revision)
        model = load(order.artifact, scratch / f"version-{order.version}", order.task, store)
        return cls(order, revision, model, store.size(order.artifact.uri))

    @property
    def broken(self) -> str:
        """Why it cannot be loaded, if so."""
        return f"it cannot be loaded: {self.model}" if isinstance(self.model, str) else ""

    @property
    def manifest(self) -> Manifest:
        """Of its revision."""
        return self.revision.manifest

    def answers(self, held: HeldOut, chosen: NDArray[np.bool_]) -> Answers:
        """Its answers to the chosen ones of the held-out examples [n]."""
        outputs = target_of(self.order.task).outputs(len(self.manifest.classes))
        if isinstance(self.model, str):
            return Answers(np.full((int(chosen.sum()), outputs), np.nan), self.model)
        return self.model.answers(held.inputs(chosen, self.manifest), outputs)

    def cost(self) -> Cost:
        """Its size."""
        return Cost(
            bytes=self.artifact_bytes, parameters=None if isinstance(self.model, str) else self.model.parameters
        )


@dataclass(frozen=True)
class Comparison:
    """What the versions did."""

    held_out: int
    """Examples that the candidate's revision holds out."""
    fair: int
    """Those of them that no version has seen."""
    compared: Compared
    baseline: Floats
    new_classes: tuple[NewClass, ...]
    unusable: str
    """Why the candidate cannot be served, if so."""
    served_fails: int
    """Examples that the served version could not answer."""
    candidate: Cost
    served: Cost


def compare(
    order: ProveOrder, candidate: Version, served: Version, anchor: Version | None, scratch: Path
) -> Comparison:
    """Ask both about the examples that neither has seen, and the anchor about those that are new to it too."""
    held = HeldOut.of(candidate.revision, scratch)
    fair = held.unseen(served.revision)
    chosen = some(fair, MOST_EXAMPLES, order.seed)
    labels = classes_of(held.labels, candidate.manifest.classes, served.manifest.classes)
    common = chosen & _is_known(labels)
    given = candidate.answers(held, chosen)
    asked = _Asked(
        held, common, labels, replace(given, scores=given.scores[common[chosen]]), served.answers(held, common)
    )
    baseline = constant(served.revision, scratch)
    compared = asked.compared(candidate, served, baseline)
    if anchor is not None:
        compared = _with_anchor(compared, held, asked.rows(served), anchor, served, baseline)
    costs = _costs(candidate, served, held, asked.answered, order.seed)
    return Comparison(
        held_out=len(fair),
        fair=int(fair.sum()),
        compared=compared,
        baseline=baseline,
        new_classes=_new_classes(candidate.manifest, served.manifest, held.labels[chosen], given),
        unusable=candidate.broken or asked.unusable(served),
        served_fails=int((~asked.theirs.given).sum()),
        candidate=costs[0],
        served=costs[1],
    )


def _is_known(labels: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Which labels [n] are of a class that the served version has; values and several labels always are."""
    if labels.ndim > 1 or labels.dtype.kind == "f":
        return np.ones(len(labels), bool)
    return np.asarray(labels.astype(np.int64) >= 0)


@dataclass(frozen=True)
class _Asked:
    """What both versions answered to the common ones of n held-out examples."""

    held: HeldOut
    common: NDArray[np.bool_]
    """[n]."""
    labels: NDArray[np.generic]
    """As the served version has them [n]."""
    ours: Answers
    """The candidate's [common]."""
    theirs: Answers
    """The served version's [common]."""

    def unusable(self, served: Version) -> str:
        """Why the candidate cannot be served: it fails where the served version does not."""
        failed = ~self.ours.given & (self.theirs.given | bool(served.broken))
        if not failed.any():
            return ""
        return f"it fails on {failed.sum():,} of {counted(len(failed), 'example')}: {self.ours.why}"

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Which examples [n] both answered."""
        return self._placed(self.ours.given & self.theirs.given)

    def rows(self, served: Version) -> NDArray[np.bool_]:
        """Which examples [n] are compared: but those that neither version can answer."""
        return self._placed(self._compared(served))

    def compared(self, candidate: Version, served: Version, baseline: Floats) -> Compared:
        """Their answers, the baseline's in place of those that were not given."""
        kept, rows = self._compared(served), self.rows(served)
        labels, groups = self.labels[rows], self.held.groups
        return Compared(
            keys=self.held.keys.holdout.keys[rows],
            labels=labels,
            candidate=_in_classes(self.ours.scores[kept], labels, candidate, served, baseline),
            served=_in_classes(self.theirs.scores[kept], labels, served, served, baseline),
            groups=None if groups is None else np.unique(groups[rows], return_inverse=True)[1],
            origins=self.held.origins(served.revision)[rows],
        )

    def _compared(self, served: Version) -> NDArray[np.bool_]:
        return np.asarray(self.ours.given | self.theirs.given | bool(served.broken))

    def _placed(self, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of all examples [n] are those of the common ones that are kept [common]."""
        rows = np.zeros_like(self.common)
        rows[np.flatnonzero(self.common)[kept]] = True
        return rows


def _in_classes(
    scores: Floats, labels: NDArray[np.generic], version: Version, served: Version, baseline: Floats
) -> NDArray[np.float32]:
    """A version's scores [n, k] as the served version has them, the baseline's where it gave none."""
    found = projected(scores, labels, version.manifest.classes, served.manifest.classes)
    return np.where(np.isfinite(scores).all(axis=1, keepdims=True), found, baseline).astype(np.float32)


def _with_anchor(
    compared: Compared, held: HeldOut, rows: NDArray[np.bool_], anchor: Version, served: Version, baseline: Floats
) -> Compared:
    answers = anchor.answers(held, rows)
    scores = _in_classes(answers.scores, compared.labels, anchor, served, baseline)
    new = held.unseen(served.revision, anchor.revision)[rows]
    return replace(compared, anchor=scores, new_to_anchor=new)


def _new_classes(
    given: Manifest, known: Manifest, labels: NDArray[np.generic], answers: Answers
) -> tuple[NewClass, ...]:
    """Classes that only the candidate has, with its recall; `labels` [n] are indices of its classes."""
    found = []
    for name in given.classes:
        if name not in known.classes:
            chosen = labels == given.classes.index(name)
            hits = answers.given[chosen] & (answers.scores[chosen].argmax(axis=1) == labels[chosen])
            found.append(NewClass(name=name, examples=len(hits), recall=float(hits.mean()) if len(hits) else None))
    return tuple(found)


def _costs(candidate: Version, served: Version, held: HeldOut, rows: NDArray[np.bool_], seed: int) -> Sequence[Cost]:
    """Sizes of both, and how long they take for one example."""
    costs = [candidate.cost(), served.cost()]
    if isinstance(candidate.model, str) or isinstance(served.model, str) or not rows.any():
        return costs
    few = some(rows, TIMED + WARM, seed)
    asked = [held.inputs(few, each.manifest, size=1) for each in (candidate, served)]
    taken = latencies([candidate.model, served.model], asked)
    return (
        [
            replaced(cost, p50_milliseconds=each.p50, p95_milliseconds=each.p95)
            for cost, each in zip(costs, taken, strict=True)
        ]
        if taken
        else costs
    )
