"""Errors whose type says what happens next. `reconcile` reports Invalid on the object, `worker` catches the others."""


class Invalid(Exception):
    """A person must change the object: it gets a condition and waits for a change."""


class Unavailable(Exception):
    """A server does not answer: retried with backoff."""


class Stale(Exception):
    """The cache is behind the API server: read again, then retried. Not an error, and not logged as one."""


class Refused(Exception):
    """The API server answered a request with an error."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        """HTTP status."""
        self.reason = reason
        """Kubernetes' reason, e.g. AlreadyExists, Conflict, NotFound."""
