"""A page kept for a person to look at, or to send to us: without what lets others use the session."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from planning_review.errors import ListNotProven, RegisterLayoutError
from planning_review.register.search import SearchWindow

_NAMES = rb"[^\"'>\s]*(?:token|csrf|nonce|viewstate|eventvalidation|session|captcha)"
_TAG = re.compile(rb"<(?:input|meta|button)\b[^>]*>", re.IGNORECASE)
_SECRET_TAG = re.compile(rb"\b(?:name|id|property)\s*=\s*[\"']?" + _NAMES, re.IGNORECASE)
_VALUE = re.compile(rb"(\b(?:value|content)\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_IN_ADDRESS = re.compile(
    rb"(;jsessionid=|[?&;](?:amp;)?(?:_csrf|csrf|token|sid|sessionid|__requestverificationtoken)=)[^\"'&<>\s;?#]+",
    re.IGNORECASE,
)
_IN_SCRIPT = re.compile(
    rb"((?:[\w-]*(?:csrf|token|jsessionid|sessionid)[\w-]*|cookie)[\"']?\s*[:=]\s*)(\"[^\"]{6,}\"|'[^']{6,}')",
    re.IGNORECASE,
)
_REMOVED = b"(removed)"


def scrub_page(page: bytes) -> bytes:
    """Return a page without the values of its tokens, session names and cookies."""
    page = _TAG.sub(lambda tag: _scrub_tag(tag[0]), page)
    page = _IN_ADDRESS.sub(rb"\g<1>" + _REMOVED, page)
    return _IN_SCRIPT.sub(rb'\g<1>"' + _REMOVED + b'"', page)


def scrub_address(address: str) -> str:
    """Return an address without the tokens and session names in it."""
    return _IN_ADDRESS.sub(rb"\g<1>" + _REMOVED, address.encode()).decode()


def keep_page(pages_dir: Path, name: str, page: bytes) -> tuple[str, Path | None]:
    """Write a scrubbed page and return a sentence that says where it is, and its path.

    name is its stem; pages that differ get different files. The path is None where it could not be
    written: a full disk must not hide what is wrong with the page.
    """
    digest = hashlib.sha256(page).hexdigest()[:8]
    safe = re.sub(r"[^A-Za-z0-9.-]+", "_", name).strip("._")[:80]
    path = pages_dir / f"{safe}_{digest}.html"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(scrub_page(page))
    except OSError as failure:
        return f"The page could not be kept at {path}: {failure.strerror}.", None
    return f"The page is kept at {path}.", path


def _scrub_tag(tag: bytes) -> bytes:
    return _VALUE.sub(rb'\g<1>"' + _REMOVED + b'"', tag) if _SECRET_TAG.search(tag) else tag


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
            (self.folder / name).write_bytes(scrub_page(page))
            with (self.folder / "pages.txt").open("a", encoding="utf-8") as index:
                index.write(f"{name} {status} {scrub_address(asked)}\n")
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


@contextmanager
def keeping_pages(pages_dir: Path, council_code: str, window: SearchWindow) -> Iterator[KeptPages]:
    """Keep the pages of a search; those of one that is not proven stay, and its error names them."""
    kept = KeptPages(pages_dir, council_code, window)
    try:
        yield kept
    except (ListNotProven, RegisterLayoutError) as error:
        raise type(error)(f"{error} {kept.describe()}", kept.folder) from error
    except BaseException:
        kept.drop()
        raise
    kept.drop()
