"""`planning-review read`: what the reader makes of files, with no register, server or index."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.documents.workers.reading_pool import ReadingPool, open_reading_pool
from planning_review.errors import UsageError
from planning_review.models import DocumentText, PageText
from planning_review.report.presentation import plain_text
from planning_review.settings import load_settings

_PAGE_KEYS = {"number", "page_class", "text", "ocr", "ocr_confidence", "reason"}


def run_read(files: Sequence[str], print_json: Callable[[object], None] | None) -> int:
    """Print the text of each file by page, and why what is not there was not read."""
    for name in files:
        if not Path(name).is_file():
            what = "is a folder" if Path(name).is_dir() else "is not there"
            raise UsageError(f"{name} {what}: name the files that are to be read.")
    settings = load_settings()
    pool = open_reading_pool(settings)
    try:
        # The pool has its own number of processes: the threads only wait for it.
        with ThreadPoolExecutor(settings.workers + 1) as threads:
            texts = list(threads.map(lambda name: _read_file(pool, Path(name)), files))
    finally:
        pool.close()
    if print_json:
        print_json([_describe(name, text) for name, text in zip(files, texts, strict=True)])
        return 0
    for name, text in zip(files, texts, strict=True):
        _print_file(name, text)
    return 0


def _read_file(pool: ReadingPool, path: Path) -> DocumentText:
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return pool.read_document(path, sha256, sniff_kind(path))


def _describe(name: str, text: DocumentText) -> dict[str, object]:
    return {
        "file": name,
        "kind": text.kind.value,
        "state": text.state.value,
        "reason": text.reason,
        "pages": [page.model_dump(include=_PAGE_KEYS) for page in text.pages],
    }


def _print_file(name: str, text: DocumentText) -> None:
    """Print a file's text without what a terminal would obey."""
    pages = f"{text.page_count} {'page' if text.page_count == 1 else 'pages'}"
    click.echo(f"{plain_text(name)}: {text.kind.value}, {text.state.value}, {pages}")
    if text.reason:
        click.echo(f"  {plain_text(text.reason)}")
    for page in text.pages:
        click.echo(f"\n--- {_head_of(page)}")
        for line in page.text.split("\n"):
            click.echo(plain_text(line))
    click.echo()


def _head_of(page: PageText) -> str:
    how = f", read by OCR ({page.ocr_confidence:.0f} of 100)" if page.ocr_confidence is not None else ""
    return f"page {page.number}: {page.page_class}{how}"
