"""Errors whose type says what happens next. Raised by the client, the executor and the controllers; caught in `worker`."""


class Invalid(Exception):
    """A person must change the object: it gets a condition, and is not tried again until it changes."""


class Unavailable(Exception):
    """Something needed does not answer: tried again with backoff."""


class Stale(Exception):
    """The cache is behind the API server: read anew, then tried again at once. No fault, and not logged as one."""
