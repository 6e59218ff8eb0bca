"""The parts of object URIs."""

SCHEME = "s3://"


def is_s3(uri: str) -> bool:
    """Whether the URI names an object in S3."""
    return uri.startswith(SCHEME)


def is_web(uri: str) -> bool:
    """Whether the URI names a file on a web server, which is read-only."""
    return uri.startswith(("https://", "http://"))


def join(folder: str, *names: str) -> str:
    """The URI of something in a folder; a folder's own URI ends with `/` when the last name is empty."""
    return "/".join([folder.rstrip("/"), *names])


def split(key: str) -> tuple[str, str]:
    """Bucket and key of `bucket/key`."""
    bucket, _, name = key.partition("/")
    return bucket, name
