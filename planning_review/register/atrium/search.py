"""The search of a register: every application of a window of days, proven by the register's own count.

A list counts as whole only where as many different references were collected as the register prints.
Where its pages do not yield that many, other page sizes are tried, then the halves of the window, down
to single days. Each page is asked for four times at most, here and nowhere else: what calls this must
not retry it.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from planning_review.errors import ListNotProven, RegisterLayoutError
from planning_review.register.atrium.search_kept import KeptPages
from planning_review.register.atrium.search_list import ListReader, Reading
from planning_review.register.atrium.search_session import RETRY_DELAYS_SECONDS, SEARCH_HINT, SearchSession
from planning_review.register.councils import Council
from planning_review.register.found import FoundList, SearchWindow
from planning_review.register.http import PacedHttp
from planning_review.register.pacing import Pacer

_log = logging.getLogger(__name__)


class RegisterSearch:
    """Searches one council's register in a session of its own; for one thread at a time.

    shared_turn is called before each request and waits until no other machine is in the way; its
    errors pass through.
    """

    def __init__(
        self,
        council: Council,
        *,
        locks_dir: Path,
        interval_seconds: float,
        contact: str | None,
        pages_dir: Path,
        timeout_seconds: float = 60,
        shared_turn: Callable[[], None] | None = None,
        retry_delays_seconds: Sequence[float] = RETRY_DELAYS_SECONDS,
    ) -> None:
        self._council = council
        self._pages_dir = pages_dir
        pacer = Pacer(locks_dir, council.code, interval_seconds, shared_turn)
        self._http = PacedHttp(council, pacer, contact, timeout_seconds, SEARCH_HINT)
        self._session = SearchSession(council, self._http, retry_delays_seconds)
        self._reader = ListReader(council, self._session)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def find(self, window: SearchWindow) -> FoundList:
        """Find every application of a window and prove that the list is whole.

        Raises ListNotProven, and RegisterLayoutError for pages that are no search and for a search that
        was refused: both keep every page in a folder under pages_dir and name it. Raises
        RegisterUnavailable, RegisterThrottled, BotChallenge and PermanentError as RegisterClient does.
        """
        kept = KeptPages(self._pages_dir, self._council.code, window)
        self._session.kept = kept
        try:
            found = self._prove(window)
        except ListNotProven as error:
            raise ListNotProven(f"{error} {kept.describe()}", kept.folder) from error
        except RegisterLayoutError as error:
            raise RegisterLayoutError(f"{error} {kept.describe()}", kept.folder) from error
        except BaseException:
            kept.drop()
            raise
        kept.drop()
        return found

    def _prove(self, window: SearchWindow) -> FoundList:
        reading = self._reader.read(window)
        if reading.is_whole:
            return FoundList(
                window=window, applications=tuple(reading.found.values()), total_printed=len(reading.found)
            )
        if window.days == 1:
            raise _explain_not_proven(window, reading)
        _log.warning(
            "%s: %d listed of %s that the register counts (%s). Searching the two halves.",
            window.describe(),
            len(reading.found),
            reading.total,
            reading.problem,
        )
        # Whatever the session has come to, such as a page size that breaks pages, is left behind.
        self._session.forget()
        union = Reading(reading.total, "all that the two halves of these days hold")
        for half in window.halve():
            union.add(self._prove(half).applications)
        if not union.is_whole:
            # One may have come in meanwhile, so the register is asked for its number again.
            union.total = self._reader.read_total(window)
        if not union.is_whole:
            raise _explain_not_proven(window, union)
        return FoundList(
            window=window, applications=tuple(union.found.values()), total_printed=len(union.found)
        )


def _explain_not_proven(window: SearchWindow, reading: Reading) -> ListNotProven:
    counted = "no number was seen" if reading.total is None else f"the register counts {reading.total}"
    return ListNotProven(
        f"The list of {window.describe()} is not proven: {counted} and {len(reading.found)} were found "
        f"({reading.problem}). Nothing was taken from it. Make the same search by hand on the register, "
        "or try again later."
    )
