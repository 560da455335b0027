"""structlog set-up: one event a line on standard error, JSON or for people."""

import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import TextIO

import msgspec
import structlog
from structlog.typing import Processor

from gateway.telemetry.redaction import describe_exception, redact

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def set_up(
    *,
    level: str = "info",
    style: str = "json",
    stream: TextIO | None = None,
) -> None:
    """Make every log line of the process go through redaction to one stream.

    Args:
        level: Least severe event that is written, `debug` to `error`.
        style: `json` or `console`.
        stream: Standard error if not given.
    """
    target = stream if stream is not None else sys.stderr
    least = _LEVELS[level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _take_exception,
            describe_exception,
            redact,
            _stamp,
            *_renderer(style, target),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    _bridge_libraries(least)


def _renderer(style: str, target: TextIO) -> list[Processor]:
    if style == "console":
        return [structlog.dev.ConsoleRenderer(colors=target.isatty())]
    return [_render_json]


def _render_json(
    _logger: object,
    _method: str,
    event: MutableMapping[str, object],
) -> str:
    return msgspec.json.encode(event).decode()


def _take_exception(
    _logger: object,
    _method: str,
    event: MutableMapping[str, object],
) -> MutableMapping[str, object]:
    """Replace `exc_info=True` by the exception at hand."""
    if event.get("exc_info") is True:
        event["exc_info"] = sys.exc_info()
    return event


def _stamp(
    _logger: object,
    _method: str,
    event: MutableMapping[str, object],
) -> MutableMapping[str, object]:
    """Put the time, UTC with milliseconds, and what happened first."""
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    first = {"at": moment.replace("+00:00", "Z"), "level": "", "event": ""}
    return {**first, **event}


class _Bridge(logging.Handler):
    """Hands the lines of libraries over to structlog, so that they are redacted."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the record's template; its arguments may quote anything."""
        is_warning = record.name == "py.warnings"
        text = record.getMessage() if is_warning else str(record.msg)
        structlog.get_logger().log(
            max(record.levelno, logging.DEBUG),
            "library_logged",
            library=record.name,
            # What follows the first line describes objects, with all they hold.
            text=text.partition("\n")[0],
            exc_info=record.exc_info,
        )


def _bridge_libraries(least: int) -> None:
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, _Bridge):
            root.removeHandler(handler)
    root.addHandler(_Bridge())
    root.setLevel(max(least, logging.WARNING))
    logging.captureWarnings(capture=True)
