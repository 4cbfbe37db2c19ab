"""The room that the data folder takes, and what is left."""

import shutil

from planning_review.disk_sizes import format_bytes, measure_bytes
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
    advice = f", which is little: {describe_remedy()}" if is_little(free, sum(parts.values())) else ""
    lines = [f"{folder}, {format_bytes(sum(parts.values()))} ({sizes}); {format_bytes(free)} free{advice}"]
    if waiting := measure_bytes(settings.temp_dir):
        lines.append(f"{settings.temp_dir}, {format_bytes(waiting)} of temporary files")
    return lines


def is_little(free_bytes: int, data_bytes: int) -> bool:
    """Return whether the room left may be gone soon: a large application's, or a tenth of what is kept."""
    return free_bytes < max(LITTLE_BYTES, data_bytes // 10)


def describe_remedy() -> str:
    """Return what makes room."""
    return "`planning-review prune --yes` makes room now, the deployment maintenance every week"
