"""Structured logs: one JSON object per line, ours and the libraries' alike. Set up once by `noria.__main__`."""

import logging
import sys

import structlog

_TRACEBACK = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
"""Variables are not shown: a spec or a secret may be in them."""


def set_up(*, level: str, text: bool) -> None:
    """Send all logs to stdout, as JSON or as text for people."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if text
        else [_TRACEBACK, structlog.processors.JSONRenderer()]
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for library in ("kopf", "kubernetes", "aiohttp", "asyncio"):
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.getLogger("kopf._core.reactor.observation").setLevel(logging.ERROR)  # warns of every optional type
    logging.getLogger("kubernetes.aio.config").setLevel(logging.ERROR)  # warns in every pod that it has no kubeconfig
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,  # first: what is not shown costs nothing
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
