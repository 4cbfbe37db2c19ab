"""A search's requests, tried again where a retry can help."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from planning_review.errors import RegisterThrottled, TransientError
from planning_review.register.pacing import LONGEST_WAIT_SECONDS

SEARCH_HINT = "The same search can be made again."

RETRY_DELAYS_SECONDS = (2.0, 4.0, 8.0)
"""Between four requests in all: the most that one page of a search may cost the register.

The only place where a search's requests are tried again; a task around it must not retry.
"""

Answer = TypeVar("Answer")

_log = logging.getLogger(__name__)


def ask_again(ask: Callable[[], Answer], delays_seconds: Sequence[float]) -> Answer:
    """Ask until there is an answer, once more than there are delays.

    Raises what the last try met; what no retry mends, and a wait too long to sleep through, at once.
    """
    for delay_seconds in delays_seconds:
        try:
            return ask()
        except TransientError as error:
            wait_seconds = error.retry_after_seconds if isinstance(error, RegisterThrottled) else None
            if (wait_seconds or 0) > LONGEST_WAIT_SECONDS:
                raise
            _log.warning("%s Trying again in %.0f s.", error, delay_seconds)
            time.sleep(delay_seconds)
    return ask()
