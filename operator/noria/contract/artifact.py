"""Files in the object store that are identified by their digests."""

from pydantic import Field

from noria.contract.shape import Shape


class Artifact(Shape):
    """A file in the object store that is used only if its digest matches."""

    uri: str = Field(min_length=1, max_length=1024)
    """s3://BUCKET/PATH of the file."""
    digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$", max_length=71)
    """SHA-256 of the file's bytes, as sha256: and 64 hex digits."""


class Backbone(Artifact):
    """Pretrained weights of a `keras.applications` model, by the model's name there."""

    name: str
