"""Errors whose type says what happens next. `reconcile` puts Invalid on the object, `worker` catches the others."""


class Invalid(Exception):
    """A person must change the object: it gets a condition, and waits until something changes."""


class Unavailable(Exception):
    """Something needed does not answer: tried again with backoff."""


class Stale(Exception):
    """The cache is behind the API server: read again, then tried again. No fault, and not logged as one."""


class Refused(Exception):
    """The API server answered a request with an error."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        """HTTP status."""
        self.reason = reason
        """One word of Kubernetes, e.g. AlreadyExists, Conflict, NotFound."""
