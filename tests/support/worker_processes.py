"""The worker processes below a process, as the machine sees them."""

import time
from collections.abc import Callable
from contextlib import suppress

import psutil


def wait_until(is_true: Callable[[], object], seconds: float = 120.0) -> bool:
    """Ask until the answer is yes, without sleeping longer than a process takes to change."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_true():
            return True
        psutil.wait_procs([], timeout=0.01)
    return False


def children(pid: int | None = None) -> list[psutil.Process]:
    """Return the living workers below a process, and what they run."""
    found = []
    for process in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "documents.workers.process" in " ".join(process.cmdline()) or process.name() == "tesseract":
                found.append(process)
    return found


def names(processes: list[psutil.Process]) -> list[str]:
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            found.append(process.name())
    return found
