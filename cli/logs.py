"""Console logs without tracebacks: the message is for people, the run's log in Prefect keeps the rest."""

import copy
import logging


class MessageOnly(logging.Formatter):
    """Wrap a handler's formatter and leave the traceback out."""

    def __init__(self, inner: logging.Formatter | None) -> None:
        super().__init__()
        self._inner = inner or logging.Formatter("%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Format a copy of the record that knows of no exception."""
        plain = copy.copy(record)
        plain.exc_info = None
        plain.exc_text = None
        plain.stack_info = None
        return self._inner.format(plain)


def hide_tracebacks() -> None:
    """Keep tracebacks off the console, whichever of Prefect's loggers writes there."""
    from prefect.logging.handlers import PrefectConsoleHandler

    names = [name for name in logging.root.manager.loggerDict if name.startswith("prefect")]
    for logger in [logging.getLogger(name) for name in names] + [logging.getLogger()]:
        for handler in logger.handlers:
            if isinstance(handler, PrefectConsoleHandler) and not isinstance(handler.formatter, MessageOnly):
                handler.setFormatter(MessageOnly(handler.formatter))
