"""Keeps secrets out of logs, whoever logs them and at whatever level."""

import logging
import re
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import Any
from urllib.parse import quote

from planning_review.settings import Settings

MASK = "********"

CHATTY_LOGGERS = ("botocore", "boto3", "s3transfer", "urllib3")
"""At DEBUG these print access keys, session tokens and signatures."""

_SIGNING = re.compile(
    r"(?i)(X-Amz-(?:Signature|Credential|Security-Token)['\"]?\s*[=:]\s*(?:b?['\"])?"
    r"|\bCredential=|\bSignature=|\bSignature:\s+|\bAWSAccessKeyId=)([^\s&,;'\"<>]+)"
)


class RedactingFilter(logging.Filter):
    """Masks known secrets and the parts of signed requests in every record that it sees."""

    def __init__(self) -> None:
        super().__init__()
        self._secrets: re.Pattern[str] | None = None
        self._known: set[str] = set()

    def add_secrets(self, secrets: Iterable[str]) -> None:
        """Mask these values from now on, as they stand and as they look inside a URL or a repr."""
        for secret in secrets:
            self._known |= {secret, secret.strip(), quote(secret, safe=""), repr(secret)[1:-1]}
        self._known.discard("")
        longest_first = sorted(self._known, key=lambda value: (-len(value), value))
        self._secrets = re.compile("|".join(map(_pattern, longest_first))) if longest_first else None

    def mask(self, text: str) -> str:
        """Return the text with every secret in it replaced."""
        if self._secrets is not None:
            text = self._secrets.sub(MASK, text)
        return _SIGNING.sub(rf"\g<1>{MASK}", text)

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record's message, traceback and stack in place; never drop it."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            return True  # the handler reports a message and arguments that don't fit
        masked = self.mask(message)
        if masked != message:
            record.msg, record.args = masked, ()
        if record.exc_info and record.exc_info[1] is not None:
            shown = _format_exception(record.exc_info)
            masked = self.mask(shown)
            if masked != shown:
                # Formatters print exc_text as it stands and leave the exception itself alone.
                record.exc_text, record.exc_info = masked, None
        if record.stack_info:
            record.stack_info = self.mask(record.stack_info)
        return True


def _pattern(secret: str) -> str:
    # A short secret ("test" on a laptop) must not be cut out of the middle of words.
    return re.escape(secret) if len(secret) >= 8 else rf"(?<![A-Za-z0-9]){re.escape(secret)}(?![A-Za-z0-9])"


def _format_exception(
    exc_info: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
) -> str:
    return "".join(traceback.format_exception(exc_info[1])).rstrip("\n")


_FILTER = RedactingFilter()


def redact(text: str) -> str:
    """Return the text without any secret that `install_redaction` was told of."""
    return _FILTER.mask(text)


def install_redaction(settings: Settings | None = None, secrets: Iterable[str] = ()) -> RedactingFilter:
    """Mask the settings' secrets, and any others given, in every log record of this process.

    Works on records as they are made, so handlers added later are covered too. Raises the level of
    botocore, boto3, s3transfer and urllib3 to INFO where it is lower. Safe to call again: secrets add up.
    """
    found = [*secrets]
    if settings is not None:
        found += settings.list_secrets()
    _FILTER.add_secrets(found)
    for name in CHATTY_LOGGERS:
        chatty = logging.getLogger(name)
        if chatty.getEffectiveLevel() < logging.INFO:
            chatty.setLevel(logging.INFO)
    factory = logging.getLogRecordFactory()
    if not getattr(factory, "redacts", False):

        def make_redacted(*args: Any, **kwargs: Any) -> logging.LogRecord:
            record = factory(*args, **kwargs)
            _FILTER.filter(record)
            return record

        # No type of a function has attributes of one's own.
        make_redacted.redacts = True  # type: ignore[attr-defined]
        logging.setLogRecordFactory(make_redacted)
    return _FILTER
