"""What the verdicts on a Model's versions amount to: which is to be served, which is the anchor, which are kept."""

from collections.abc import Iterable

from noria.api.model import ModelStatus, VersionStatus
from noria.contract import Verdict

MOST_VERSIONS = 10
MOST_PROMOTED = 3
"""The last promoted versions that are kept whatever comes after them."""


def promoted(status: ModelStatus) -> tuple[VersionStatus, ...]:
    """The versions that may be served, the one promoted last at the end.

    Those without a verdict are from before there were verdicts, and count as promoted; only the candidate does not.
    """
    candidate = status.candidate.version if status.candidate else None
    found = (
        version
        for version in status.versions
        if (version.verdict.result is Verdict.PROMOTED if version.verdict else version.version != candidate)
    )
    return tuple(sorted(found, key=lambda version: (version.promoted_at or "", version.version)))


def target(status: ModelStatus) -> VersionStatus | None:
    """The version to serve: the pinned one, else the one promoted last."""
    pinned = (version for version in status.versions if version.version == status.pinned)
    return next(pinned, None) or _last(promoted(status))


def incumbent(status: ModelStatus) -> VersionStatus | None:
    """The version that a candidate has to be compared with.

    That is the one to serve; or the one that answers in its place, where it cannot be loaded.
    """
    wanted = target(status)
    if wanted and wanted.message:
        answering = (version for version in promoted(status) if version.version == status.served)
        return next(answering, wanted)
    return wanted


def anchor(status: ModelStatus) -> VersionStatus | None:
    """The last version that was promoted as better, or without a proof: losses since then must not add up."""
    return _last(version for version in promoted(status) if version.is_anchor or version.verdict is None)


def kept(status: ModelStatus) -> tuple[VersionStatus, ...]:
    """The last ten versions; the oldest that nothing depends on go first."""
    recent = promoted(status)[-MOST_PROMOTED:]
    candidate = status.candidate.version if status.candidate else None
    needed = {status.served, status.pinned, candidate, *(version.version for version in recent)}
    needed |= {found.version for found in (target(status), anchor(status)) if found}
    free = [version.version for version in status.versions if version.version not in needed]
    gone = set(free[: max(0, len(status.versions) - MOST_VERSIONS)])
    return tuple(version for version in status.versions if version.version not in gone)


def _last(versions: Iterable[VersionStatus]) -> VersionStatus | None:
    return next(iter(reversed(tuple(versions))), None)
