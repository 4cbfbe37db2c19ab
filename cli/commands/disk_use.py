"""The room that the data folder takes, and what is left."""

import os
import shutil
from pathlib import Path

from planning_review.settings import Settings

LITTLE_BYTES = 2 * 1000**3
"""With less than this free, a large application may not fit."""

_MENTIONED_BYTES = 100_000


def describe_disk(settings: Settings) -> list[str]:
    """Return the data folder with the size of its larger parts, the room left on its disk, and what waits.

    What waits are documents on their way to S3, in a folder of their own.
    """
    folder = settings.data_dir
    if not folder.is_dir():
        return [f"{folder} (nothing there yet)"]
    parts = {child.name: measure_bytes(child) for child in sorted(folder.iterdir())}
    free = shutil.disk_usage(folder).free
    sizes = ", ".join(
        f"{name} {format_bytes(size)}" for name, size in parts.items() if size > _MENTIONED_BYTES
    )
    advice = ", which is little: planning-review prune" if free < LITTLE_BYTES else ""
    lines = [f"{folder}, {format_bytes(sum(parts.values()))} ({sizes}); {format_bytes(free)} free{advice}"]
    if waiting := measure_bytes(settings.temp_dir):
        lines.append(f"{settings.temp_dir}, {format_bytes(waiting)} of temporary files")
    return lines


def measure_bytes(path: Path) -> int:
    """Return what a file or a folder takes on the disk; what goes away meanwhile counts for nothing."""
    if not path.is_dir():
        return _size_of(path)
    return sum(
        _size_of(Path(folder) / name) for folder, _, names in os.walk(path, onerror=None) for name in names
    )


def format_bytes(size: int) -> str:
    """Return a size as people read it: `12 KB`, `3.4 MB`."""
    if size < 1000:
        return f"{size} bytes"
    for unit in ("KB", "MB", "GB", "TB"):
        size_in_unit = size / 1000 ** ("KB", "MB", "GB", "TB").index(unit) / 1000
        if size_in_unit < 999.5 or unit == "TB":
            return f"{size_in_unit:.0f} {unit}" if size_in_unit >= 10 else f"{size_in_unit:.1f} {unit}"
    raise AssertionError


def _size_of(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0
