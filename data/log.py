"""Logging, alike in the web and in the ETL: events with fields, one line each, to stderr."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(*, as_json: bool) -> None:
    """Set structlog up for this process.

    Args:
        as_json: JSON lines also on a terminal; without one they are JSON anyway.
    """
    on_terminal = sys.stderr.isatty() and not as_json
    # Not the renderer's own tracebacks: those print local variables, and with them data.
    renderer = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if on_terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    tracebacks = [] if on_terminal else [structlog.processors.format_exc_info]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *tracebacks,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # A run that is still going on when its next turn comes is no news.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
