"""The revision before the one that a profile makes, and what of it is known again. Used by `examine`."""

from pathlib import Path

from noria.contract import ProfileOrder
from noria_store.error import NOT_FOUND, StepError
from noria_store.store import Store
from noria_trainers.data.revision import Revision
from noria_trainers.modality.content import Gathered, PastColumns
from noria_trainers.modality.known import history
from noria_trainers.profile import kept
from noria_trainers.profile.division import Past
from noria_trainers.profile.finding import Findings


def previous(order: ProfileOrder, platform: Store | None, findings: Findings) -> Revision | None:
    """The previous revision, if the order names one; a warning where it is gone."""
    if order.previous is None or platform is None:
        return None
    try:
        revision = Revision.open(platform, order.previous)
    except StepError as error:
        if error.reason != "RevisionNotFound":
            raise
        kept.warn_of_start(findings, "the previous revision is gone")
        return None
    return revision if revision.manifest.task == order.task else None


def known(revision: Revision | None, gathered: Gathered, scratch: Path, findings: Findings) -> Past | None:
    """How earlier revisions divided the examples; another target is another question, which starts over."""
    if revision is None or revision.manifest.target != gathered.target:
        return None
    matched = gathered.matched
    try:
        found = history(revision, scratch / "previous", matched)
    except StepError as error:
        if error.reason != NOT_FOUND:
            raise
        kept.warn_of_start(findings, "files of the previous revision are gone")
        return None
    if found is None:
        kept.warn_of_start(findings, "nothing tells its rows apart without the columns that are gone")
        return None
    return Past(found, None if matched is None else matched.features)


def columns_of(revision: Revision | None) -> PastColumns | None:
    """The columns of the revision, if there is one."""
    if revision is None:
        return None
    manifest = revision.manifest
    return PastColumns(manifest.keys.columns if manifest.keys else (), manifest.columns, manifest.target)
