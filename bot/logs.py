"""Logs: JSON lines on standard error, without message texts, tokens or phone numbers.

Only ids, counts and kinds of errors are logged. Other libraries' loggers that print addresses (which carry the
platform's token) are kept to warnings, and whatever still looks like a token is struck out.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import warnings
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog

_SECRETS = re.compile(r"\d{3,}:[A-Za-z0-9_-]{10,}|\b1[3-9]\d{9}\b")
_TALKATIVE = (
    "httpx",
    "httpcore",
    "aiogram",
    "telegram",
    "apscheduler",
    "alembic",
    "asyncio",
    "uvicorn",
    "multipart",
)


def _struck(value: Any) -> Any:
    match value:
        case str():
            return _SECRETS.sub("[struck out]", value)
        case dict():
            return {key: _struck(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_struck(inner) for inner in value]
    return value


def _strike(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Strike out what looks like a token or a mobile number, wherever it stands."""
    for key, value in event.items():
        if not key.startswith("_"):
            event[key] = _struck(value)
    return event


def _drop_values(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep where an error happened, not its words: a database error's text repeats what people wrote."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        places = []
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        event.setdefault("error", type(error).__name__)
        event["where"] = places[-6:]
    return event


def _catch_the_rest() -> None:
    """What Python itself prints goes to the log too, without its words: what nobody caught, and warnings."""
    log = structlog.get_logger("python")
    usual = sys.excepthook

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            usual(kind, error, trace)
        else:
            log.critical("process.broke", exc_info=error)

    def warned(
        message: Warning | str, category: type[Warning], filename: str, lineno: int,
        file: TextIO | None = None, line: str | None = None,
    ) -> None:  # fmt: skip
        log.warning("python.warning", kind=category.__name__, where=[f"{filename.rsplit('/', 1)[-1]}:{lineno}"])

    sys.excepthook = uncaught
    threading.excepthook = lambda broken: log.error("thread.broke", exc_info=broken.exc_value)
    sys.unraisablehook = lambda broken: log.error("python.unraisable", exc_info=broken.exc_value)
    warnings.showwarning = warned


def set_up_logs(level: str) -> None:
    """Send structlog's and the standard library's records to standard error as JSON lines."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _drop_values,
        _strike,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(number)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    _catch_the_rest()
