"""What of Noria's bucket an object may read: what belongs to its own namespace, and what people upload.

Decided by the operator as soon as an object names a source or an artifact, and checked again by the pod that reads it.
"""

import re
from collections.abc import Sequence

from noria.contract.place import OF_NAMESPACES, Top
from noria.contract.shape import Shape

_AMAZON = ".amazonaws.com"


class Home(Shape):
    """The namespace that an order is for, and Noria's bucket."""

    bucket: str
    namespace: str

    def why_refused(self, uri: str, *, endpoint: str = "") -> str:
        """Why an object of the namespace may not read `uri`; nothing where it may. `endpoint` is the bucket's store.

        | what the URI names | may it be read? |
        |---|---|
        | another bucket, another server | yes, as far as this rule goes |
        | datasets/NAMESPACE/ or runs/NAMESPACE/ in the bucket | yes |
        | the same of another namespace, or of all | no |
        | experience/ | no |
        | the whole bucket | no |
        | anything with `..` in its path | no |
        | anything else in the bucket | yes: that is where people upload |
        """
        bucket, path = _bucket_and_path(uri, self.bucket, endpoint)
        if bucket.lower() != self.bucket.lower():
            return ""
        parts = [part for part in re.split(r"[/\\]", _decoded(path)) if part not in ("", ".")]
        if refusal := self._refused(parts):
            return f"s3://{'/'.join([self.bucket, *parts])} {refusal}"
        return ""

    def _refused(self, parts: Sequence[str]) -> str:
        if not parts:
            return "is the whole bucket, with the data of all namespaces: name a folder in it, such as sources/"
        if ".." in parts:
            return "leads out of its folder: write the path without `..`"
        first = parts[0].lower()
        if first == Top.EXPERIENCE:
            return (
                "holds what Noria has learned and is not a source: upload examples to another folder, such as sources/"
            )
        if first in OF_NAMESPACES and tuple(parts[1:2]) != (self.namespace,):
            own = ", ".join(f"{name}/{self.namespace}/" for name in OF_NAMESPACES)
            return (
                f"is outside of namespace {self.namespace}, which reads {own} and uploads in folders such as sources/"
            )
        return ""


def _bucket_and_path(uri: str, ours: str, endpoint: str) -> tuple[str, str]:
    """Bucket and path of `s3://BUCKET/PATH` and of the URLs at which a store has the same object; else nothing."""
    scheme, _, rest = uri.partition("://")
    host, _, path = rest.partition("/")
    if scheme.lower() == "s3":
        return host, path
    host, path = host.rpartition("@")[2].lower().partition(":")[0].rstrip("."), path.partition("?")[0]
    store = endpoint.partition("://")[2].partition("/")[0].lower().partition(":")[0]
    if host.endswith(_AMAZON) or (host and host.removeprefix(f"{ours}.") == store):
        bucket, _, key = _decoded(path).lstrip("/").partition("/")
        return (ours, path) if host.startswith(f"{ours}.") else (bucket, key)
    return "", ""


def _decoded(path: str) -> str:
    """The path with its percent escapes resolved, however often they are escaped themselves."""
    while (plain := re.sub("%([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), path)) != path:
        path = plain
    return path
