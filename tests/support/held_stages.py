"""The stages of a review, and what holds a run in each: slow answers, silent servers, long documents."""

import os
from collections.abc import Callable
from pathlib import Path

import pymupdf

from planning_review.sample.served import Fault, ServedDocument
from tests.flows.test_review_flow import FACTS, make_document, make_pdf
from tests.support.document_files import PARKING, write_endless_pdf, write_scanned_pdf
from tests.support.held_runs import Site
from tests.support.s3_server import SILENT, FaultProxy

HELD_SECONDS = 120.0
_WORKER_START_SECONDS = 1.5
_SLOW_PAGES = 4
_LONG_PAGES = 60

IsReached = Callable[[], bool]
Hold = Callable[[Site], IsReached]
"""Makes the next run at a site stay in one stage; what it returns says whether the run is there."""


def make_short_documents() -> list[ServedDocument]:
    """Return three documents that are read at once."""
    return [make_document(n, make_pdf("Introduction", fact)) for n, fact in enumerate(FACTS[:3], start=1)]


def make_slow_document(number: int, folder: Path) -> ServedDocument:
    """Return a document over which MuPDF takes some seconds."""
    page = pymupdf.open(write_endless_pdf(folder / f"page-{number}.pdf", [PARKING], forms=6))
    document = pymupdf.open()
    for _ in range(_SLOW_PAGES):
        document.insert_pdf(page)
    return make_document(number, bytes(document.tobytes()), "Slow drawings")


def make_scan(number: int, folder: Path) -> ServedDocument:
    """Return a page over which tesseract takes some seconds."""
    path = write_scanned_pdf(folder / f"scan-{number}.pdf", [f"{PARKING}\n" * 6])
    return make_document(number, path.read_bytes(), "Scanned letter")


def make_long_document(number: int) -> ServedDocument:
    """Return a document that is read at once and takes some seconds to embed."""
    pages = [f"Section {n}. {f'{FACTS[n % len(FACTS)]} ' * 20}" for n in range(_LONG_PAGES)]
    return make_document(number, make_pdf(*pages), "Long statement")


def hold_page(site: Site) -> IsReached:
    """Let the register take its time over the application's page."""
    path = f"/Planning/Display/{site.reference}"
    site.register.set_fault(path, Fault(kind="slow", seconds=HELD_SECONDS, times=1))
    before = len(site.register.requests)
    return lambda: any(request.path == path for request in site.register.requests[before:])


def hold_download(site: Site) -> IsReached:
    """Let the third document come slowly; reached in the middle of it."""
    third = site.documents[2]
    site.register.set_fault(third.document_id, Fault(kind="slow", seconds=HELD_SECONDS, times=1))
    return lambda: any((site.folder / "temp").rglob(f"{third.document_id}.*.part"))


def hold_manifest(site: Site) -> IsReached:
    """Leave the manifest's upload unanswered: the first, before any document's."""
    return _hold_requests(site.proxy, "PUT", f"{site.key}/manifest.json")


def hold_upload(site: Site) -> IsReached:
    """Leave the second document's upload unanswered."""
    return _hold_requests(site.proxy, "PUT", f"{site.key}/002_")


def hold_text(site: Site) -> IsReached:
    """Leave the uploads of texts unanswered: what was read is not indexed yet."""
    return _hold_requests(site.proxy, "PUT", "/results/text/")


def hold_outputs(site: Site) -> IsReached:
    """Leave the uploads of the review's files unanswered, which are all written by then."""
    return _hold_requests(site.proxy, "PUT", f"{site.key}/output/")


def hold_adding(site: Site) -> IsReached:
    """Leave the Chroma server's answer to new passages out."""
    assert site.chroma is not None
    return _hold_requests(site.chroma, "POST", "/add")


def hold_judging(site: Site) -> IsReached:
    """Leave the Chroma server's answers to the reviewer's questions out."""
    assert site.chroma is not None
    return _hold_requests(site.chroma, "POST", "/query")


def watch_reading(site: Site) -> IsReached:
    """Wait until all are stored and a worker has been busy for longer than it takes to start."""
    return lambda: (
        all(site.proxy.count_stored(f"{site.key}/{n:03d}_") for n in range(1, len(site.documents) + 1))
        and any(
            "documents.workers.process" in command and _read_cpu_seconds(process) > _WORKER_START_SECONDS
            for process, command in site.find_processes().items()
        )
    )


def watch_ocr(site: Site) -> IsReached:
    """Wait for tesseract at a page."""
    return lambda: any(
        command.startswith("tesseract") and "--version" not in command
        for command in site.find_processes().values()
    )


def watch_embedding(site: Site) -> IsReached:
    """Wait until the server knows that the long document is being indexed."""
    before = site.read_run_id()

    def is_reached() -> bool:
        run_id = site.read_run_id()
        if run_id in (None, before):
            return False
        return site.read_task_states(str(run_id)).get("index Long statement") == "Running"

    return is_reached


def _hold_requests(proxy: FaultProxy, method: str, part: str) -> IsReached:
    before = len(proxy.spoiled)
    proxy.fail_path(method, part, SILENT)
    return lambda: len(proxy.spoiled) > before


def _read_cpu_seconds(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
