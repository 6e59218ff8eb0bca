"""What a Model's status says about candidates, in one place: what happened, and how a person decides otherwise."""

from decimal import Decimal

from noria.api import Model
from noria.api.condition import cut
from noria.api.model import VersionStatus
from noria.api.promotion import DECIDED_BY, PROMOTE, REJECT

_FIGURES_BYTES = 700
"""Of what others say within one message of ours, which goes on with what to do."""


def promoted(number: int, why: str) -> str:
    """Of a version that is the next to be served."""
    return f"version {number} was promoted: {cut(why, _FIGURES_BYTES)}"


def not_promoted(model: Model, number: int, why: str) -> str:
    """Of a version that is not served, so that what serves stays."""
    by_hand = f"to promote it all the same: {_command(model, f'{PROMOTE}={number}')}"
    return f"version {number} was not promoted: {cut(why, _FIGURES_BYTES)}; {by_hand}"


def approval_wanted(model: Model, number: int, why: str) -> str:
    """Of a candidate that a person decides about."""
    decide = f"to promote it: {_command(model, f'{PROMOTE}={number}')}; to reject it: {REJECT}={number} instead"
    return f"version {number} waits for a person: {cut(why, _FIGURES_BYTES)}; {decide}"


def unprovable(number: int, served: VersionStatus | None) -> str:
    """Of a candidate that cannot be compared with this version."""
    named = f" or version {served.version}" if served else ""
    return f"it cannot be compared, since it is not known what version {number}{named} was trained on"


def proving(number: int, served: VersionStatus | None) -> str:
    """Of a candidate whose comparison with this version is under way."""
    return f"version {number} is being compared with version {served.version}" if served else ""


def watching(number: int, before: int, duration: str) -> str:
    """Of a version that is watched beside this one."""
    return f"version {number} is watched beside version {before} for {duration}"


def watch_ended(number: int) -> str:
    """Of a watch of a version that is not the last promoted one any more, or that a person pinned."""
    return f"the watch of version {number} ended, since another decision followed"


def unwatched(number: int, why: str) -> str:
    """Of a watch without a result."""
    return f"version {number} is kept without a watch: {cut(why, _FIGURES_BYTES)}"


def rolled_back(model: Model, number: int, why: str) -> str:
    """Of a version that did worse than the one before, which serves again."""
    by_hand = f"to promote it all the same: {_command(model, f'{PROMOTE}={number}')}"
    return f"version {number} was rolled back: {cut(why, _FIGURES_BYTES)}; {by_hand}"


def comparison_failed(why: str) -> str:
    """Of a proof without a result."""
    return f"the comparison failed: {why}"


def decimal(value: float) -> str:
    """The number with four significant digits, without an exponent."""
    return format(Decimal(f"{value + 0.0:.4g}"), "f")


def _command(model: Model, annotation: str) -> str:
    about = model.metadata
    return (
        f"kubectl annotate models.noria.dev {about.name} --namespace {about.namespace} --overwrite {annotation} "
        f"{DECIDED_BY}=YOUR-USER-NAME"
    )
