"""Logs: JSON lines on standard error, without message texts, tokens or phone numbers.

Only ids, counts and kinds of errors are logged. Other libraries' loggers that print addresses (which carry the
platform's token) are kept to warnings, and whatever still looks like a token is struck out.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

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


def _strike(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Strike out what looks like a token or a mobile number, wherever it stands."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _SECRETS.sub("[struck out]", value)
    return event


def _drop_values(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep where an error happened, not its words: a database error's text repeats what people wrote."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException) and error.__traceback__ is not None:
        places = []
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next  # type: ignore[assignment]  # the stub leaves out the None at the end
        event["where"] = places[-6:]
    return event


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
