"""The parts of object URIs."""

SCHEME = "s3://"


def is_s3(uri: str) -> bool:
    """Whether the URI names an object in S3."""
    return uri.startswith(SCHEME)


def is_web(uri: str) -> bool:
    """Whether the URI names a file on a web server, which is read-only."""
    return uri.startswith(("https://", "http://"))


def shown(uri: str) -> str:
    """The URI as it may be shown: what follows `?` or `#` and stands before `@` on the web may be a password."""
    if not is_web(uri):
        return uri
    scheme, _, rest = uri.partition("://")
    rest, mark = rest.partition("#")[0], ""
    if "?" in rest:
        rest, mark = rest.partition("?")[0], "?…"
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}{mark}"


def join(folder: str, *names: str) -> str:
    """The URI of something in a folder; a folder's own URI ends with `/` when the last name is empty."""
    return "/".join([folder.rstrip("/"), *names])


def split(key: str) -> tuple[str, str]:
    """Bucket and key of `bucket/key`."""
    bucket, _, name = key.partition("/")
    return bucket, name
