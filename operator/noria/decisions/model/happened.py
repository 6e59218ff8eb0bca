"""What a Model notifies a server of: verdicts, and candidates that wait for a person. Used by `decisions.model`."""

from collections.abc import Iterator

from noria.api import promotion
from noria.api.model import ModelStatus
from noria.api.notification import NotificationStatus
from noria.api.promotion import APPROVAL_WANTED, VerdictStatus
from noria.contract import NotificationType, Verdict
from noria.decisions.model.verdict import new_verdicts, newly_waiting
from noria.decisions.notification import Sender


def happened(before: ModelStatus, after: ModelStatus, sender: Sender) -> Iterator[NotificationStatus]:
    """One notification for each verdict, and for a candidate that a person has to decide about."""
    for number, verdict in new_verdicts(before, after):
        type = _type_of(verdict)
        if type:
            key = f"{number}/{verdict.at}"
            yield sender.notification(type, reason=verdict.reason, message=verdict.message, key=key, version=number)
    candidate = newly_waiting(before, after)
    if candidate and candidate.reason == APPROVAL_WANTED:
        yield sender.notification(
            NotificationType.APPROVAL_WANTED,
            reason=candidate.reason,
            message=candidate.message,
            key=f"{candidate.version}/{candidate.since}",
            version=candidate.version,
        )


def _type_of(verdict: VerdictStatus) -> NotificationType | None:
    """None where a newer candidate came first: that one's verdict is what there is to tell."""
    match verdict.reason:
        case promotion.ROLLED_BACK:
            return NotificationType.ROLLED_BACK
        case promotion.SUPERSEDED:
            return None
    return _TYPES[verdict.result]


_TYPES = {
    Verdict.PROMOTED: NotificationType.PROMOTED,
    Verdict.REJECTED: NotificationType.REJECTED,
    Verdict.INCONCLUSIVE: NotificationType.INCONCLUSIVE,
}
