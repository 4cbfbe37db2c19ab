"""The contents of a bucket's folders when a run first looked: a new file costs no request of its own."""

from collections.abc import Callable, Mapping
from threading import Lock

from planning_review.errors import PlanningReviewError


class FolderListings:
    """Answers whether a key may be taken, from one listing a folder; safe for several threads.

    A key that another process stores later is not seen. That costs a PUT of the same bytes, which
    changes nothing.
    """

    def __init__(self, list_keys: Callable[[str], Mapping[str, object]]) -> None:
        self._list_keys = list_keys
        self._folders: dict[str, set[str] | None] = {}
        self._lock = Lock()

    def may_hold(self, key: str) -> bool:
        """Say False only where the folder was listed without the key."""
        folder = key.rpartition("/")[0]
        if not folder:
            return True
        with self._lock:
            if folder not in self._folders:
                try:
                    self._folders[folder] = set(self._list_keys(folder))
                except PlanningReviewError:
                    # Remembered too: a key that may not list would be refused for every file.
                    self._folders[folder] = None
            keys = self._folders[folder]
            return keys is None or key in keys

    def add(self, key: str) -> None:
        """Note that the key is taken from now on."""
        with self._lock:
            keys = self._folders.get(key.rpartition("/")[0])
            if keys is not None:
                keys.add(key)
