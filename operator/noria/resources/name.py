"""Names of children: the same for the same object, so that nothing is made twice."""

import hashlib

from noria.api.kind import Metadata

MOST = 63
"""Longest name that is also a label and a DNS label."""


def child_name(owner: Metadata, part: str) -> str:
    """`OWNER-PART-HASH`, at most 63 characters; the hash of the uid keeps apart what a deleted namesake left."""
    tail = f"-{part}-{hashlib.sha256(owner.uid.encode()).hexdigest()[:5]}"
    return owner.name[: MOST - len(tail)] + tail
