"""What URIs of objects are made of."""

SCHEME = "s3://"


def is_s3(uri: str) -> bool:
    """Whether the URI is of an object in an S3 store."""
    return uri.startswith(SCHEME)


def is_web(uri: str) -> bool:
    """Whether the URI is of a file on a web server, which can be read only."""
    return uri.startswith(("https://", "http://"))


def join(folder: str, *names: str) -> str:
    """The URI of something in a folder; a folder's own URI ends with `/` when the last name is empty."""
    return "/".join([folder.rstrip("/"), *names])


def split(key: str) -> tuple[str, str]:
    """Bucket and the key in it, of `bucket/key`."""
    bucket, _, name = key.partition("/")
    return bucket, name
