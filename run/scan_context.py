"""The context of one scan: its settings, its council, and the turn to ask the register."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from prefect.runtime import flow_run

from planning_review.register.councils import get_council
from planning_review.register.platform import RegisterClient, RegisterSearch, get_platform
from planning_review.settings import Settings
from run.rate_limits import find_register_turn
from run.stopping import Stopping, stop_in_time

_current: ContextVar["ScanContext"] = ContextVar("current_scan")


class ScanContext:
    """What the tasks of one scan share: the settings, and the turn to ask the register."""

    def __init__(self, settings: Settings, council: str) -> None:
        self.settings = settings
        self.council = get_council(council, settings.register_url)
        self.platform = get_platform(self.council)
        self.stopping = Stopping()
        self._take_turn = find_register_turn(self.council.code, settings.register_interval_seconds)

    def wait_for_turn(self) -> None:
        """Wait until the register may be asked; raises RunStopped where the scan is to stop."""
        self.stopping.check()
        if self._take_turn:
            self._take_turn()

    def open_search(self) -> RegisterSearch:
        """Return a session of the register's search, to be closed."""
        return self.platform.open_search(self.settings, self.wait_for_turn)

    def open_client(self) -> RegisterClient:
        """Return a client for the register's application pages, to be closed."""
        return self.platform.open_client(self.settings, self.wait_for_turn)


@contextmanager
def open_scan(settings: Settings, council: str) -> Iterator[ScanContext]:
    """Open the context of a scan."""
    scan = ScanContext(settings, council)
    token = _current.set(scan)
    try:
        with stop_in_time(scan.stopping, UUID(flow_run.id), lambda: None):
            yield scan
    finally:
        _current.reset(token)


def current_scan() -> ScanContext:
    """Return the context of the scan that this thread works for."""
    return _current.get()
