"""What goes wrong when a model is asked. Each message says what to do."""


class ClientError(Exception):
    """Any failure of this package."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.examples: range | None = None
        """Places of the examples that it is about, where that is not all of them."""

    def __str__(self) -> str:
        if not self.examples:
            return self.message
        first, last = self.examples[0], self.examples[-1]
        which = f"example {first}" if first == last else f"among examples {first} to {last}"
        return f"{self.message} ({which}, counted from 0)"


class InputError(ClientError, ValueError):
    """What was given cannot be sent to this model, or the address is wrong."""


class RefusedError(ClientError):
    """The server refused the request; it would do so again."""

    def __init__(self, message: str, status: str) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status or the gRPC code."""


class NotFoundError(RefusedError):
    """The server has no such model, version or label."""


class AccessError(RefusedError):
    """The credentials are missing, wrong, or not enough."""


class UnavailableError(ClientError):
    """The server could not be reached or was overloaded, also after retries."""


class TimedOutError(ClientError, TimeoutError):
    """No answer came in time."""


class AnswerError(ClientError):
    """What answered does not speak TensorFlow Serving's API."""
