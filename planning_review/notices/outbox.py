"""The outbox on this disk: what is to be sent stays until its address took it, each address by itself."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock
from pydantic import ValidationError

from planning_review.errors import PlanningReviewError
from planning_review.files import replace_file
from planning_review.models import Frozen
from planning_review.notices.addresses import Address
from planning_review.settings import Settings

KEPT_DAYS = 30
_LOCK_SECONDS = 300

logger = logging.getLogger(__name__)

Send = Callable[[Address, "Message"], None]
"""Sends one message to one address; raises PlanningReviewError, with the reason, where it is not taken."""


class Message(Frozen):
    """A message on its way. waiting has the keys of the addresses that have not taken it yet."""

    made_at: datetime
    subject: str
    text: str
    html: str
    waiting: tuple[str, ...] = ()


class Delivery(Frozen):
    """What became of the messages that were waiting: how many were sent, and what each address refused."""

    sent: int = 0
    waiting: int = 0
    problems: tuple[str, ...] = ()


def find_outbox(settings: Settings) -> Path:
    """Return the folder of messages that wait."""
    return settings.notices_dir / "outbox"


def put_message(folder: Path, message: Message, addresses: Sequence[Address]) -> None:
    """Keep a message for these addresses; it is sent by `send_waiting`."""
    kept = message.model_copy(update={"waiting": tuple(address.key for address in addresses)})
    replace_file(folder / f"{message.made_at:%Y%m%dT%H%M%S%fZ}.json", kept.model_dump_json(indent=1))


def send_waiting(folder: Path, addresses: Sequence[Address], send: Send, now: datetime) -> Delivery:
    """Send what waits, the oldest first, one process at a time.

    An address that refuses one message is given no other one in this call, and its reason once. What waits
    for an address that is no longer there, or for longer than KEPT_DAYS, is dropped.
    """
    if not any(folder.glob("*.json")):
        return Delivery()
    by_key = {address.key: address for address in addresses}
    problems: dict[str, str] = {}
    sent = 0
    with FileLock(folder / ".lock", timeout=_LOCK_SECONDS):
        for path in sorted(folder.glob("*.json")):
            message = _read(path)
            if message is None or now - message.made_at > timedelta(days=KEPT_DAYS):
                logger.warning(
                    "A message of %s was not sent for %d days and is dropped.", path.stem, KEPT_DAYS
                )
                path.unlink()
                continue
            for key in message.waiting:
                if key in by_key and key not in problems:
                    try:
                        send(by_key[key], message)
                    except PlanningReviewError as error:
                        problems[key] = str(error)
                        continue
                    sent += 1
                elif key in problems:
                    continue
                # On disk before anything else is sent: a process that is killed repeats one at most.
                message = _strike(path, message, key)
    return Delivery(sent=sent, waiting=count_waiting(folder), problems=tuple(problems.values()))


def count_waiting(folder: Path) -> int:
    """Return how many messages wait."""
    return len(list(folder.glob("*.json")))


def _strike(path: Path, message: Message, key: str) -> Message:
    left = message.model_copy(update={"waiting": tuple(each for each in message.waiting if each != key)})
    if left.waiting:
        replace_file(path, left.model_dump_json(indent=1))
    else:
        path.unlink()
    return left


def _read(path: Path) -> Message | None:
    try:
        return Message.model_validate_json(path.read_bytes())
    except ValidationError:
        return None
