"""Whether a candidate may replace what a Model serves: the policies, the verdicts, and what is compared."""

from enum import StrEnum

from noria.contract.artifact import Artifact
from noria.contract.shape import Shape
from noria.contract.task import Metric, Task


class Policy(StrEnum):
    """What a candidate must show before it replaces the served version."""

    NOT_WORSE = "NotWorse"
    """It is not worse than the served version, nor than the last one that was better, by more than the margin."""
    BETTER = "Better"
    """It is better than the served version."""
    APPROVE = "Approve"
    """A person approves of it."""
    ALWAYS = "Always"
    """Nothing."""


class Verdict(StrEnum):
    """What a proof, or a person, says of a candidate: final for it until a person says otherwise."""

    PROMOTED = "Promoted"
    REJECTED = "Rejected"
    INCONCLUSIVE = "Inconclusive"
    """The examples do not decide, so what serves stays."""


class Origin(StrEnum):
    """Where an example of a proof came from."""

    KNOWN = "Known"
    """The served version's revision has it, or one before that had."""
    ADDED = "Added"
    """It came into the Dataset after that."""


class ProvenVersion(Shape):
    """A version of a Model, as a proof needs it."""

    version: int
    task: Task
    metric: Metric
    artifact: Artifact
    """The model as it was scored on its hold-out set."""
    revision: str
    """The revision that it was trained on: `s3://BUCKET/datasets/NS/NAME/REVISION/`."""
