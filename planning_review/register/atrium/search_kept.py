"""The pages of a search, kept in a folder of their own until the list is proven."""

import shutil
import tempfile
from pathlib import Path

from planning_review.register.found import SearchWindow


class KeptPages:
    """Writes each page as it comes; `pages.txt` says what was asked for each, and how it was answered.

    folder is None until the first page, and where a page could not be written: a full disk must not
    end a search that goes well.
    """

    def __init__(self, pages_dir: Path, council_code: str, window: SearchWindow) -> None:
        self._pages_dir = pages_dir
        self._prefix = f"search-{council_code}-{window.by}-{window.date_from}-to-{window.date_to}-"
        self._count = 0
        self._is_broken = False
        self.folder: Path | None = None

    def keep(self, asked: str, status: int, page: bytes) -> None:
        """Keep one page; asked is the request, as `GET https://…`."""
        if self._is_broken:
            return
        self._count += 1
        name = f"{self._count:03d}.html"
        try:
            if self.folder is None:
                self._pages_dir.mkdir(parents=True, exist_ok=True)
                self.folder = Path(tempfile.mkdtemp(prefix=self._prefix, dir=self._pages_dir))
            (self.folder / name).write_bytes(page)
            with (self.folder / "pages.txt").open("a", encoding="utf-8") as index:
                index.write(f"{name} {status} {asked}\n")
        except OSError:
            self._is_broken = True
            self.drop()

    def describe(self) -> str:
        """Return a sentence that says where the pages are."""
        return f"The pages are kept in {self.folder}." if self.folder else "The pages could not be kept."

    def drop(self) -> None:
        """Remove the folder: the list was proven, or there is nothing in it to look at."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None
