"""Log lines: one event per line, as JSON for machines or in colour for people. Secrets are blotted out."""

import logging
import sys
from typing import Any

import structlog

# Values under these names never reach a log, whoever puts them there.
SECRET_NAMES = frozenset({
    "password", "secret", "client_secret", "clientsecret", "token", "access_token", "refresh_token", "authorization",
    "pepper", "cookie", "webhook_secret", "webhooksecret", "authorizationkey",
})  # fmt: skip


def configure(*, level: str, form: str, process: str) -> None:
    """Set up structlog and the libraries' logging; `level` and `form` are the settings log_level and log_format."""
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        blot_secrets,
    ]
    last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=shared + (last if as_json else [console_lines()]),
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    logging.basicConfig(level=max(threshold, logging.WARNING), handlers=[ToStructlog()], force=True)


def console_lines() -> structlog.dev.ConsoleRenderer:
    """Write lines for people. Plain tracebacks: the pretty ones print local variables, and those may hold secrets."""
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)


def blot_secrets(_logger: object, _method: str, event: Any) -> Any:
    """Replace the values of names that hold secrets, one level deep into mappings."""
    for name, value in event.items():
        if name.lower() in SECRET_NAMES:
            event[name] = "[secret]"
        elif isinstance(value, dict):
            event[name] = {key: "[secret]" if str(key).lower() in SECRET_NAMES else v for key, v in value.items()}
    return event


class ToStructlog(logging.Handler):
    """Lets what libraries log come out in the same form as our own lines."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass a record on."""
        logger = structlog.get_logger(record.name)
        logger.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info)
