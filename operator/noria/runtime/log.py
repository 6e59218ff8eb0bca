"""The operator's logs, on stdout. Set up once by `noria.__main__`."""

import sys

import structlog

from noria_store import log

_TRACEBACK = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
"""Variables are not shown: they may hold a spec or a secret."""
_LIBRARIES = {
    "kopf": "warning",
    "kubernetes": "warning",
    "aiohttp": "warning",
    "asyncio": "warning",
    "kopf._core.reactor.observation": "error",  # warns of every optional type
    "kubernetes.aio.config": "error",  # warns in every pod that it has no kubeconfig
}


def set_up(*, level: str, text: bool) -> None:
    """Send all logs to stdout, as JSON or as text for a terminal."""
    log.set_up(text=text, stream=sys.stdout, levels={"": level, **_LIBRARIES}, traceback=_TRACEBACK)
    structlog.configure(cache_logger_on_first_use=True)
