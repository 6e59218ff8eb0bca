"""A proof as it is kept in the bucket, whole enough to be judged again. Used by `steps.prove` and `noria why`."""

import io
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from noria.contract import ExitCode, ProveReport, Shape, replaced
from noria.contract.place import PREDICTIONS, PROOF
from noria_store.error import StepError
from noria_store.store import Store
from noria_store.uri import join
from noria_store.verified import digest_of
from noria_trainers.proof.gain import Gain, Paired
from noria_trainers.proof.judge import Case, Judgement, judge
from noria_trainers.proof.part import ClassGain, GroupGain, OriginGain
from noria_trainers.target.resample import Counts, Floats


@dataclass(frozen=True)
class Compared:
    """What the models answered to the n examples of a proof."""

    keys: NDArray[np.uint64]
    """[n]."""
    labels: NDArray[np.generic]
    """[n]."""
    candidate: NDArray[np.float32]
    """[n, k]."""
    served: NDArray[np.float32]
    """[n, k]."""
    groups: Counts | None = None
    """The group of each example [n], counted from 0."""
    origins: NDArray[np.str_] | None = None
    """Where each example [n] came from, as members of `Origin`; none in proofs of earlier versions."""
    anchor: NDArray[np.float32] | None = None
    """[n, k]."""
    new_to_anchor: NDArray[np.bool_] | None = None
    """Which examples [n] the anchor was not trained or validated on either."""

    @property
    def beside_served(self) -> Paired:
        """The candidate and the served version."""
        return Paired(self.labels, _wide(self.candidate), _wide(self.served), self.groups, self.origins)

    @property
    def beside_anchor(self) -> Paired | None:
        """The candidate and the anchor, if there is one, on what is new to it too."""
        if self.anchor is None or self.new_to_anchor is None:
            return None
        whole = Paired(self.labels, _wide(self.candidate), _wide(self.anchor), self.groups)
        return whole.only(self.new_to_anchor)

    def to_bytes(self) -> bytes:
        """The arrays as a NumPy file."""
        arrays = {name: value for name, value in vars(self).items() if value is not None}
        file = io.BytesIO()
        np.savez_compressed(file, **arrays)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Compared":
        """What `to_bytes` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return cls(**{name: arrays[name] for name in arrays.files})


class Cost(Shape):
    """What it takes to serve a version."""

    bytes: int | None = None
    """Of the artifact."""
    parameters: int | None = None
    p50_milliseconds: float | None = None
    """Of requests with one example, in turn with the other version's on the same machine."""
    p95_milliseconds: float | None = None


class Proof(Shape):
    """The content of `proof.json`."""

    case: Case
    report: ProveReport
    held_out: int = 0
    """Examples that the candidate's revision holds out."""
    seen: int = 0
    """Those of them that were left out because a version was trained or validated on them."""
    examples: int = 0
    """Examples that were compared."""
    groups: int | None = None
    """Groups that they come in."""
    gain: Gain | None = None
    """Over the served version."""
    anchor: Gain | None = None
    """Over the anchor."""
    margin: float = 0.0
    classes: tuple[ClassGain, ...] = ()
    of_groups: tuple[GroupGain, ...] = ()
    of_origins: tuple[OriginGain, ...] = ()
    candidate: Cost = Cost()
    served: Cost = Cost()
    keys: tuple[str, ...] = ()
    """Of the examples that were compared, in hexadecimal digits."""
    artifact: str = ""
    """URI of the candidate's; empty in proofs of earlier versions."""
    answers: str = ""
    """Digest of the file beside this one that has the answers, `sha256:...`."""


def write(folder: str, proof: Proof, compared: Compared | None, store: Store) -> None:
    """Keep a proof: the answers first."""
    if compared is not None:
        data = compared.to_bytes()
        proof = replaced(proof, answers=digest_of(data))
        store.write(join(folder, PREDICTIONS), data)
    store.write(join(folder, PROOF), proof.to_json().encode())


def read(folder: str, store: Store) -> tuple[Proof, Compared | None]:
    """The proof in a folder. Raises StepError where there is none, or where it or its answers were changed."""
    try:
        proof = Proof.model_validate_json(store.read(join(folder, PROOF)))
    except ValidationError as error:
        message = f"{join(folder, PROOF)} is no proof, or was changed afterwards: {error.errors()[0]['msg']}"
        raise StepError(ExitCode.BAD_DATA, "BadProof", message) from error
    if not proof.answers:
        return proof, None
    data = store.read(join(folder, PREDICTIONS))
    if digest_of(data) != proof.answers:
        message = f"{join(folder, PREDICTIONS)} is not what the proof rests on: it was changed afterwards"
        raise StepError(ExitCode.BAD_DATA, "DigestMismatch", message)
    return proof, Compared.from_bytes(data)


def judged(case: Case, compared: Compared | None) -> Judgement:
    """The verdict that follows from what is kept."""
    if compared is None:
        return judge(case, None)
    return judge(case, compared.beside_served, compared.beside_anchor)


def is_same(proof: Proof, found: Judgement) -> bool:
    """Whether this judgement is the one that was reported, but for what processors round differently."""
    report, finding = proof.report, found.finding
    if (finding.result, finding.reason, finding.is_better) != (report.result, report.reason, report.is_better):
        return False
    return _is_close(found.gain, proof.gain) and _is_close(found.anchor, proof.anchor)


def _is_close(one: Gain | None, other: Gain | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(np.allclose(astuple(one), astuple(other), rtol=1e-6, atol=1e-9))


def _wide(scores: NDArray[np.float32]) -> Floats:
    return np.asarray(scores, np.float64)
