"""What a Model notifies a server of: verdicts, and candidates that wait for a person. Used by `decisions.model`."""

from collections.abc import Iterator

from noria.api.model import ModelStatus
from noria.api.notification import NotificationStatus
from noria.api.promotion import APPROVAL_WANTED, ROLLED_BACK, VerdictStatus
from noria.contract import NotificationType, Verdict
from noria.decisions.notification import Sender


def happened(before: ModelStatus, after: ModelStatus, sender: Sender) -> Iterator[NotificationStatus]:
    """One notification for each verdict that decides, and for a candidate that a person has to decide about."""
    known = {version.version: version.verdict for version in before.versions}
    for version in after.versions:
        verdict = version.verdict
        type = _type_of(verdict) if verdict and verdict != known.get(version.version) else None
        if verdict and type:
            yield sender.notification(
                type,
                reason=verdict.reason,
                message=verdict.message,
                key=f"{version.version}/{verdict.at}",
                version=version.version,
            )
    was, is_ = before.candidate, after.candidate
    if (
        is_
        and is_.reason == APPROVAL_WANTED
        and (was is None or (was.version, was.reason) != (is_.version, is_.reason))
    ):
        yield sender.notification(
            NotificationType.APPROVAL_WANTED,
            reason=is_.reason,
            message=is_.message,
            key=f"{is_.version}/{is_.since}",
            version=is_.version,
        )


def _type_of(verdict: VerdictStatus) -> NotificationType | None:
    """None for a verdict that decides nothing."""
    if verdict.reason == ROLLED_BACK:
        return NotificationType.ROLLED_BACK
    return {
        Verdict.PROMOTED: NotificationType.PROMOTED,
        Verdict.REJECTED: NotificationType.REJECTED,
    }.get(verdict.result)
