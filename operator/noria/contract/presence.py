"""Which objects are in the bucket: asked by the operator, which cannot look itself, and answered by a pod that can."""

from noria.contract.shape import Shape

MOST_URIS = 200
"""In one order, so that even the answer that all are absent fits into a termination message."""


class PresenceOrder(Shape):
    """Say which of these are absent."""

    uris: tuple[str, ...]


class PresenceReport(Shape):
    """What was found."""

    absent: tuple[int, ...] = ()
    """Places of the absent ones in the order, from 0."""
