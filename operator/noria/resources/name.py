"""Names of children and places in the object store: the same for the same object, so that nothing is made twice."""

import hashlib

from noria.api.kind import Metadata

MOST = 63
"""Longest name that is also a label and a DNS label."""


def child_name(owner: Metadata, part: str) -> str:
    """`OWNER-PART-HASH`, at most 63 characters; the hash of the uid keeps apart what a deleted namesake left."""
    tail = f"-{part}-{hashlib.sha256(owner.uid.encode()).hexdigest()[:5]}"
    return owner.name[: MOST - len(tail)] + tail


def dataset_place(bucket: str, namespace: str, name: str) -> str:
    """Where the revisions of a Dataset lie."""
    return f"s3://{bucket}/datasets/{namespace}/{name}/"


def run_place(bucket: str, owner: Metadata, run: int) -> str:
    """Where everything of a run lies."""
    return f"s3://{bucket}/runs/{owner.namespace}/{owner.name}/{owner.uid}/{run}/"


def experience_place(bucket: str) -> str:
    """Where the results lie that all choices learn from."""
    return f"s3://{bucket}/experience/"


def own_experience_place(bucket: str, namespace: str, dataset: str) -> str:
    """Where the results lie that stay with a Dataset, and go with it."""
    return f"{dataset_place(bucket, namespace, dataset)}experience/"
