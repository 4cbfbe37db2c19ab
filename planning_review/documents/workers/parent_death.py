"""The end of a worker process, and of the tesseract that it runs, with the process that started them.

Also when that one is killed with SIGKILL and can clean up nothing. Linux only: elsewhere a worker
ends after its job, when it finds its input closed.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_PR_SET_PDEATHSIG = 1
_is_active = False


def die_with_parent(parent_pid: int) -> None:
    """Ask the kernel to kill this process when the thread that started it ends.

    The thread, not its process: so the starter must live as long as the worker shall.
    """
    global _is_active
    signal.signal(signal.SIGTERM, _kill_own_group)
    if sys.platform != "linux":
        return
    _is_active = True
    _set_death_signal(signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)  # it had ended before we asked


@contextmanager
def group_dies_with_parent() -> Iterator[None]:
    """Let the children of this process, too, end with its parent while the block runs.

    SIGKILL would leave them behind. A handler can kill them, but runs only while this process is in
    Python: so not while MuPDF draws, but well while it waits for tesseract.
    """
    if not _is_active:
        yield
        return
    _set_death_signal(signal.SIGTERM)
    try:
        yield
    finally:
        _set_death_signal(signal.SIGKILL)


def _kill_own_group(signum: int, frame: FrameType | None) -> None:
    os.killpg(0, signal.SIGKILL)


def _set_death_signal(number: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
