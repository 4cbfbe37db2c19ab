"""A place where something may be kept, what was found on looking through it, and files as such a place."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, Protocol


class Look(NamedTuple):
    """What was looked through in a place, what of the subject is there, and what stays for now and why."""

    looked: str
    found: tuple[str, ...] = ()
    stays: str = ""


class Place(Protocol):
    """Somewhere that something may be kept."""

    @property
    def name(self) -> str:
        """Return what the place is called."""

    def look(self) -> Look:
        """Look through all of it."""

    def erase(self) -> None:
        """Erase what `look` would find; raises PlanningReviewError or OSError where that can't be done."""


class Files:
    """Files below some folders. A test of the path below its root, and of the file, tells which are to go."""

    def __init__(self, name: str, roots: Iterable[Path], is_to_go: Callable[[str, Path], bool]) -> None:
        self.name = name
        self._roots = list(roots)
        self._is_to_go = is_to_go

    def look(self) -> Look:
        """Look through all files, whole."""
        files = self._walk()
        return Look(
            f"{len(files)} files", tuple(str(path) for key, path in files if self._is_to_go(key, path))
        )

    def erase(self) -> None:
        """Remove the files, and the folders that are empty then."""
        # All are told first: what one of them is may be told by another.
        for path in [path for key, path in self._walk() if self._is_to_go(key, path)]:
            path.unlink(missing_ok=True)
            self._remove_empty(path.parent)

    def _walk(self) -> list[tuple[str, Path]]:
        return [
            (path.relative_to(root).as_posix(), path)
            for root in self._roots
            for path in sorted(root.rglob("*"))
            if path.is_file() or path.is_symlink()
        ]

    def _remove_empty(self, folder: Path) -> None:
        while folder not in self._roots and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; none of one that has gone meanwhile."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        return b""
