"""Logs on stderr: a JSON object a line in a pod, text on a terminal. Set up once by the server and by the puller.

Tracebacks carry no local variables: these hold what users sent.
"""

import sys

import structlog


def set_up() -> None:
    """Send our logs to stderr."""
    last: list[structlog.typing.Processor] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    if sys.stderr.isatty():
        last = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True), *last],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
