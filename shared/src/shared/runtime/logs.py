"""Logs: an event name and keys. JSON where machines read them, colours where people do."""

import logging
import sys

import structlog


def set_up(*, level: str, form: str, service: str) -> None:
    """Sets structlog up for the whole process; other libraries' warnings come out alike."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        # plain: rich tracebacks show every local variable, users' texts and keys among them
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, last]
        if form == "json"
        else [*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s %(message)s")
    # aiormq tells of every lost connection with a traceback; ours say it in a line.
    for noisy in ("aiormq", "aio_pika", "faststream"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
