"""Sending by Apprise, which knows the services; nothing of an address but its scheme gets out."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from planning_review.errors import TransientError, UsageError
from planning_review.notices.addresses import Address, list_address_secrets
from planning_review.notices.outbox import Message

if TYPE_CHECKING:
    from apprise import NotifyBase

_REASON = "Exception: "
_MOST_REASON = 200


def check_address(address: Address) -> str:
    """Return the name of an address's service; UsageError where Apprise knows no such address."""
    return str(_open(address).service_name)


def send_message(address: Address, message: Message) -> None:
    """Send one message to one address; raises PlanningReviewError, with the reason, where it is not taken."""
    plugin = _open(address)
    from apprise import Apprise, NotifyFormat

    is_html = plugin.notify_format == NotifyFormat.HTML
    service = Apprise()
    service.add(plugin)
    with _listening() as said:
        try:
            is_taken = service.notify(
                title=message.subject,
                body=message.html if is_html else message.text,
                body_format=NotifyFormat.HTML if is_html else NotifyFormat.TEXT,
            )
        except Exception as error:  # noqa: BLE001 - a plugin's own fault shows no address and stops no other one
            said.append(f"{_REASON}{type(error).__name__}")
            is_taken = False
    if not is_taken:
        reason = _find_reason(said, address) or "it gave no reason"
        raise TransientError(
            f"{plugin.service_name} ({address.scheme}://) did not take a message: {reason}. Correct "
            "PLANNING_NOTIFY if that is wrong; `planning-review check notify` tries it."
        )


def _open(address: Address) -> "NotifyBase":
    from apprise import Apprise

    with _listening() as said:
        plugin = Apprise.instantiate(address.url, suppress_exceptions=True)
    if plugin is None:
        start = f"{address.scheme}://" if address.scheme else "no scheme"
        reason = f" ({found})" if (found := _find_reason(said, address)) else ""
        raise UsageError(
            f"PLANNING_NOTIFY has an address that Apprise does not know: it begins with {start}{reason}. One "
            "looks like mailtos://name:password@mail.example.org?to=group@example.org: docs/automations.md"
        )
    return plugin


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Keep what Apprise logs for ourselves: it may hold what is secret."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    logger, listener = logging.getLogger("apprise"), Listener()
    level, propagate, handlers = logger.level, logger.propagate, logger.handlers
    logger.setLevel(logging.DEBUG)
    logger.propagate, logger.handlers = False, [listener]
    try:
        yield said
    finally:
        logger.setLevel(level)
        logger.propagate, logger.handlers = propagate, handlers


def _find_reason(said: list[str], address: Address) -> str:
    """Return what the service answered, without what is secret in its address."""
    answers = [line.partition(_REASON)[2] for line in said if _REASON in line]
    reason = " ".join((answers or [*said[-1:]] or [""])[-1].split())
    if "://" in reason:
        # Apprise repeats the address.
        return ""
    for secret in sorted(list_address_secrets(address.url), key=len, reverse=True):
        # A short one must not be cut out of words.
        reason = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "********", reason)
    return reason[:_MOST_REASON].rstrip(".")
