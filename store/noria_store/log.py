"""Structured logs: one JSON object per line, or text for people; ours and the libraries' alike.

Set up once by each program.

Tracebacks carry no local variables: they may hold secrets and examples.
"""

import io
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

import structlog

from noria.contract import visible, visible_in

LEVEL_VARIABLE = "NORIA_LOG_LEVEL"
"""Environment variable of steps, servers and commands: debug, info (default), warning or error."""
_OURS = ("noria_trainers", "noria_serving", "noria_store", "noria_cli")


def set_up(
    *,
    text: bool,
    timed: bool = True,
    stream: TextIO | None = None,
    levels: Mapping[str, str] | None = None,
    traceback: structlog.typing.Processor = structlog.processors.format_exc_info,
) -> None:
    """Send all logs to the stream, which is stderr unless given: as text for people, or as JSON.

    `levels` are by logger, the root's by ""; unless given they show our packages' info and the libraries' warnings.
    `traceback` is how JSON shows an exception.
    """
    stream = stream or sys.stderr
    shared = _shared(timed=timed)
    handler = logging.StreamHandler(stream)
    for_machines = (traceback, structlog.processors.JSONRenderer())
    last = _for_people(colors=stream.isatty(), timed=timed) if text else for_machines
    handler.setFormatter(_formatter(shared, last))
    logging.getLogger().handlers[:] = [handler]
    for name, level in (_levels() if levels is None else levels).items():
        logging.getLogger(name).setLevel(level.upper())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,  # first: what is not shown costs nothing
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def text_formatter() -> logging.Formatter:
    """Formats records as text with times and without colors, for a file."""
    return _formatter(_shared(timed=True), _for_people(colors=False, timed=True))


def _formatter(
    shared: Sequence[structlog.typing.Processor], last: Sequence[structlog.typing.Processor]
) -> logging.Formatter:
    """`shared` is for records of libraries, ours have been through it; `last` makes a line of either."""
    first = (structlog.stdlib.ProcessorFormatter.remove_processors_meta, _all_visible)
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[*first, *last])


def _shared(*, timed: bool) -> list[structlog.typing.Processor]:
    """What our lines and those of libraries get: a line without a time is for who reads it as it comes."""
    context: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
    ]
    if timed:
        context += [structlog.stdlib.add_logger_name, structlog.processors.TimeStamper(fmt="iso", utc=True)]
    return context


def _all_visible(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """No name or message of others steers the terminal that shows the log."""
    return {visible(key): visible_in(value) for key, value in event.items()}


def _for_people(*, colors: bool, timed: bool) -> list[structlog.typing.Processor]:
    if not timed:
        return [structlog.processors.format_exc_info, _sentence]
    return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=_traceback)]


def _traceback(stream: TextIO, error: structlog.typing.ExcInfo) -> None:
    text = io.StringIO()
    structlog.dev.plain_traceback(text, error)
    stream.write(visible(text.getvalue(), lines=True))


def _sentence(logger: object, name: str, event: structlog.typing.EventDict) -> str:
    """What happened, then what is known of it: `trained: score 0.9312, epochs 12`."""
    level, what = event.pop("level", "info"), event.pop("event")
    exception = event.pop("exception", None)
    told = ", ".join(f"{key.replace('_', ' ')} {_in_words(value)}" for key, value in event.items())
    line = f"{'' if level == 'info' else f'{level}: '}{what}{f': {told}' if told else ''}"
    return f"{line}\n{visible(exception, lines=True)}" if exception else line


def _in_words(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join(map(_in_words, value)) if isinstance(value, (list, tuple)) else str(value)


def _levels() -> dict[str, str]:
    """TensorFlow warns of what several trials in one process do."""
    ours = os.environ.get(LEVEL_VARIABLE, "info")
    return {"": "warning", "tensorflow": "error", **dict.fromkeys(_OURS, ours)}
