"""URIs in messages."""


def shown(uri: str) -> str:
    """The URI as it may be shown: what follows `?` or `#` and stands before `@` on the web may be a password."""
    scheme, mark, rest = uri.partition("://")
    if scheme not in ("http", "https") or not mark:
        return uri
    before, question, _ = rest.partition("#")[0].partition("?")
    host, slash, path = before.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}{'?…' if question else ''}"
