"""Sees that the folders of the settings can be written and have room, before anything is put there."""

import errno
import os
import pwd
import shutil
import tempfile
from pathlib import Path

from planning_review.errors import PermanentError, UsageError
from planning_review.settings import Settings

LEAST_BYTES = 50 * 1000**2
"""With less than this free, not even a small application fits."""

_FULL = (errno.ENOSPC, errno.EDQUOT)
_REFUSED = (errno.EACCES, errno.EPERM)
_PRIVATE = 0o700
_OTHERS = 0o077
_OUR_PARTS = frozenset(
    {
        "bucket-catalogue",
        "chroma",
        "locks",
        "notices",
        "output",
        "pages",
        "policies",
        "prefect",
        "raw",
        "results",
        "sample",
        "text",
    }
)
"""What lies in a data folder that holds nothing else."""


def require_folders(settings: Settings) -> None:
    """Make the data folder, and with S3 the temporary one, and try to write there.

    Other users are shut out of a data folder that holds nothing but what is ours. Raises UsageError where
    one can't be written, or one of the data folder's parts can't, as after a command that another user ran,
    and PermanentError where there is no room left.
    """
    require_folder(settings.data_dir, "PLANNING_DATA_DIR")
    if find_open_mode(settings.data_dir) and _is_ours(settings.data_dir):
        settings.data_dir.chmod(_PRIVATE)
    for part in sorted(settings.data_dir.iterdir()):
        if part.is_dir() and not os.access(part, os.W_OK | os.X_OK):
            raise UsageError(describe_refusal(part, "Permission denied", "PLANNING_DATA_DIR"))
    if settings.uses_bucket:
        require_folder(settings.temp_dir, "PLANNING_TEMP_DIR")


def require_folder(folder: Path, setting: str) -> int:
    """Make a folder and try to write there; returns the bytes that are free on its disk. Raises as above."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"Can this be written?")
        free_bytes = shutil.disk_usage(folder).free
    except OSError as error:
        if error.errno in _FULL:
            raise PermanentError(_describe_full(folder, 0, setting)) from error
        raise UsageError(describe_refusal(folder, error.strerror or str(error), setting)) from error
    if free_bytes < LEAST_BYTES:
        raise PermanentError(_describe_full(folder, free_bytes, setting))
    return free_bytes


def find_open_mode(folder: Path) -> str | None:
    """Return the mode of a folder that other users can enter or list, None of one that they can't."""
    mode = folder.stat().st_mode & 0o777
    return f"{mode:o}" if mode & _OTHERS else None


def _is_ours(folder: Path) -> bool:
    return folder.stat().st_uid == os.geteuid() and {part.name for part in folder.iterdir()} <= _OUR_PARTS


def describe_refusal(folder: Path, reason: str, setting: str) -> str:
    """Say that a folder can't be written, whose it is, and what mends that."""
    if reason == os.strerror(errno.EROFS):
        return (
            f"The folder {folder} ({setting}) can't be written: its file system is mounted read-only, for "
            f"every user. Set {setting} to a folder on another one, or have this one mounted for writing (a "
            "fault of the disk shuts it, too: `dmesg` says so)."
        )
    there = next(place for place in (folder, *folder.parents) if place.exists())
    user = _name_user()
    owner = f" {there} belongs to {_name_owner(there)}, and this is {user}." if there.is_dir() else ""
    return (
        f"The folder {folder} ({setting}) can't be written: {reason}.{owner} Give it to whoever runs this, "
        f"as root: chown -R {user}: {there} - or set {setting} to a folder of your own."
    )


def explain_os_error(error: OSError) -> str | None:
    """Return what is wrong with a file or its disk and what to do; None for any other kind of error."""
    place = f"{error.filename}: " if error.filename else ""
    if error.errno in _FULL:
        return (
            f"{place}the disk is full. What was done is kept. Make room, with `planning-review prune --yes` "
            "or otherwise, then give the same command again."
        )
    if error.errno == errno.EROFS:
        return (
            f"{place}{error.strerror}: no user can write there. Set PLANNING_DATA_DIR and PLANNING_TEMP_DIR "
            "to folders on a file system that is mounted for writing."
        )
    if error.errno in _REFUSED:
        return (
            f"{place}{error.strerror}. It belongs to another user, who ran a command here before, or cannot "
            f"be written at all. This is {_name_user()}: give it to that user (chown -R), or set "
            "PLANNING_DATA_DIR and PLANNING_TEMP_DIR to folders of your own."
        )
    return None


def _describe_full(folder: Path, free_bytes: int, setting: str) -> str:
    return (
        f"Only {free_bytes / 1000**2:.1f} MB are free in {folder} ({setting}), and a review takes at least "
        f"{LEAST_BYTES / 1000**2:.0f} MB. Make room, with `planning-review prune --yes` or otherwise, or set "
        f"{setting} to a folder on another disk."
    )


def _name_user() -> str:
    # Not by the environment: `su` and `runuser` may leave another name in it.
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _name_owner(place: Path) -> str:
    try:
        return place.owner()
    except (KeyError, OSError):
        return f"user {place.stat().st_uid}"
