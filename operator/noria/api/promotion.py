"""How a version of a Model comes to be served: the rule in its spec, the verdicts in its status, what people decide."""

from enum import StrEnum

from pydantic import Field

from noria.api.kind import GROUP, MOST_SECONDS, Duration, Part
from noria.contract import Policy, Verdict, Watched

PROMOTE = f"{GROUP}/promote"
"""Annotation on a Model: the version to promote, whatever a proof says of it."""
REJECT = f"{GROUP}/reject"
"""Annotation on a Model: the version to reject; if it is served, the one before takes its place."""
SERVE = f"{GROUP}/serve"
"""Annotation on a Model: the version to serve until the annotation is removed or a person promotes a newer version."""
DECIDED_BY = f"{GROUP}/decided-by"
"""Annotation on a Model: the user who set the others; the chart's admission policy holds it to the truth."""

PINNED = "Pinned"
"""Condition, only while True: a person chose the version that is served."""
DECISION_REFUSED = "DecisionRefused"
"""Condition, only while True, and reason of an event: an annotation asks for what cannot be done."""

# Reasons of a candidate: what it is waiting for.
PROVING = "Proving"  # it is being compared with what serves
PROVE_FAILED = "ProveFailed"  # the comparison failed and is retried; of a verdict: it failed for good
APPROVAL_WANTED = "ApprovalWanted"  # a person has to promote or reject it

# Reasons of what people decided.
CHOSEN_BY_PERSON = "ChosenByPerson"  # Pinned: the annotation serve names the version
NOT_POSSIBLE = "NotPossible"  # DecisionRefused: there is no such version, or it cannot be served

# Reasons of a verdict; a proof has further ones, such as Better and Worse.
FIRST_VERSION = "FirstVersion"  # nothing was served before
SOURCE_ARTIFACT = "SourceArtifact"  # the spec names the artifact itself
POLICY_ALWAYS = "PolicyAlways"  # the policy asks for no proof
BY_PERSON = "ByPerson"  # an annotation said so
SUPERSEDED = "Superseded"  # a newer candidate came before there was a verdict
ROLLED_BACK = "RolledBack"  # it was promoted, and did worse than the version before


class WatchSpec(Part):
    """How long a promoted version is watched, and how much it must have answered to be judged."""

    duration: Duration = "30m"
    """Time after a promotion in which a version that does worse is rolled back; 0s for no watch."""
    min_requests: int = Field(default=200, ge=1, le=MOST_SECONDS)
    """Requests that it must have answered to be judged."""


class PromotionSpec(Part):
    """What a version from a TrainingJob must show before it replaces the one that is served."""

    policy: Policy = Policy.NOT_WORSE
    """NotWorse: it is not worse than the served version, nor than the last one that was promoted as better, by more
    than the margin. Better: it is better than the served version. Approve: a person promotes it. Always: nothing."""
    confidence_percent: int = Field(default=95, ge=50, le=99)
    """How sure a proof must be."""
    margin_percent: int = Field(default=10, ge=0, le=100)
    """The loss that policy NotWorse allows, in percent of the served version's lead over a guess without a model."""
    watch: WatchSpec = WatchSpec()
    """How long a promoted version is watched."""


class ProofStatus(Part):
    """A candidate's comparison with the version that serves."""

    gain: str | None = Field(default=None, max_length=40)
    """By which its score is better, as a decimal number; negative if it is worse."""
    interval: tuple[str, str] | None = None
    """Bounds of the gain, as decimal numbers."""
    report_uri: str | None = Field(default=None, alias="reportURI", max_length=1024)
    """The whole comparison, in the object store."""


class VerdictStatus(ProofStatus):
    """What became of a candidate."""

    result: Verdict
    """Promoted, Rejected, or Inconclusive: the examples do not decide, so what serves stays."""
    reason: str = Field(max_length=63)
    """Machine-readable reason, one CamelCase word."""
    message: str = Field(default="", max_length=1024)
    """Why, and what to do about it."""
    at: str
    """When it was decided."""
    by: str = Field(max_length=256)
    """Who decided: policy, or the user named by the annotation noria.dev/decided-by."""


class CandidateProofStatus(ProofStatus):
    """The comparison of a candidate that a person decides about."""

    is_better: bool = False
    """Whether the whole interval of the gain is above 0."""


class CandidateStatus(Part):
    """The version that may replace the served one, until there is a verdict."""

    version: int
    """Number of the version."""
    since: str
    """When it became the candidate."""
    reason: str = Field(max_length=63)
    """What it is waiting for: Proving, ProveFailed, ApprovalWanted, or why its Job cannot start."""
    message: str = Field(default="", max_length=1024)
    """What it is waiting for, and what to do."""
    attempt: int = 0
    """Number of retries of the comparison; part of the names of its Job and report."""
    failures: int = 0
    """Failed tries of the comparison in a row."""
    rule: str | None = Field(default=None, max_length=64)
    """Hash of what is compared, and by which rule; another one starts the comparison again."""
    proof: CandidateProofStatus | None = None
    """The comparison, if a person has to decide."""


class WatchState(StrEnum):
    """How far a watch is."""

    STARTING = "Starting"
    """The version before goes on until it is known how it has served."""
    WATCHING = "Watching"
    KEPT = str(Watched.KEPT)
    BREACHED = str(Watched.BREACHED)
    INCONCLUSIVE = str(Watched.INCONCLUSIVE)


class WatchStatus(Part):
    """How a version serves after its promotion, beside the one that it replaced."""

    version: int
    """The version that was promoted."""
    before: int
    """The version that it replaced."""
    promoted_at: str
    """When it was promoted."""
    since: str
    """When the watch began."""
    state: WatchState = WatchState.STARTING
    """Starting, Watching, Kept, Breached, or WatchInconclusive: nothing was found out, so it is kept."""
    message: str = Field(default="", max_length=1024)
    """The figures of both versions, or why there are none."""


class InstructionStatus(Part):
    """The last value of an annotation that was obeyed or refused, so that each is obeyed once."""

    annotation: str = Field(max_length=63)
    """The annotation's key."""
    value: str = Field(max_length=64)
    """Its value."""
    by: str = Field(max_length=256)
    """The user named by the annotation noria.dev/decided-by."""
    at: str
    """When it was obeyed or refused."""
    refused: str | None = Field(default=None, max_length=1024)
    """Why it was not obeyed."""
