"""What files take on the disk, and sizes as people read them."""

import os
from pathlib import Path


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
