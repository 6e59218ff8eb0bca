"""Logs on stderr: a JSON object a line in a pod, text for people. Set up once by `__main__`.

Tracebacks carry no local variables: these hold secrets and examples.
"""

import logging
import os
import sys

import structlog

LEVEL_VARIABLE = "NORIA_LOG_LEVEL"
"""Environment variable: debug, info (default), warning or error."""


def set_up(*, text: bool) -> None:
    """Send our logs, and the libraries' warnings, to stderr: as text for people, or as JSON."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
    ]
    if not text:
        shared.append(structlog.processors.TimeStamper(fmt="iso", utc=True))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(text)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of what several trials in one process do
    for package in ("noria_trainers", "noria_store", "noria_cli"):
        logging.getLogger(package).setLevel(os.environ.get(LEVEL_VARIABLE, "info").upper())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def _renderers(text: bool) -> list[structlog.typing.Processor]:
    if text:
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
