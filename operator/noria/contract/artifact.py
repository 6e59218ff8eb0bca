"""Files in the object store that are used only as they were meant."""

from pydantic import Field

from noria.contract.shape import Shape


class Artifact(Shape):
    """A file in the object store that is only used when its digest matches."""

    uri: str = Field(min_length=1, max_length=1024)
    """s3://BUCKET/PATH of the file."""
    digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")
    """sha256: and 64 hex digits, of the file's bytes."""


class Backbone(Artifact):
    """Pretrained weights of a `keras.applications` model, by the model's name there."""

    name: str
